"""The folded graph of a change, before layout.

The nodes and edges of a `Graph`, folded to a readable size, in the same order for the same graph.
Graphviz, Mermaid and the terminal all render this.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.render.graph.fold import Draft, fold_graph, is_row
from lineage_diff.render.groups.names import common_name
from lineage_diff.report.graph import Graph, Node, NodeKind

READABLE = 60
# Further nodes and edges are only counted: an image of 60 nodes would show no more.
MOST_NODES = 50_000
MOST_EDGES = 200_000

PictureKind = NodeKind | Literal["pipeline", "rest"]
Status = Literal["removed", "stale", "added", "modified", "renamed", "affected", "unchanged"]
STATUSES: tuple[Status, ...] = (
    "removed",
    "stale",
    "added",
    "modified",
    "renamed",
    "affected",
    "unchanged",
)


def status_of(node: Node) -> Status:
    """Return the status for a node's colour: stale takes precedence over a change."""
    if node.change != "removed" and node.freshness == "stale":
        return "stale"
    return node.change


class PictureNode(Struct, frozen=True):
    """One node to draw, for one or more nodes of the graph.

    `name` is a label or path (for several nodes their shared part, with `…`; for a pipeline its
    file; empty for the merged rest). `stages` and `nodes` count the members; `users` counts the
    stages that params belong to; `tally` counts the stages (or, without stages, the nodes) by
    status. `change` is `mixed` if they differ; `stale` and `unknown` hold for all members. `muted`
    is unchanged context. `members` are their ids.
    """

    id: str
    kind: PictureKind
    name: str
    status: Status
    change: str
    stale: bool
    unknown: bool
    muted: bool
    nodes: int
    stages: int
    users: int
    pipelines: int
    tally: tuple[tuple[Status, int], ...]
    members: tuple[str, ...]


class PictureEdge(Struct, frozen=True):
    """An edge between two ids. `live` when it carries a change; `gone` when an end was removed."""

    source: str
    target: str
    live: bool
    gone: bool


class Box(Struct, frozen=True):
    """The nodes of one pipeline."""

    id: str
    pipeline: str
    nodes: tuple[str, ...]


class PictureGraph(Struct, frozen=True):
    """A folded graph. `pipelines_folded` counts pipelines shown as one node or without their inner
    stages; `hidden` counts nodes that were never in the graph."""

    nodes: tuple[PictureNode, ...] = ()
    edges: tuple[PictureEdge, ...] = ()
    boxes: tuple[Box, ...] = ()
    total: int = 0
    stages: int = 0
    pipelines: int = 0
    pipelines_folded: int = 0
    hidden: int = 0


# The last graph as it was folded, by limits: one is drawn in many formats, by many threads.
_LAST: list[tuple[Graph, dict[int, PictureGraph]]] = []
_ONE_AT_A_TIME = Lock()


def fold(graph: Graph, limit: int = READABLE) -> PictureGraph:
    """Fold a graph until it has at most `limit` nodes (at least 1) and four edges for each."""
    with _ONE_AT_A_TIME:
        if not _LAST or _LAST[0][0] is not graph:
            _LAST[:] = [(graph, {})]
        pictures = _LAST[0][1]
        if limit not in pictures:
            pictures[limit] = _fold(graph, limit)
        return pictures[limit]


def _fold(graph: Graph, limit: int) -> PictureGraph:
    graph = _cut(graph)
    draft = fold_graph(graph, max(limit, 1))
    order = sorted(draft.items)
    ids = {key: f"n{number}" for number, key in enumerate(order)}
    nodes = {key: _node(ids[key], draft, key) for key in order}
    edges = tuple(
        PictureEdge(
            ids[source],
            ids[target],
            live=not (nodes[source].muted or nodes[target].muted),
            gone="removed" in (nodes[source].change, nodes[target].change),
        )
        for source, target in sorted(draft.edges)
    )
    return PictureGraph(
        tuple(nodes.values()),
        edges,
        _boxes(draft, order, ids),
        total=len(graph.nodes),
        stages=sum(node.kind == "stage" for node in graph.nodes),
        pipelines=len({node.pipeline for node in graph.nodes if node.pipeline}),
        pipelines_folded=draft.pipelines_folded,
        hidden=graph.hidden,
    )


