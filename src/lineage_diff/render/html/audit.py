"""An audit as one HTML page, to read, print and store."""

from collections.abc import Sequence

from msgspec import Struct

from lineage_diff.render.html.lineage_graph import drawing
from lineage_diff.render.html.page import html_page
from lineage_diff.render.html.timeline import TimelineChart, timeline
from lineage_diff.report.answers import History, Trace
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.mlflow import runs_by_commit

# Models listed, and models with a section; rows of all histories, and of each other list, in all.
LISTED = 2_000
DESCRIBED = 200
STEPS = 4_000
ROWS = 4_000
FEWEST = 5
MOST = 1_000


class Subject(Struct, frozen=True):
    """A model or metric with its own section: its trace, its history, or both.

    `number` is the number of the section.
    """

    number: int
    path: str
    key: str | None
    trace: Trace | None
    history: History | None
    timeline: TimelineChart | None


def audit_html(report: AuditReport) -> str:
    """Return the page: the same bytes for the same report.

    The page of a large report is shortened, and refers to the JSON for the rest.
    """
    subjects = _subjects(report)
    described = min(len(subjects), DESCRIBED)
    return html_page(
        "html/audit.html.j2",
        report=report,
        subjects=subjects[:DESCRIBED],
        places={trace.path: number for number, trace in enumerate(report.traces)},
        beyond=len(subjects) - described,
        listed=LISTED,
        drawing=drawing(report.traces, described),
        runs=runs_by_commit(report.runs),
        steps=_each(STEPS, described),
        rows=_each(ROWS, described),
    )


def _each(together: int, subjects: int) -> int:
    return max(FEWEST, min(MOST, together // max(subjects, 1)))


def _subjects(report: AuditReport) -> Sequence[Subject]:
    """Return the models in the order of their traces, then those with a history only."""
    histories = {history.path: history for history in report.histories if history.key is None}
    pairs: list[tuple[Trace | None, History | None]] = [
        (trace, histories.get(trace.path)) for trace in report.traces
    ]
    traced = {trace.path for trace in report.traces}
    pairs += [
        (None, history)
        for history in report.histories
        if history.key is not None or history.path not in traced
    ]
    return [
        Subject(
            number,
            trace.path if trace is not None else history.path if history is not None else "",
            history.key if history is not None else None,
            trace,
            history,
            timeline(history) if history is not None and number < DESCRIBED else None,
        )
        for number, (trace, history) in enumerate(pairs)
    ]
