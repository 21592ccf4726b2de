"""Render a report's graph as SVG and PNG with Graphviz's `dot`.

Uses the system's `dot` if it works, else `graphviz-pure`, which is installed with the package. The
program reads DOT from standard input and writes to standard output: no file and no network. After a
time limit, a smaller folded graph is tried.
"""

import math
import os
import re
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lineage_diff.child_processes import run_child
from lineage_diff.errors import InputError
from lineage_diff.render.graph.direction import Direction, direction
from lineage_diff.render.graph.dot import dot_source
from lineage_diff.render.graph.palette import Theme
from lineage_diff.render.graph.rows import graph_of
from lineage_diff.render.graph.view import READABLE, fold
from lineage_diff.report.report import Report, of_last_report

# The time limit for all tries together, in seconds.
SECONDS = 20.0
# Node limits: a layout that takes half of the remaining time, or is too wide, is followed by the
# next limit.
LIMITS = (READABLE, 40, 28, 18, 12, 1)
# In points: text of 11 points is 9 pixels high in a comment, which shows 900 pixels of the width.
WIDEST = 11 * 900 / 9
# In points: a higher picture would push the rest of a comment off two screens.
HIGHEST = 1_500
_SIZE = re.compile(rb'<svg width="(\d+)pt" height="(\d+)')
DOUBLE_DENSITY = "192"


def svg(report: Report, theme: Theme = "light") -> bytes:
    """Render a report's graph as SVG. Raises `InputError` if no `dot` works."""
    return _draw(report, theme, ("-Tsvg",))


def png(report: Report, theme: Theme = "light") -> bytes:
    """Render a report's graph as PNG at 192 dots per inch. Raises `InputError` as `svg` does."""
    return _draw(report, theme, ("-Tpng", f"-Gdpi={DOUBLE_DENSITY}"))


def _draw(report: Report, theme: Theme, options: tuple[str, ...]) -> bytes:
    end = time.monotonic() + SECONDS
    limit, towards = _choice(report)
    for smaller in (limit, *(item for item in LIMITS if item < limit)):
        share = (end - time.monotonic()) / (2 if smaller > 1 else 1)
        try:
            return draw(dot_source(report, theme, smaller, towards), options, share)
        except subprocess.TimeoutExpired:
            continue
    raise InputError(
        f"the graph could not be laid out in {SECONDS:.0f} seconds",
        hint="Choose another format: `--format mermaid`, or `--format dot` to lay it out yourself.",
    )


@of_last_report
def _choice(report: Report) -> tuple[int, Direction]:
    """Return the greatest node limit, and the direction, that is small enough to read."""
    end = time.monotonic() + SECONDS / 2
    found: list[tuple[bool, float, int, Direction]] = []
    before = None
    for limit in LIMITS:
        picture = fold(graph_of(report), limit)
        if before is not None and len(picture.nodes) == before:
            continue
        before = len(picture.nodes)
        first = direction(picture)
        for towards in (first, "TB" if first == "LR" else "LR"):
            source = dot_source(report, "light", limit, towards)
            width, height = _size(source, end - time.monotonic())
            if width <= WIDEST and height <= HIGHEST:
                return limit, towards
            found.append((width > WIDEST, max(width, height), limit, towards))
    return min(found)[2:]


def _size(source: str, seconds: float) -> tuple[float, float]:
    """Return width and height of a layout in points; infinite if it takes too long."""
    try:
        laid_out = draw(source, ("-Tsvg",), max(seconds / 2, 0.05))
    except subprocess.TimeoutExpired:
        return math.inf, math.inf
    size = _SIZE.search(laid_out)
    return (float(size[1]), float(size[2])) if size else (math.inf, math.inf)


def draw(source: str, options: tuple[str, ...], seconds: float = SECONDS) -> bytes:
    """Render DOT with the first `dot` that works, and return its output.

    Raises `subprocess.TimeoutExpired` after `seconds`, and `InputError` if no `dot` works.
    """
    reason = ""
    end = time.monotonic() + seconds
    for program in programs():
        try:
            done = run_child(
                [program, "-Kdot", *options],
                given=source.encode(),
                seconds=max(end - time.monotonic(), 0.01),
                env=_environment(),
            )
        except OSError as error:
            reason = str(error.strerror)
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        reason = (done.stderr.decode(errors="replace").strip().splitlines() or [""])[0]
    raise InputError(
        f"no Graphviz `dot` can render the graph{': ' if reason else ''}{reason}",
        hint="Install Graphviz, or the package `graphviz-pure`.",
    )


def programs() -> Iterator[str]:
    """Yield the paths of the available `dot` programs, the preferred one first."""
    for found in (_system_dot(), _packaged_dot()):
        if found:
            yield found


def _system_dot() -> str | None:
    return shutil.which("dot")


@cache
def _packaged_dot() -> str | None:
    beside = Path(sysconfig.get_path("scripts")) / "graphviz-pure"
    return str(beside) if beside.is_file() else shutil.which("graphviz-pure")


def _environment() -> dict[str, str]:
    # Graphviz opens no file named in a graph while SERVER_NAME is set and GV_FILE_PATH is not.
    kept = {name: value for name, value in os.environ.items() if name != "GV_FILE_PATH"}
    return {**kept, "SERVER_NAME": "lineage-diff"}
