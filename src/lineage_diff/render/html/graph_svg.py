"""A graph of nodes and edges, folded as far as it must and laid out, for a page of HTML."""

import time
from collections.abc import Callable, Mapping, Sequence

from msgspec import Struct

from lineage_diff.render.graph.view import PictureGraph, PictureNode, fold, shorten
from lineage_diff.render.html.graph_layout import Spot, lay_out
from lineage_diff.report.graph import Graph
from lineage_diff.text import visible

# Nodes that a reader finds their way among, with a search and a zoom; fewer where a layout of so
# many takes too long. All tries together take no longer than this, in seconds.
LIMITS = (600, 150, 60, 20)
SECONDS = 20.0
NAME_WIDTH = 36
# Of a character in the widest of common fonts at the sizes of the style sheet, in points.
_CHARACTER = 7.4
_WIDE = 13.0
_SMALLER = 6.4
_PADDING = 30
_HEIGHT = 42


class Looks(Struct, frozen=True):
    """How a node looks: the words under its name, a class of the style sheet, and the number of
    the chapter that it leads to, if it does to one."""

    below: str
    style: str
    chapter: int | None = None


class DrawnNode(Struct, frozen=True):
    """A node at its place; `names` are the labels of all that it stands for."""

    node: PictureNode
    spot: Spot
    name: str
    names: tuple[str, ...]
    looks: Looks


class DrawnEdge(Struct, frozen=True):
    """An edge between two ids, as data of an SVG path."""

    source: str
    target: str
    path: str


class GraphDrawing(Struct, frozen=True):
    """The graph as it is drawn, in points. `picture` says what was folded."""

    width: float
    height: float
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    picture: PictureGraph


def draw_graph(
    graph: Graph, looks: Callable[[PictureNode], Looks], limits: Sequence[int] = LIMITS
) -> GraphDrawing | None:
    """Draw a graph in as many nodes as can be laid out; `None` where none can, or there is none."""
    if not graph.nodes:
        return None
    labels = {node.id: node.label for node in graph.nodes}
    end = time.monotonic() + SECONDS
    for limit in limits:
        picture = fold(graph, limit)
        look = {node.id: looks(node) for node in picture.nodes}
        names = {node.id: _end(visible(node.name)) for node in picture.nodes}
        sizes = {id_: (_width(name, look[id_].below), _HEIGHT) for id_, name in names.items()}
        edges = [(edge.source, edge.target) for edge in picture.edges]
        layout = lay_out(sizes, edges, (end - time.monotonic()) / 2)
        if layout is not None:
            nodes = (
                DrawnNode(
                    node,
                    layout.nodes[node.id],
                    names[node.id],
                    _labels(labels, node),
                    look[node.id],
                )
                for node in picture.nodes
            )
            lines = (DrawnEdge(one, two, layout.edges[one, two]) for one, two in edges)
            return GraphDrawing(layout.width, layout.height, tuple(nodes), tuple(lines), picture)
    return None


def _labels(labels: Mapping[str, str], node: PictureNode) -> tuple[str, ...]:
    return tuple(labels[member] for member in node.members)


def _end(name: str) -> str:
    """Return as much of a path's end as there is room for: what tells models apart is there."""
    at = 0
    while len(name) - at + 1 > NAME_WIDTH and (slash := name.find("/", at + 1)) > 0:
        at = slash
    return shorten(f"…{name[at:]}" if at and len(name) > NAME_WIDTH else name, NAME_WIDTH)


def _width(name: str, below: str) -> int:
    text = sum(_CHARACTER if ord(char) < 0x1100 else _WIDE for char in name)
    return int(max(text, _SMALLER * len(below), 14 * _CHARACTER)) + _PADDING
