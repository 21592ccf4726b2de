"""The report of an audit as text: for a terminal, and in GitHub Flavored Markdown."""

from lineage_diff.render.templates import render, without_gaps
from lineage_diff.render.terminal import console_text
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.mlflow import runs_by_commit

# Rows of each list; further rows are counted.
ROWS = 100
# Models in full, in a terminal.
MODELS = 100
# (rows of each list, models in full), from the longest text to the shortest.
_SHORTER = ((ROWS, 1_000), (25, 1_000), (5, 1_000), (5, 100), (5, 10), (1, 1))
# The most bytes that GitHub takes for the summary of a step.
SUMMARY_BYTES = 1024 * 1024


def audit_terminal(report: AuditReport, *, color: bool, width: int) -> str:
    """Return the report in lines of at most `width` columns; `color` adds ANSI codes."""
    text = without_gaps(_render("audit/terminal.rich.j2", report, rows=ROWS, models=MODELS))
    return console_text(text.strip("\n") + "\n", color=color, width=width)


def audit_markdown(report: AuditReport, limit: int = SUMMARY_BYTES) -> str:
    """Return the report in at most `limit` bytes of UTF-8, with shorter lists if necessary.

    Raises `ValueError` if even one row of each list exceeds the limit.
    """
    for rows, models in _SHORTER:
        text = _render("audit/report.md.j2", report, rows=rows, models=models)
        text = without_gaps(text).strip("\n") + "\n"
        if len(text.encode()) <= limit:
            return text
    raise ValueError(limit)


def _render(template: str, report: AuditReport, **values: int) -> str:
    return render(template, report=report, runs=runs_by_commit(report.runs), **values)
