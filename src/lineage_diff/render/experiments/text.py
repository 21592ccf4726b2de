"""A table of several revisions in GitHub Flavored Markdown, and its outcome in one line."""

from lineage_diff.render.experiments.grid import COLUMNS, FINDINGS, grid
from lineage_diff.render.templates import render, without_gaps
from lineage_diff.report.experiments_report import ExperimentsReport

ROWS = 200
LIMIT = 65_536


def experiments_markdown(report: ExperimentsReport) -> str:
    """Return the table in at most `LIMIT` characters, with fewer rows if necessary.

    Raises `ValueError` if even one row is too long.
    """
    rows = ROWS
    while rows:
        text = render_table("experiments/report.md.j2", report, COLUMNS, rows)
        if len(text) <= LIMIT:
            return without_gaps(text).strip("\n") + "\n"
        rows //= 2
    raise ValueError(LIMIT)


def experiments_outcome(report: ExperimentsReport) -> list[str]:
    """Return one line of plain text: how many revisions fail."""
    return [render("experiments/outcome.j2", grid=grid(report.table, COLUMNS)).strip()]


def render_table(template: str, report: ExperimentsReport, columns: int, rows: int) -> str:
    """Fill a template with at most so many columns beside the baseline, and rows of each kind."""
    return render(
        template,
        report=report,
        grid=grid(report.table, columns),
        rows=rows,
        most=FINDINGS,
    )