def _cut(graph: Graph) -> Graph:
    """Cut the graph to `MOST_NODES` and `MOST_EDGES`, unchanged context first."""
    if len(graph.nodes) <= MOST_NODES and len(graph.edges) <= MOST_EDGES:
        return graph
    ordered = sorted(graph.nodes, key=lambda node: (node.context, node.id))
    nodes = tuple(sorted(ordered[:MOST_NODES], key=lambda node: node.id))
    return replace(
        graph,
        nodes=nodes,
        edges=graph.edges[:MOST_EDGES],
        hidden=graph.hidden + len(graph.nodes) - len(nodes),
    )


def _boxes(draft: Draft, order: Sequence[str], ids: dict[str, str]) -> tuple[Box, ...]:
    inside: dict[str, list[str]] = {}
    for key in order:
        pipelines = {node.pipeline for node in draft.items[key]}
        pipeline = min(pipelines, key=str)
        if len(pipelines) == 1 and pipeline and draft.roles[key] not in ("pipeline", "rest"):
            inside.setdefault(pipeline, []).append(ids[key])
    shown = {node.pipeline for members in draft.items.values() for node in members}
    if len(shown - {None}) < 2:
        return ()
    return tuple(
        Box(f"p{number}", pipeline, tuple(inside[pipeline]))
        for number, pipeline in enumerate(sorted(inside))
    )


def _node(id_: str, draft: Draft, key: str) -> PictureNode:
    members = draft.items[key]
    role = draft.roles[key]
    stages = [node for node in members if node.kind == "stage"]
    counts = Counter(status_of(node) for node in stages or members)
    kinds = {node.kind for node in members}
    kind: PictureKind = role if role != "node" else members[0].kind
    if role == "node" and len(kinds) > 1:
        kind = "rest"
    changes = {node.change for node in members}
    pipelines = {node.pipeline for node in members if node.pipeline}
    return PictureNode(
        id=id_,
        kind=kind,
        name=_name(kind, members, pipelines),
        status=_most_telling(members),
        change=members[0].change if len(changes) == 1 else "mixed",
        stale=all(node.freshness == "stale" and node.change != "removed" for node in members),
        unknown=all(node.freshness == "unknown" and node.change != "removed" for node in members),
        muted=all(node.change == "unchanged" and node.freshness != "stale" for node in members),
        nodes=len(members),
        stages=len(stages),
        users=len({node.id.partition("@")[2] for node in members}) if kind == "params" else 0,
        pipelines=len(pipelines),
        tally=tuple((status, counts[status]) for status in STATUSES if counts[status]),
        members=tuple(sorted(node.id for node in members)),
    )


def _most_telling(members: Iterable[Node]) -> Status:
    """Return `stale` if a member is stale; else the most frequent status except `unchanged`."""
    counts = Counter(status_of(node) for node in members)
    if counts["stale"]:
        return "stale"
    changed = [status for status in STATUSES if counts[status] and status != "unchanged"]
    return max(changed, key=lambda status: counts[status], default="unchanged")


def _name(kind: PictureKind, members: Sequence[Node], pipelines: set[str]) -> str:
    if kind == "pipeline":
        return min(pipelines, default="")
    if kind == "rest":
        return ""
    if len(members) == 1:
        return _local_label(members[0])
    groups = {node.group for node in members}
    if len(groups) == 1 and kind == "stage" and (group := min(groups, key=str)):
        return group.rpartition(":")[2] or group
    if all(is_row(node) for node in members):
        # As the row: by the paths, not by the names of the models.
        return common_name([node.id.partition(":")[2] for node in members])
    return common_name([_local_label(node) for node in members])


def _local_label(node: Node) -> str:
    prefix = f"{node.pipeline}:"
    return node.label.removeprefix(prefix) if node.kind == "stage" else node.label


def shorten(text: str, width: int) -> str:
    """Shorten a path or name to `width` characters in its middle, keeping the file's name.

    `data/very/deep/tree/file.csv` in 20 gives `data/ver…/file.csv`. If the name alone is too long,
    its middle is cut, so that the suffix stays.
    """
    if len(text) <= width:
        return text
    folder, slash, name = text.rpartition("/")
    tail = f"{slash}{name}"
    room = width - 1 - len(tail)
    if slash and room >= 1:
        return f"{folder[:room]}…{tail}"
    if slash and width > 2 and len(name) + 2 <= width:
        return f"…{tail}"
    source = name or text
    back = (width - 1) // 2
    return f"{source[: width - 1 - back]}…{source[len(source) - back :]}"
