"""An answer over many repositories as text: for a terminal, and in GitHub Flavored Markdown."""

from lineage_diff.render.templates import render, without_gaps
from lineage_diff.render.terminal import console_text
from lineage_diff.report.organization.report import OrganizationReport

ROWS = 100
"""Rows of each list in a terminal; further rows are counted."""

# Rows of each list in Markdown, from the longest text to the shortest.
_SHORTER = (500, 100, 25, 5, 1)
_MARKDOWN_BYTES = 1024 * 1024


def organization_terminal(report: OrganizationReport, *, color: bool, width: int) -> str:
    """Return the report in lines of at most `width` columns; `color` adds ANSI codes."""
    text = _render("organization/terminal.rich.j2", report, ROWS)
    return console_text(text, color=color, width=width)


def organization_markdown(report: OrganizationReport) -> str:
    """Return the report as Markdown, with shorter lists if it would not fit into a summary."""
    text = ""
    for rows in _SHORTER:
        text = _render("organization/report.md.j2", report, rows)
        if len(text.encode()) <= _MARKDOWN_BYTES:
            break
    return text


def _render(template: str, report: OrganizationReport, rows: int) -> str:
    return without_gaps(render(template, report=report, rows=rows)).strip("\n") + "\n"
