"""The positions that Graphviz computes for the nodes and edges of a graph in an HTML page.

Graphviz gets the size of each node, but no text from the repository. The answer is its
`plain` format (https://graphviz.org/docs/outputs/plain/), in inches from the
bottom left.
"""

import subprocess
import time
from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.render.graph.graphviz import draw

POINTS = 72


class Spot(Struct, frozen=True):
    """The center of a node and its size, in points from the top left."""

    x: float
    y: float
    width: float
    height: float


class Layout(Struct, frozen=True):
    """The spots by node, the edges as SVG path data by (source, target), and the total size."""

    width: float
    height: float
    nodes: Mapping[str, Spot]
    edges: Mapping[tuple[str, str], str]


def lay_out(
    sizes: Mapping[str, tuple[int, int]], edges: Iterable[tuple[str, str]], seconds: float
) -> Layout | None:
    """Lay out nodes of the given sizes, in points, from left to right.

    `None` if no `dot` works here, or if none finishes within `seconds`.
    """
    lines = [
        "digraph lineage {",
        'graph [rankdir="LR", nodesep="0.2", ranksep="0.55"]',
        'node [shape="box", fixedsize="true", label=""]',
        *(
            f'{id_} [width="{width / POINTS:.3f}", height="{height / POINTS:.3f}"]'
            for id_, (width, height) in sizes.items()
        ),
        *(f"{source} -> {target}" for source, target in edges),
        "}\n",
    ]
    end = time.monotonic() + seconds
    try:
        return _read(draw("\n".join(lines), ("-Tplain",), end - time.monotonic()).decode())
    except (subprocess.TimeoutExpired, InputError):
        return None


def _read(plain: str) -> Layout:
    rows = [line.split() for line in plain.splitlines()]
    width, height = next((float(row[2]), float(row[3])) for row in rows if row[0] == "graph")

    def x(text: str) -> float:
        return round(float(text) * POINTS, 1)

    def y(text: str) -> float:
        return round((height - float(text)) * POINTS, 1)

    nodes = {
        row[1]: Spot(x(row[2]), y(row[3]), x(row[4]), x(row[5])) for row in rows if row[0] == "node"
    }
    edges: dict[tuple[str, str], str] = {}
    for row in rows:
        if row[0] == "edge":
            count = int(row[3])
            numbers = row[4 : 4 + 2 * count]
            pairs = [f"{x(a)},{y(b)}" for a, b in zip(numbers[::2], numbers[1::2], strict=True)]
            edges[row[1], row[2]] = f"M{pairs[0]}C{' '.join(pairs[1:])}"
    return Layout(round(width * POINTS, 1), round(height * POINTS, 1), nodes, edges)
