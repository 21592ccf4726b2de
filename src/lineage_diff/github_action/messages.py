"""The texts to publish for a report: comment, summary, check run, log and annotations."""

from collections.abc import Callable, Sequence

from markupsafe import Markup
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.forge.github.limits import COMMENT_LIMIT
from lineage_diff.forge.publication import (
    STATE_LENGTH,
    Annotation,
    AnnotationLevel,
    Earlier,
    ImageUrls,
    Note,
)
from lineage_diff.github_action.activity import CheckCommit, Compare, NamedRev
from lineage_diff.github_action.images import without_graph
from lineage_diff.github_action.outcome import Conclusion
from lineage_diff.github_action.runner.inputs import FailOn, GraphAs
from lineage_diff.render.exports.github_annotations import annotated
from lineage_diff.render.exports.github_annotations import annotations as commands
from lineage_diff.render.last_push import since_line
from lineage_diff.render.markdown import PLOTS, markdown
from lineage_diff.render.options import DEFAULT_WIDTH, Pictures
from lineage_diff.render.plots.files import pictures_with_urls as plots_shown
from lineage_diff.render.summary import summary_of
from lineage_diff.render.templates import render
from lineage_diff.render.terminal import terminal
from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report
from lineage_diff.text import visible, visible_lines

# Characters reserved for the hidden marker, two states and one more line.
_RESERVED = 1_500 + 2 * STATE_LENGTH
# In characters of at most four bytes: GitHub drops a job summary of more than 1 MiB.
SUMMARY_LIMIT = 250_000
# GitHub's limit for the text of a check run is 65,535 characters; it renders no Mermaid there.
CHECK_LIMIT = 60_000
# With the lines above and below them, five.
VERDICT_FINDINGS = 3
# GitHub shows 10 errors, 10 warnings and 10 notices per step.
COMMANDS = 10

_LEVELS: dict[str, AnnotationLevel] = {"error": "failure", "warning": "warning", "info": "notice"}


def comment_text(
    report: Report,
    graph: GraphAs,
    below: Callable[[str], str] = str,
    earlier: Earlier | None = None,
    run_url: str = "",
) -> Callable[[ImageUrls | None], str]:
    """Return a function that renders the comment's Markdown for the URLs of its images.

    `below` may append a line to it. With an `earlier` state, it says what the last push changed.
    `run_url` is the page of the run, which shows the full report.
    """

    def since() -> Markup:
        return since_line(earlier.state, earlier.head_commit, report) if earlier else Markup()

    shown = report if graph != "none" else without_graph(report)

    def text(urls: ImageUrls | None) -> str:
        pictures = None
        if urls is not None:
            plots = plots_shown(report.drawings, urls.others)
            beyond = sum(drawing.unknown is None for drawing in report.drawings) - PLOTS
            pictures = Pictures(urls.light, urls.dark, plots=plots, plots_beyond=max(0, beyond))
        limit = COMMENT_LIMIT - _RESERVED
        charts = graph != "none"
        return below(markdown(shown, pictures, limit, charts=charts, since=since, run_url=run_url))

    return text


def origin_appender(run_url: str, head_repository: str) -> Callable[[str], str]:
    """Return a function that appends the origin of an untrusted report, as GitHub names it."""

    def below(body: str) -> str:
        return render(
            "action/untrusted.md.j2",
            body=Markup(body),
            run_url=Markup(run_url),
            head_repository=head_repository,
        )

    return below


def summary_text(report: Report, graph: GraphAs) -> str:
    """Return the Markdown of the job's summary: as the comment, with a higher limit."""
    shown = report if graph != "none" else without_graph(report)
    return markdown(shown, None, SUMMARY_LIMIT, charts=graph != "none")


def with_notes(body: str, notes: Sequence[str]) -> str:
    """Return the Markdown of a job's summary, followed by one line for each note."""
    return render("action/summary.md.j2", body=Markup(body), notes=notes).rstrip("\n") + "\n"


def check_name(id: str) -> str:  # noqa: A002  # the input's own name
    """Return the name of the check run, which must differ from a job's name."""
    return render("action/check_name.j2", id=id).strip()


