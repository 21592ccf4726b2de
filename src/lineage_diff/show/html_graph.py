"""The lineage graph of an audit, to be drawn: sources, the stages that used them, and models."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from lineage_diff.audit.answers import InputKind, RunStep, Trace
from lineage_diff.compare.change import Edge, Graph, Node, NodeKind
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.show.html_layout import Spot, lay_out
from lineage_diff.show.picture import PictureGraph, PictureNode, fold, shorten
from lineage_diff.show.printable import visible

# Nodes that a reader finds their way among, with a search and a zoom; fewer where a layout of so
# many takes too long. All tries together take no longer than this, in seconds.
LIMITS = (600, 150, 60, 20)
SECONDS = 20.0
NAME_WIDTH = 36
PIPELINE_WIDTH = 24
# Of a character in the widest of common fonts at the size of the style sheet, in points.
_CHARACTER = 7.4
_WIDE = 13.0
_SMALLER = 5.6
_PADDING = 30
_HEIGHT = 42

_KINDS: Mapping[InputKind, NodeKind] = {
    "data": "data",
    "import": "import",
    "code": "code",
    "environment": "code",
}

State = Literal["fresh", "stale", "unknown"]


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node with its place. `trace` is the number of the trace that it stands for, if it does for
    one; `state` is a model's freshness; `names` are all that it stands for."""

    node: PictureNode
    spot: Spot
    name: str
    names: tuple[str, ...]
    trace: int | None
    state: State | None
    pipeline: str | None


@dataclass(frozen=True, slots=True)
class DrawnEdge:
    """An edge between two ids, as data of an SVG path."""

    source: str
    target: str
    path: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The graph as it is drawn, in points. `picture` says what was folded."""

    width: float
    height: float
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    picture: PictureGraph


def drawing(traces: Sequence[Trace], limits: Sequence[int] = LIMITS) -> Drawing | None:
    """Draw what models came from, folded as far as it must; `None` where it cannot be laid out."""
    graph = traced_graph(traces)
    if not graph.nodes:
        return None
    if len(graph.nodes) > limits[0]:
        # That the models stay apart is worth more than each script.
        graph = _without_code(graph)
    labels = {node.id: node.label for node in graph.nodes}
    numbers = {_model(trace.path): number for number, trace in enumerate(traces)}
    end = time.monotonic() + SECONDS
    for limit in limits:
        picture = fold(graph, limit)
        names = {node.id: _end(visible(node.name)) for node in picture.nodes}
        sizes = {node.id: (_width(names[node.id], node), _HEIGHT) for node in picture.nodes}
        edges = [(edge.source, edge.target) for edge in picture.edges]
        layout = lay_out(sizes, edges, (end - time.monotonic()) / 2)
        if layout is None:
            continue
        nodes = tuple(
            DrawnNode(
                node,
                layout.nodes[node.id],
                names[node.id],
                tuple(labels[member] for member in node.members),
                numbers.get(node.members[0]) if len(node.members) == 1 else None,
                _state(traces[numbers[member]] for member in node.members if member in numbers),
                _pipeline(node.members),
            )
            for node in picture.nodes
        )
        lines = tuple(
            DrawnEdge(source, target, layout.edges[source, target]) for source, target in edges
        )
        return Drawing(layout.width, layout.height, nodes, lines, picture)
    return None


def traced_graph(traces: Iterable[Trace]) -> Graph:
    """Return the sources, stages and models of all traces together, sorted."""
    nodes: dict[str, Node] = {}
    edges: set[tuple[str, str]] = set()
    for trace in traces:
        model = _model(trace.path)
        nodes[model] = Node(model, "model", trace.path, "affected", trace.freshness)
        for run in trace.runs:
            pipeline = run.stage.rpartition(":")[0]
            id_ = _stage(run.stage)
            nodes[id_] = Node(id_, "stage", run.stage, "affected", pipeline=pipeline)
        for item in trace.inputs:
            id_ = f"input:{item.path}"
            nodes[id_] = Node(id_, _KINDS[item.kind], item.path, "affected")
            edges.add((id_, _stage(item.via[0]) if item.via else model))
        edges.update(_between(trace.runs))
        if trace.stage is not None:
            edges.add((_stage(trace.stage), model))
    known: list[Edge] = [
        {"from": source, "to": target}
        for source, target in sorted(edges)
        if source in nodes and target in nodes
    ]
    return Graph(tuple(nodes[id_] for id_ in sorted(nodes)), tuple(known))


def _without_code(graph: Graph) -> Graph:
    kept = tuple(node for node in graph.nodes if node.kind != "code")
    ids = {node.id for node in kept}
    edges = tuple(edge for edge in graph.edges if edge["from"] in ids and edge["to"] in ids)
    return Graph(kept, edges, hidden=len(graph.nodes) - len(kept))


def _between(runs: Sequence[RunStep]) -> Iterator[tuple[str, str]]:
    """Yield which run fed which, by DVC's rule: a dep is an out, lies inside one, or holds some."""
    makers = {out: run.stage for run in runs for out in run.outs}
    outs = sorted(makers)
    for run in runs:
        for dep in run.deps:
            around = next((path for path in (dep, *ancestors(dep)) if path in makers), None)
            for out in [around] if around is not None else inside(outs, dep):
                if makers[out] != run.stage:
                    yield _stage(makers[out]), _stage(run.stage)


def _stage(id_: str) -> str:
    return f"stage:{id_}"


def _model(path: str) -> str:
    return f"model:{path}"


def _pipeline(members: Sequence[str]) -> str | None:
    found = {member.rpartition(":")[0] for member in members if member.startswith("stage:")}
    pipeline = min(found).removeprefix("stage:") if len(found) == 1 else None
    return None if pipeline == "dvc.yaml" else pipeline


def _state(traces: Iterable[Trace]) -> State | None:
    states = {trace.freshness for trace in traces}
    if not states:
        return None
    if "stale" in states:
        return "stale"
    return "fresh" if states == {"fresh"} else "unknown"


def _end(name: str) -> str:
    """Return as much of a path's end as there is room for: what tells models apart is there."""
    at = 0
    while len(name) - at + 1 > NAME_WIDTH and (slash := name.find("/", at + 1)) > 0:
        at = slash
    return shorten(f"…{name[at:]}" if at and len(name) > NAME_WIDTH else name, NAME_WIDTH)


def _width(name: str, node: PictureNode) -> int:
    text = sum(_CHARACTER if ord(char) < 0x1100 else _WIDE for char in name)
    pipeline = _pipeline(node.members) if node.kind == "stage" else None
    below = _SMALLER * (PIPELINE_WIDTH + 9 if pipeline else 22)
    return int(max(text, below)) + _PADDING
