"""A report as text for a terminal or the log of a CI job."""

import io

from lineage_diff.report.report import Report
from lineage_diff.show.summary import Summary, by_kind, flat, worst_first
from lineage_diff.show.templates import render

# Rows of each list; what is left out is counted.
ROWS = 100
LEAST_WIDTH = 40


def terminal(report: Report, *, color: bool, width: int) -> str:
    """Return the report in lines of at most `width` columns, coloured by ANSI codes or not."""
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    from lineage_diff.show.text_graph import text_graph

    width = max(width, LEAST_WIDTH)
    text = render(
        "terminal.rich.j2",
        report=report,
        summary=Summary(report),
        graph=text_graph(report.graph, width - 2).splitlines() if report.graph.nodes else [],
        rows=ROWS,
        by_kind=by_kind,
        worst_first=worst_first,
        flat=flat,
    )
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
    for line in text.rstrip("\n").split("\n"):
        words = line.lstrip(" ")
        if not words:
            out.write("\n")
            continue
        indent = len(line) - len(words)
        # What does not fit goes on below, further in.
        first, *rest = Text.from_markup(words, emoji=False).wrap(console, width - indent) or [
            Text()
        ]
        console.print(Padding(first, (0, 0, 0, indent), expand=False), soft_wrap=False)
        if rest:
            again = Text(" ").join(rest)
            console.print(Padding(again, (0, 0, 0, min(indent + 4, width // 2)), expand=False))
    lines = out.getvalue().split("\n")
    return "\n".join(line.rstrip() for line in lines)
