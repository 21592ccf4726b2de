"""The comment on a pull request, in GitHub Flavored Markdown."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from lineage_diff.render.escape.markdown import with_references
from lineage_diff.render.experiments.grid import COLUMNS, FINDINGS, report_grid
from lineage_diff.render.folds import Detail, fit_sections
from lineage_diff.render.graph.labels import alt_text
from lineage_diff.render.graph.mermaid import mermaid
from lineage_diff.render.groups.items import ItemGroup
from lineage_diff.render.groups.models import DETAILS, MOST_ROWS, row_names
from lineage_diff.render.links import linking, page
from lineage_diff.render.metrics_table import metric_rows
from lineage_diff.render.options import Pictures
from lineage_diff.render.plots.mermaid_charts import Chart, first_charts
from lineage_diff.render.plots.table import plot_rows
from lineage_diff.render.summary import Summary, summary_of
from lineage_diff.render.templates import render, without_gaps
from lineage_diff.report.change import flat
from lineage_diff.report.report import Report, without_nan_changes

# In characters: the limit of a GitHub comment.
DEFAULT_LIMIT = 65_536

SECTIONS = (
    "all_models",
    "findings",
    "owners",
    "data",
    "params",
    "metrics",
    "experiments",
    "plots",
    "runs",
    "pipeline",
    "unknowns",
)
# The order in which sections are left out to meet the limit; rows of models are the last.
CUT_ORDER = (
    "runs",
    "owners",
    "plots",
    "experiments",
    "pipeline",
    "params",
    "data",
    "unknowns",
    "metrics",
    "all_models",
    "findings",
    "picture",
)
# In bytes: the most above the folds, besides the picture.
ABOVE_FOLDS = 8_000
# Members, causes and metrics of a row in a folded section, if all of them are too long.
FEWER_MEMBERS = (100, 10)
# In characters: no member of a row is shorter; no cause or metric, with what separates two.
_SHORTEST = 4
_SHORTEST_DETAIL = 12
# Around the name of a member: its backticks, a comma and a space.
_MARKUP = 4
# Plot images in one comment: reviewers do not scroll further.
PLOTS = 6

# Characters for the addresses of links, at most a tenth of all.
_REFERENCES = 6_000
# Where the picture goes. No text of a repository has this character: it would be escaped.
_HERE = "\x00"


class _Size(Struct, frozen=True):
    """The size of what is above the folds: rows of models, causes in each, characters of a name."""

    models: int = MOST_ROWS
    details: int = DETAILS
    width: int = 100


_SIZES = (
    _Size(),
    _Size(details=3),
    _Size(details=2, width=80),
    _Size(details=1, width=80),
    _Size(6, 1, 60),
    _Size(3, 1, 60),
    _Size(1, 1, 60),
)


def markdown(
    report: Report,
    pictures: Pictures | None = None,
    limit: int = DEFAULT_LIMIT,
    *,
    charts: bool = True,
    since: Callable[[], Markup] = Markup,
    run_url: str = "",
) -> str:
    """Return the comment, at most `limit` characters long.

    Above the folds are at most `MOST_ROWS` rows of models and `ABOVE_FOLDS` bytes, besides the
    picture. The folded sections are complete as far as the limit allows; then they are shortened,
    and at last left out in `CUT_ORDER`, and the comment names those. With `pictures` the graph is
    an image, otherwise a Mermaid block; so are the first plots, unless `charts` is false. `since`
    returns the line on the last push, `run_url` the page with the full report. Rules link to their
    pages; commits, files and lines to the report's server, if it is known. Raises `ValueError` if
    even the shortest text exceeds the limit.
    """
    report = without_nan_changes(report)
    with linking(report) as links:
        text = _fitted(
            report, pictures, limit - min(_REFERENCES, limit // 10), charts, since, run_url
        )
    if text is None:
        raise ValueError(limit)
    return with_references(text, links, limit)


def _fitted(
    report: Report,
    pictures: Pictures | None,
    limit: int,
    charts: bool,
    since: Callable[[], Markup],
    run_url: str,
) -> str | None:
    """Return the comment without the addresses of its links; `None` if nothing fits."""
    values = _values(report, pictures, since, run_url, charts=charts)
    graph = _graph(report, pictures)
    size, top = _top(values)
    values["folded"] = _is_folded(values["summary"], size)
    present = [name for name in CUT_ORDER if _present(name, values, graph)]
    for most in (limit // _SHORTEST, *FEWER_MEMBERS):
        values["members"] = most
        # To render members that cannot fit takes a third of the time for 10,000 models.
        if _least_length(values["summary"], most) > limit:
            continue
        text = _whole(values, top, graph, (), limit)
        if text is not None:
            return text
    for cut in range(1, len(present) + 1):
        text = _whole(values, top, graph, present[:cut], limit)
        if text is not None:
            return text
    for size in _SIZES:
        text = _whole(values, _head(values, size), graph, present, limit)
        if text is not None:
            return text
    return None


def _least_length(summary: Summary, most: int) -> int:
    """Return what the names of the members of all rows take at least, with `most` of each row."""
    kinds: tuple[Sequence[ItemGroup[Any]], ...] = (
        summary.data_rows,
        summary.finding_rows,
        summary.stage_rows,
        summary.unknown_rows,
    )
    rows = (row for kind in kinds for row in kind if len(row.items) > 1)
    return sum(len(rest) + _MARKUP for row in rows for rest in row.rests[:most])


def _values(
    report: Report,
    pictures: Pictures | None,
    since: Callable[[], Markup],
    run_url: str,
    *,
    charts: bool,
) -> dict[str, Any]:
    """Return the values that every part of a comment is made from."""
    return {
        "report": report,
        "summary": summary_of(report),
        "since": since(),
        "run_url": run_url,
        "help_url": page("README.md"),
        "flat": flat,
        "metric_rows": metric_rows(report),
        "plot_rows": plot_rows(report),
        "plot_charts": _charts(report, pictures) if charts else [],
        "plot_pictures": pictures.plots[:PLOTS] if pictures is not None else (),
        "plots_beyond": pictures.plots_beyond if pictures is not None else 0,
        "grid": report_grid(report, COLUMNS),
        "most": FINDINGS,
        "notes": len(report.findings) - report.verdict.errors - report.verdict.warnings,
        "pipelines": [p for p in report.pipelines if p.change in ("added", "removed")],
    }


def _top(values: Mapping[str, Any]) -> tuple[_Size, tuple[str, str]]:
    """Return what is above and below the picture, at most `ABOVE_FOLDS` bytes, and its size."""
    for size in _SIZES:
        top = _head(values, size)
        if len("".join(top).encode()) <= ABOVE_FOLDS:
            break
    return size, top


def _is_folded(summary: Summary, size: _Size) -> bool:
    """Whether the rows above the folds leave something out, such as the middle of a path."""
    return summary.folded or any(len(row.name) > size.width for row in summary.rows)


def _head(values: Mapping[str, Any], size: _Size) -> tuple[str, str]:
    names = row_names(values["summary"].rows[: size.models], size.width)
    above, _, below = render(
        "comment.md.j2",
        **values,
        names=names,
        details=size.details,
        rows={"models": size.models},
        picture=Markup(_HERE),  # noqa: S704
    ).partition(_HERE)
    return above, below


def _whole(
    values: Mapping[str, Any],
    top: tuple[str, str],
    graph: str,
    cut: Sequence[str],
    limit: int,
) -> str | None:
    """Return the comment without the sections in `cut`, `None` if it exceeds the limit."""
    picture = "" if "picture" in cut else graph
    end = partial(render, "comment/footer.md.j2", **values, left_out=cut)
    rows = _rows(values)
    names = [name for name in SECTIONS if rows[name] and name not in cut]
    room = limit - len("".join(top)) - len(picture) - len(end(shortened=True)) - 4 * len(names) - 8

    @cache
    def section(name: str, most: int) -> str:
        detail = Detail(limit // _SHORTEST_DETAIL, values["members"])
        text = render(f"comment/{name}.md.j2", **values, detail=detail, rows={name: most})
        return text.strip("\n")

    texts = fit_sections(names, rows, section, room)
    if texts is None:
        return None
    shortened = any("… and " in text for text in texts.values())
    folds = (texts[name] for name in names)
    parts = (top[0], picture, top[1], *folds, end(shortened=shortened))
    text = without_gaps("\n\n".join(parts)).strip("\n") + "\n"
    return text if len(text) <= limit else None


def _rows(values: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of rows of each section, 0 if it is not in the comment."""
    report: Report = values["report"]
    summary: Summary = values["summary"]
    metrics = (summary.metrics, len(summary.move_rows), len(summary.note_rows))
    return {
        "all_models": len(summary.models) if values["folded"] else 0,
        "findings": max(len(summary.finding_rows), len(report.verdict.suppressed)),
        "owners": len(report.cards),
        "data": len(summary.data_rows),
        "params": summary.params,
        "metrics": max(metrics),
        "plots": len(values["plot_rows"]),
        "experiments": values["grid"].rows if values["grid"] is not None else 0,
        "runs": max(len(report.runs), len(report.metric_disagreements)),
        "pipeline": max(len(summary.stage_rows), len(values["pipelines"])),
        "unknowns": len(summary.unknown_rows),
    }


def _present(name: str, values: Mapping[str, Any], graph: str) -> bool:
    return bool(graph) if name == "picture" else bool(_rows(values)[name])


def _charts(report: Report, pictures: Pictures | None) -> list[Chart]:
    """Return charts of the plots without an image, up to `PLOTS` plots in all."""
    shown = {picture.id for picture in pictures.plots} if pictures is not None else set()
    left = [drawing for drawing in report.drawings if drawing.id not in shown]
    return first_charts(left, max(0, PLOTS - len(shown)))


def _graph(report: Report, pictures: Pictures | None) -> str:
    if not report.graph.nodes:
        return ""
    if pictures is None or pictures.light_url is None:
        return f"```mermaid\n{mermaid(report).rstrip()}\n```"
    alt = pictures.alt if pictures.alt is not None else alt_text(report)
    return render("comment/picture.md.j2", pictures=pictures, alt=alt).rstrip()
