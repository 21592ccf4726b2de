"""Fold and lay out a graph for an HTML page."""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence, Set

from msgspec import Struct

from lineage_diff.render.graph.view import PictureGraph, PictureNode, fold, shorten
from lineage_diff.render.groups.names import distinct_names, shared_name
from lineage_diff.render.html.graph_layout import Spot, lay_out
from lineage_diff.report.graph import Graph
from lineage_diff.text import visible

# Limits on the number of nodes, tried in this order if a layout takes too long. `SECONDS` bounds
# all tries together.
LIMITS = (600, 150, 60, 20)
SECONDS = 20.0
NAME_WIDTH = 36
# The width of a character in the widest common font, at the sizes of the style sheet, in points.
_CHARACTER = 7.4
_WIDE = 13.0
_SMALLER = 6.4
_PADDING = 30
_HEIGHT = 42


class Looks(Struct, frozen=True):
    """The text under a node's name, its CSS class, and the section that it links to, if any."""

    below: str
    style: str
    chapter: int | None = None


class DrawnNode(Struct, frozen=True):
    """A node at its position; `names` are the labels of all its members."""

    node: PictureNode
    spot: Spot
    name: str
    names: tuple[str, ...]
    looks: Looks


class DrawnEdge(Struct, frozen=True):
    """An edge between two ids, as SVG path data."""

    source: str
    target: str
    path: str


class GraphDrawing(Struct, frozen=True):
    """The laid-out graph, in points. `picture` holds the counts of folded nodes."""

    width: float
    height: float
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    picture: PictureGraph


def draw_graph(
    graph: Graph, looks: Callable[[PictureNode], Looks], limits: Sequence[int] = LIMITS
) -> GraphDrawing | None:
    """Lay out a graph with the most nodes possible; `None` for an empty graph or a failure."""
    if not graph.nodes:
        return None
    labels = {node.id: node.label for node in graph.nodes}
    end = time.monotonic() + SECONDS
    for limit in limits:
        picture = fold(graph, limit)
        look = {node.id: looks(node) for node in picture.nodes}
        short = short_names({visible(node.name) for node in picture.nodes})
        names = {node.id: short[visible(node.name)] for node in picture.nodes}
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


def short_names(names: Set[str]) -> Mapping[str, str]:
    """Return each name shortened by `_end`; names that would look the same, by what differs."""
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        found[_end(name)].append(name)
    short: dict[str, str] = {}
    for end, group in found.items():
        short |= dict.fromkeys(group, end) if len(group) == 1 else _differences(group)
    counts = Counter(short.values())
    # A long name is better than one that looks like another.
    return {name: text if counts[text] == 1 else name for name, text in short.items()}


def _differences(names: Sequence[str]) -> Mapping[str, str]:
    """Return of each name what it does not share with the others, in the last shared folder."""
    shared = shared_name(names)
    rests = distinct_names(map(shared.rest, names), NAME_WIDTH - 2)
    inner = f"{shared.start[:-1].rpartition('/')[2]}/" if shared.start.endswith("/") else ""
    folder = inner if inner == shared.start else f"…/{inner}"
    for start in (folder if inner else "", "…" * bool(shared.start)):
        found = {
            name: f"{start}{rests[shared.rest(name)]}{'…' * bool(shared.end)}" for name in names
        }
        if max(map(len, found.values())) <= NAME_WIDTH:
            break
    return found


def _end(name: str) -> str:
    """Shorten a path to `NAME_WIDTH`, keeping its end, where the names of models differ."""
    at = 0
    while len(name) - at + 1 > NAME_WIDTH and (slash := name.find("/", at + 1)) > 0:
        at = slash
    return shorten(f"…{name[at:]}" if at and len(name) > NAME_WIDTH else name, NAME_WIDTH)


def _width(name: str, below: str) -> int:
    text = sum(_CHARACTER if ord(char) < 0x1100 else _WIDE for char in name)
    return int(max(text, _SMALLER * len(below), 14 * _CHARACTER)) + _PADDING
