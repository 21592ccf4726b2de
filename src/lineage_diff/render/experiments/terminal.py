"""A table of several revisions for a terminal."""

import io
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lineage_diff.render.experiments.grid import columns_of
from lineage_diff.render.experiments.text import ROWS, render_table
from lineage_diff.render.options import LEAST_WIDTH, lines_for_log, open_console
from lineage_diff.render.templates import without_gaps
from lineage_diff.report.experiments_report import ExperimentsReport

# In columns: of a long line, from its second line on.
_INDENT = 4


def experiments_terminal(report: ExperimentsReport, *, color: bool, width: int) -> str:
    """Return the table in lines of at most `width` columns; `color` adds ANSI codes."""
    text = render_table("experiments/terminal.rich.j2", report, columns_of(width), ROWS)
    return aligned(without_gaps(text).strip("\n"), color=color, width=width)


def aligned(markup: str, *, color: bool, width: int) -> str:
    """Lay out rich's console markup in at most `width` columns.

    Lines with tabs that follow each other are a table, whose cells wrap. Text of a repository has
    no tab: it would be escaped.
    """
    width = max(width, LEAST_WIDTH)
    out = io.StringIO()
    console = open_console(out, color=color, width=width)
    for is_table, found in groupby(markup.split("\n"), key=lambda line: "\t" in line):
        lines = list(found)
        if is_table:
            console.print(_table(lines))
            continue
        for line in lines:
            console.print(_hanging(Text.from_markup(line, emoji=False), console, width))
    return lines_for_log(out.getvalue())


def _hanging(text: Text, console: Console, width: int) -> Text | Group:
    """Return a text whose lines after the first are indented."""
    first, *rest = text.wrap(console, width) or [text]
    if not rest:
        return text
    after = text.plain[len(first) :]
    more = text[len(text) - len(after.lstrip(" ")) :]
    return Group(first, Padding(more, (0, 0, 0, _INDENT), expand=False))


def _table(lines: Sequence[str]) -> Table:
    rows = [
        [Text.from_markup(cell, emoji=False) for cell in line.split("\t")[:-1]] for line in lines
    ]
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    for index in range(len(rows[0])):
        table.add_column(overflow="fold", min_width=16 if not index else 10)
    for row in rows:
        table.add_row(*row)
    return table
