"""A report as text for a terminal or the log of a CI job."""

import io
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from lineage_diff.render.folds import Render, fit_sections
from lineage_diff.render.groups.items import error_groups
from lineage_diff.render.groups.models import DETAILS, MOST_ROWS, row_names
from lineage_diff.render.metrics_table import metric_rows
from lineage_diff.render.options import LEAST_WIDTH, lines_for_log, open_console
from lineage_diff.render.summary import Summary, summary_of
from lineage_diff.render.templates import render
from lineage_diff.report.change import flat
from lineage_diff.report.report import Report, without_nan_changes

if TYPE_CHECKING:
    from lineage_diff.render.plots.table import PlotRow


def console_text(markup: str, *, color: bool, width: int) -> str:
    """Lay out rich's console markup in lines of at most `width` columns.

    A longer line is wrapped, with more indentation. `color` adds ANSI codes.
    """
    # Imported late: only the terminal format needs Rich.
    from rich.padding import Padding
    from rich.text import Text

    width = max(width, LEAST_WIDTH)
    out = io.StringIO()
    console = open_console(out, color=color, width=width)
    for line in markup.rstrip("\n").split("\n"):
        words = line.lstrip(" ")
        if not words:
            out.write("\n")
            continue
        indent = len(line) - len(words)
        if len(line) <= width and words.isascii() and words.isprintable() and "[" not in words:
            out.write(f"{line}\n")
            continue
        text = Text.from_markup(words, emoji=False)
        if not color and 0 < text.cell_len <= width - indent and text.plain.isprintable():
            # Rich's own printing takes several times as long.
            out.write(f"{' ' * indent}{text.plain}\n")
            continue
        first, *rest = text.wrap(console, width - indent) or [Text()]
        # The lines themselves do not say whether they end within a word.
        after = text.plain[len(first) :]
        again, more = text[len(text) - len(after.lstrip(" ")) :], min(indent + 4, width // 2)
        if not color and text.plain and text.plain.isprintable():
            out.write(f"{' ' * indent}{first.plain}\n")
            parts = again.wrap(console, width - more) if rest else ()
            out.writelines(f"{' ' * more}{part.plain}\n" for part in parts)
            continue
        console.print(Padding(first, (0, 0, 0, indent), expand=False), soft_wrap=False)
        if rest:
            console.print(Padding(again, (0, 0, 0, more), expand=False))
    return lines_for_log(out.getvalue())


# The lines of a report, unless all of it is asked for.
LINES = 60
_MODEL_LINES = 24
# In characters: about the most of a model's path; of the whole report, that of an operating system.
_NAME_WIDTH = 100
_LONGEST_PATH = 4_096
# Only a line for rows that are cut begins so.
_CUT = "\n  … and "
SECTIONS = (
    "models",
    "owners",
    "lineage",
    "data",
    "params",
    "metrics",
    "experiments",
    "plots",
    "runs",
    "stages",
    "findings",
    "unknowns",
)
# The order in which sections are left out, if so few rows of each are too long.
CUT_ORDER = (
    "runs",
    "owners",
    "plots",
    "lineage",
    "experiments",
    "data",
    "unknowns",
    "params",
    "metrics",
    "stages",
)
LEAST_ROWS = {**dict.fromkeys(SECTIONS, 3), "lineage": 12, "findings": 1}
# If even these are too long; a part of a tree says nothing.
FEWEST_ROWS = {**dict.fromkeys(SECTIONS, 1), "lineage": 12}


def terminal(
    report: Report, *, color: bool, width: int, whole: bool = False, quiet: bool = False
) -> str:
    """Return the report in lines of at most `width` columns; `color` adds ANSI codes.

    It has at most `LINES` lines, unless `whole` asks for every row; what is cut is named. If it is
    `quiet`, it has the errors and the verdict only.
    """
    report = without_nan_changes(report)
    width = max(width, LEAST_WIDTH)
    if quiet:
        text = render("terminal/quiet.rich.j2", report=report, rows=error_groups(report.findings))
        return console_text(text, color=color, width=width)
    values = _values(report, width, _LONGEST_PATH if whole else _NAME_WIDTH)

    def laid_out(name: str, lay_out: Callable[..., str] = console_text, **more: Any) -> str:
        text = render(name, **values, **more)
        return lay_out(text, color=color, width=width).rstrip("\n") + "\n"

    summary: Summary = values["summary"]
    if summary.one_commit and not (report.pipelines or report.models):
        return laid_out("lint.rich.j2", rows=sys.maxsize, whole=True)
    top = laid_out("terminal.rich.j2")
    rows = _rows(values)
    if whole:
        parts = [
            _section(laid_out, rows, True, name, rows[name]) for name in SECTIONS if rows[name]
        ]
        return "".join((top, *parts, laid_out("terminal/end.rich.j2", left_out=(), whole=True)))
    return _bounded(top, laid_out, rows)


LaidOut = Callable[..., str]


def _bounded(top: str, laid_out: LaidOut, rows: Mapping[str, int]) -> str:
    """Return the report in `LINES` lines, with fewer rows or without the first of `CUT_ORDER`.

    All rows of models are there, and findings in half of the rest.
    """
    section = cache(partial(_section, laid_out, rows, False))
    present = [name for name in SECTIONS if rows[name]]
    room = (
        LINES
        - _lines(top)
        - _lines(laid_out("terminal/end.rich.j2", left_out=present, whole=False))
    )
    texts: dict[str, str] = {}
    for names, share in ((["models"], 1), (["findings"], 2), (present, 1)):
        names = [name for name in names if name in present and name not in texts]
        fitted = _fit(names, rows, section, room // share)
        texts.update(fitted)
        room -= sum(map(_lines, fitted.values()))
    left = [name for name in present if name not in texts or _CUT in texts[name]]
    end = laid_out("terminal/end.rich.j2", left_out=left, whole=False)
    return "".join((top, *(texts[name] for name in present if name in texts), end))


def _fit(
    names: Sequence[str], rows: Mapping[str, int], section: Render, room: int
) -> dict[str, str]:
    """Return the sections that fit, the most important first; too long ones with fewer rows."""
    kept = {name: LEAST_ROWS[name] for name in names if name not in CUT_ORDER}
    left = room - sum(_lines(section(name, min(kept[name], rows[name]))) for name in kept)
    for name in reversed(CUT_ORDER):
        for least in (LEAST_ROWS[name], FEWEST_ROWS[name]) if name in names else ():
            lines = _lines(section(name, min(least, rows[name])))
            if lines <= left:
                kept[name] = least
                left -= lines
                break
    texts = fit_sections([n for n in names if n in kept], rows, section, room, _lines, kept)
    if texts is not None:
        return texts
    return {name: section(name, 1) for name in names if name not in CUT_ORDER}


def _section(laid_out: LaidOut, rows: Mapping[str, int], whole: bool, name: str, most: int) -> str:
    template = f"terminal/{name}.rich.j2"
    if name == "experiments":
        # Imported late: few reports have experiments.
        from lineage_diff.render.experiments.terminal import aligned

        return laid_out(template, aligned, rows=most)
    if name != "models":
        return laid_out(template, rows=most, whole=whole)
    if whole:
        return laid_out(template, rows=most, whole=True, details=0)
    for details in range(DETAILS, -1, -1):
        text = laid_out(template, rows=min(most, MOST_ROWS), whole=False, details=details)
        if _lines(text) <= _MODEL_LINES:
            break
    return text


def _lines(text: str) -> int:
    return text.count("\n")


def _values(report: Report, width: int, name_width: int) -> dict[str, Any]:
    summary = summary_of(report)
    return {
        "report": report,
        "summary": summary,
        "names": row_names(summary.rows, name_width),
        "graph": [] if summary.one_commit else _tree(report, width - 2),
        **_experiments(report, width),
        "flat": flat,
        "metric_rows": metric_rows(report),
        "plot_rows": _plots(report),
    }


def _tree(report: Report, width: int) -> list[str]:
    # Imported late: status and lint show no tree.
    from lineage_diff.render.graph.rows import graph_of
    from lineage_diff.render.graph.text_tree import text_graph

    return text_graph(graph_of(report), width).splitlines() if report.graph.nodes else []


def _experiments(report: Report, width: int) -> dict[str, Any]:
    if report.experiments is None:
        return {"grid": None}
    # Imported late: few reports have experiments.
    from lineage_diff.render.experiments.grid import FINDINGS, columns_of, report_grid

    return {"grid": report_grid(report, columns_of(width)), "most": FINDINGS}


def _plots(report: Report) -> "Sequence[PlotRow]":
    if not (report.drawings or report.plots):
        return ()
    # Imported late: few reports have plots.
    from lineage_diff.render.plots.table import plot_rows

    return plot_rows(report)


def _rows(values: Mapping[str, Any]) -> dict[str, int]:
    """Return the number of rows of each section."""
    report: Report = values["report"]
    summary: Summary = values["summary"]
    metrics = (summary.metrics, len(summary.move_rows), len(summary.note_rows))
    return {
        "models": len(summary.rows),
        "owners": len(report.cards),
        "lineage": len(values["graph"]),
        "data": len(summary.data_rows),
        "params": summary.params,
        "metrics": max(metrics),
        "experiments": values["grid"].rows if values["grid"] is not None else 0,
        "plots": len(values["plot_rows"]),
        "runs": max(len(report.runs), len(report.metric_disagreements)),
        "stages": len(summary.stage_rows),
        "findings": max(len(summary.finding_rows), len(report.verdict.suppressed)),
        "unknowns": len(summary.unknown_rows),
    }
