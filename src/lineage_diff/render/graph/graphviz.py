"""SVG and PNG of a report's graph, drawn by Graphviz's `dot`.

The system's `dot` where there is one that works, else `graphviz-pure`, which comes with the
package. The program gets DOT on its standard input and writes to its standard output: no file, no
network, and a limit of time, after which a more folded graph is tried.
"""

import os
import shutil
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from lineage_diff.child_processes import run_child
from lineage_diff.errors import InputError
from lineage_diff.render.graph.dot import dot_source
from lineage_diff.render.graph.palette import Theme
from lineage_diff.render.graph.view import READABLE
from lineage_diff.report.report import Report

# All tries together take no longer than this, in seconds.
SECONDS = 20.0
# A layout that takes half of the time left is given up, and one with fewer nodes tried.
LIMITS = (READABLE, READABLE // 3, 1)
DOUBLE_DENSITY = "192"


def svg(report: Report, theme: Theme = "light") -> bytes:
    """Draw a report's graph as SVG. Raises `InputError` where no `dot` works."""
    return _draw(report, theme, ("-Tsvg",))


def png(report: Report, theme: Theme = "light") -> bytes:
    """Draw a report's graph as PNG at 192 dots an inch. Raises `InputError` as `svg` does."""
    return _draw(report, theme, ("-Tpng", f"-Gdpi={DOUBLE_DENSITY}"))


def _draw(report: Report, theme: Theme, options: tuple[str, ...]) -> bytes:
    end = time.monotonic() + SECONDS
    for tries, limit in enumerate(LIMITS):
        share = (end - time.monotonic()) / (2 if tries < len(LIMITS) - 1 else 1)
        try:
            return draw(dot_source(report, theme, limit), options, share)
        except subprocess.TimeoutExpired:
            continue
    raise InputError(
        f"the graph could not be laid out in {SECONDS:.0f} seconds",
        hint="Choose another format: `--format mermaid`, or `--format dot` to lay it out yourself.",
    )


def draw(source: str, options: tuple[str, ...], seconds: float = SECONDS) -> bytes:
    """Run the first `dot` that can draw this, and return what it wrote.

    Raises `subprocess.TimeoutExpired` after `seconds`, `InputError` where none can.
    """
    told = ""
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
            told = str(error.strerror)
            continue
        if done.returncode == 0 and done.stdout:
            return done.stdout
        told = (done.stderr.decode(errors="replace").strip().splitlines() or [""])[0]
    raise InputError(
        f"no Graphviz `dot` can draw the graph{': ' if told else ''}{told}",
        hint="Install Graphviz, or the package `graphviz-pure`.",
    )


def programs() -> Iterator[str]:
    """Name the programs that lay out DOT, the preferred one first."""
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
