"""A report as text for a terminal or the log of a CI job."""

import io

from lineage_diff.render.metrics_table import metric_rows, note_of, worst_first
from lineage_diff.render.plots.table import plot_rows
from lineage_diff.render.summary import Summary, by_kind, flat, shown
from lineage_diff.render.templates import render
from lineage_diff.report.report import Report

LEAST_WIDTH = 40


def console_text(markup: str, *, color: bool, width: int) -> str:
    """Lay out rich's console markup in lines of at most `width` columns.

    A longer line is wrapped, with more indentation. `color` adds ANSI codes.
    """
    # Imported late: only the terminal format needs Rich.
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    width = max(width, LEAST_WIDTH)
    out = io.StringIO()
    console = Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for line in markup.rstrip("\n").split("\n"):
        words = line.lstrip(" ")
        if not words:
            out.write("\n")
            continue
        indent = len(line) - len(words)
        text = Text.from_markup(words, emoji=False)
        first, *rest = text.wrap(console, width - indent) or [Text()]
        console.print(Padding(first, (0, 0, 0, indent), expand=False), soft_wrap=False)
        if rest:
            for part in rest:
                part.rstrip()
            again = Text(" ").join(rest)
            console.print(Padding(again, (0, 0, 0, min(indent + 4, width // 2)), expand=False))
    return "\n".join(line.rstrip() for line in out.getvalue().split("\n"))


# Rows of each list; further rows are counted.
ROWS = 100


def terminal(report: Report, *, color: bool, width: int) -> str:
    """Return the report in lines of at most `width` columns; `color` adds ANSI codes."""
    report = shown(report)
    summary = Summary(report)
    if summary.one_commit:
        name = "status.rich.j2" if report.pipelines or report.models else "lint.rich.j2"
        text = render(name, report=report, summary=summary, rows=ROWS)
        return console_text(text, color=color, width=max(width, LEAST_WIDTH))
    # Imported late: status and lint show no tree.
    from lineage_diff.render.graph.text_tree import text_graph

    width = max(width, LEAST_WIDTH)
    text = render(
        "terminal.rich.j2",
        report=report,
        summary=summary,
        graph=text_graph(report.graph, width - 2).splitlines() if report.graph.nodes else [],
        rows=ROWS,
        by_kind=by_kind,
        worst_first=worst_first,
        note_of=note_of,
        flat=flat,
        metric_rows=metric_rows(report),
        plot_rows=plot_rows(report),
    )
    return console_text(text, color=color, width=width)