def check_title(report: Report) -> str:
    """Return the outcome in one line of plain text."""
    return render(
        "action/check_title.j2",
        summary=summary_of(report),
        report=report,
        nothing_of_dvc=_nothing_of_dvc(report),
    )


def remarks(report: Report) -> tuple[str, ...]:
    """Return general remarks on the report, as lines of plain text."""
    return (render("action/no_dvc.j2").strip(),) if _nothing_of_dvc(report) else ()


def warnings(report: Report) -> tuple[str, ...]:
    """Return what a check that passes must not hide, in lines of plain text."""
    return (render("words/no_model.j2").strip(),) if summary_of(report).no_model else ()


def begin(activity: Compare | CheckCommit) -> str:
    """Return the first line of the log: the commits to compare or check."""
    base = activity.base if isinstance(activity, Compare) else None
    named = [_rev_name(side) for side in (base, activity.head) if side is not None]
    return render("action/begin.j2", version=__version__, named=named).strip()


def _rev_name(side: NamedRev) -> str:
    return visible(side.name if side.name in side.rev else f"{side.name} ({side.rev[:7]})")


def log_text(report: Report) -> str:
    """Return the report for the step's log."""
    return terminal(report, color=False, width=DEFAULT_WIDTH)


def verdict_text(
    report: Report, conclusion: Conclusion, fail_on: FailOn, places: Sequence[str]
) -> str:
    """Return the last lines of the log: the outcome, what made it fail, and where the rest is.

    `places` are the URLs and files that hold the whole report.
    """
    severities = ("error", "warning") if fail_on == "warning" else ("error",)
    counting = [
        _on_one_line(finding)
        for severity in severities
        for finding in report.findings
        if finding.severity == severity
    ]
    most = VERDICT_FINDINGS if len(counting) <= VERDICT_FINDINGS else VERDICT_FINDINGS - 1
    text = render(
        "action/verdict.j2",
        summary=summary_of(report),
        report=report,
        title=check_title(report),
        conclusion=conclusion,
        fail_on=fail_on,
        findings=counting[:most],
        more=len(counting[most:]),
        places=places,
    )
    return text.rstrip("\n")


def _on_one_line(finding: Finding) -> Finding:
    texts = {name: getattr(finding, name) for name in ("file", "subject", "message", "hint")}
    return replace(
        finding, **{name: visible(" ".join(text.split())) for name, text in texts.items() if text}
    )


def _nothing_of_dvc(report: Report) -> bool:
    return report.verdict.conclusion == "neutral" and not report.pipelines and not report.data


def check_summary(report: Report, run_url: str = "") -> str:
    """Return the Markdown of the check run's page; `run_url` is that of the run."""
    return markdown(without_graph(report), None, CHECK_LIMIT, charts=False, run_url=run_url)


def annotations(report: Report) -> tuple[Annotation, ...]:
    """Return the findings in files, as annotations of their lines, then their related lines."""
    return tuple(
        Annotation(
            finding.file,
            finding.line or 1,
            _LEVELS[finding.severity],
            finding.rule,
            visible_lines(f"{finding.message}\n{finding.hint}".rstrip("\n")),
        )
        for finding in annotated(report.findings)
        if finding.file
    )


def note_lines(notes: Sequence[Note], fork: bool, report_path: str) -> tuple[str, ...]:
    """Return one line for each note: what was not published, why, and how to fix it.

    All refusals of a fork's token are one line together.
    """
    lines = [
        render("action/note.j2", note=note).strip()
        for note in notes
        if not (fork and note.why == "forbidden")
    ]
    if len(lines) < len(notes):
        lines.insert(0, render("action/fork.j2", report_path=report_path).strip())
    return tuple(dict.fromkeys(lines))


def workflow_commands(report: Report) -> tuple[str, ...]:
    """Return the findings as workflow commands, up to GitHub's limit per step."""
    shown: dict[str, list[str]] = {}
    for line in commands(report).split("\n")[:-1]:
        shown.setdefault(line.split(" ", 1)[0], []).append(line)
    return tuple(line for lines in shown.values() for line in lines[:COMMANDS])
