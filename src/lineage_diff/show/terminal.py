"""A report as text for a terminal or the log of a CI job."""

from lineage_diff.report.report import Report
from lineage_diff.show.console import LEAST_WIDTH, console_text
from lineage_diff.show.metrics import metric_rows, worst_first
from lineage_diff.show.plot_rows import plot_rows
from lineage_diff.show.summary import Summary, by_kind, flat
from lineage_diff.show.templates import render

# Rows of each list; what is left out is counted.
ROWS = 100


def terminal(report: Report, *, color: bool, width: int) -> str:
    """Return the report in lines of at most `width` columns, coloured by ANSI codes or not."""
    summary = Summary(report)
    if summary.one_commit:
        name = "status.rich.j2" if report.pipelines or report.models else "lint.rich.j2"
        text = render(name, report=report, summary=summary, rows=ROWS)
        return console_text(text, color=color, width=max(width, LEAST_WIDTH))
    from lineage_diff.show.text_graph import text_graph

    width = max(width, LEAST_WIDTH)
    text = render(
        "terminal.rich.j2",
        report=report,
        summary=summary,
        graph=text_graph(report.graph, width - 2).splitlines() if report.graph.nodes else [],
        rows=ROWS,
        by_kind=by_kind,
        worst_first=worst_first,
        flat=flat,
        metric_rows=metric_rows(report),
        plot_rows=plot_rows(report),
    )
    return console_text(text, color=color, width=width)
