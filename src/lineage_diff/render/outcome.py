"""The outcome of a report in a few lines of plain text, beside files and in logs."""

from lineage_diff.render.summary import summary_of
from lineage_diff.render.templates import render
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.report import Report, without_nan_changes
from lineage_diff.text import visible


def report_outcome(report: Report) -> list[str]:
    """Return two lines: the headline, and the verdict."""
    report = without_nan_changes(report)
    return _lines(render("words/outcome.j2", report=report, summary=summary_of(report)))


def audit_outcome(report: AuditReport) -> list[str]:
    """Return one line for the commit, or one for each answer."""
    return _lines(render("audit/outcome.j2", report=report))


def _lines(text: str) -> list[str]:
    return [visible(line) for line in text.split("\n") if line.strip()]
