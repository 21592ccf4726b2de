"""A table of several revisions as an HTML page."""

from lineage_diff.render.experiments.grid import grid
from lineage_diff.render.html.page import html_page
from lineage_diff.report.experiments_report import ExperimentsReport

ROWS = 500


def experiments_html(report: ExperimentsReport) -> str:
    """Return the page: the same bytes for the same report."""
    return html_page(
        "html/experiments.html.j2",
        report=report,
        grid=grid(report.table, len(report.table.revisions)),
        rows=ROWS,
    )
