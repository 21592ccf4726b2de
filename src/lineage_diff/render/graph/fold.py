"""Fold a graph that is too large to read, step by step, and no further than necessary.

First similar nodes: `foreach` and `matrix` siblings, files that the same stages use and make,
unchanged context. Then stages of several pipelines with the same neighbours. Then whole pipelines,
the largest first: the nodes between their roots and their models, then all but their models, then
all but the models of the report's rows. Last, the smaller pipelines together.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Literal

from msgspec import Struct

from lineage_diff.report.graph import Graph, Node

Role = Literal["node", "pipeline", "rest"]

# Starts the group of the models of one row. No `foreach` or `matrix` entry has it in its id.
ROW = "\x00row "
# A graph with no more nodes than this shows every node except siblings.
SMALL = 12
EDGES_PER_NODE = 4


class Draft(Struct, frozen=True):
    """The nodes merged so far: members by key (the smallest id among them), and each key's role."""

    items: Mapping[str, tuple[Node, ...]]
    edges: frozenset[tuple[str, str]]
    roles: Mapping[str, Role]
    pipelines_folded: int = 0


def fold_graph(graph: Graph, limit: int) -> Draft:
    """Fold until there are at most `limit` nodes and `EDGES_PER_NODE` edges for each."""
    draft = _start(graph)
    draft = _merge(draft, {key: _sibling(items[0]) for key, items in draft.items.items()})
    if len(draft.items) > SMALL:
        draft = _twins(draft, _key_of_file, 4)
        draft = _twins(draft, _key_of_context, 3)
    if _fits(draft, limit):
        return draft
    draft = _twins(draft, _key_of_similar, 3)
    if not _fits(draft, limit):
        draft = _twins(draft, _key_across_pipelines, 3)
    home = _homes(draft)
    for keeps in (_is_end, _is_model, _is_of_row):
        if _fits(draft, limit):
            return draft
        draft, home = _fold_pipelines(draft, home, keeps, limit)
        if keeps is not _is_of_row:
            draft = _twins(draft, _key_of_similar, 3)
    return draft if _fits(draft, limit) else _fold_rest(draft, limit)


def _fits(draft: Draft, limit: int) -> bool:
    return len(draft.items) <= limit and len(draft.edges) <= EDGES_PER_NODE * limit


def _start(graph: Graph) -> Draft:
    items = {node.id: (node,) for node in sorted(graph.nodes, key=lambda node: node.id)}
    edges = frozenset(
        (edge["from"], edge["to"])
        for edge in graph.edges
        if edge["from"] in items and edge["to"] in items and edge["from"] != edge["to"]
    )
    return Draft(items, edges, dict.fromkeys(items, "node"))


def _merge(
    draft: Draft, classes: Mapping[str, Hashable], role: Role = "node", folded: int = 0
) -> Draft:
    """Merge the keys of each class; a key of class `None` is not merged."""
    first: dict[Hashable, str] = {}
    to: dict[str, str] = {}
    members: dict[str, list[Node]] = defaultdict(list)
    for key in sorted(draft.items):
        class_ = classes.get(key)
        to[key] = key if class_ is None else first.setdefault(class_, key)
        members[to[key]].extend(draft.items[key])
    sizes = Counter(to.values())
    roles: dict[str, Role] = {
        key: role if sizes[key] > 1 and role != "node" else draft.roles[key] for key in members
    }
    edges = {(to[source], to[target]) for source, target in draft.edges}
    return Draft(
        {key: tuple(nodes) for key, nodes in members.items()},
        frozenset(edge for edge in edges if edge[0] != edge[1]),
        roles,
        draft.pipelines_folded + folded,
    )


def _sibling(node: Node) -> Hashable:
    if node.group is None:
        return None
    if is_row(node):
        return node.group
    return (node.pipeline, node.kind, node.group, node.change, node.freshness, node.context)


def is_row(node: Node) -> bool:
    """Whether a node is a model of a row of the report, which is one node."""
    return node.group is not None and node.group.startswith(ROW)


Likeness = Callable[[Draft, str], Hashable]


def _twins(draft: Draft, likeness_of: Likeness, least: int) -> Draft:
    """Merge groups of at least `least` similar keys with the same neighbours."""
    likeness = {key: likeness_of(draft, key) for key in draft.items}
    counts = Counter(likeness.values())
    common = {key for key, like in likeness.items() if like is not None and counts[like] >= least}
    above: dict[str, list[str]] = {key: [] for key in common}
    below: dict[str, list[str]] = {key: [] for key in common}
    for source, target in draft.edges:
        if target in common:
            above[target].append(source)
        if source in common:
            below[source].append(target)
    classes = {key: (likeness[key], frozenset(above[key]), frozenset(below[key])) for key in common}
    sizes = Counter(classes.values())
    twins = {key: class_ for key, class_ in classes.items() if sizes[class_] >= least}
    return _merge(draft, twins) if twins else draft


def _key_of_similar(draft: Draft, key: str) -> tuple[str | None, str, str, str | None] | None:
    node = draft.items[key][0]
    if draft.roles[key] != "node" or is_row(node):
        return None
    return (node.pipeline, node.kind, node.change, node.freshness)


def _key_across_pipelines(draft: Draft, key: str) -> Hashable:
    """Return what stages of several pipelines share if they are similar."""
    similar = _key_of_similar(draft, key)
    return similar[1:] if similar is not None and similar[1] == "stage" else None


def _key_of_file(draft: Draft, key: str) -> Hashable:
    return None if draft.items[key][0].kind in ("stage", "model") else _key_of_similar(draft, key)


def _key_of_context(draft: Draft, key: str) -> Hashable:
    node = draft.items[key][0]
    quiet = node.change == "unchanged" and node.freshness != "stale" and node.kind != "model"
    return (node.pipeline, node.kind == "stage") if quiet else None


def _homes(draft: Draft) -> dict[str, str]:
    """Return the pipeline of each key; for a file without one, the pipeline of all neighbours."""
    own = {key: _pipeline(nodes) for key, nodes in draft.items.items()}
    near: dict[str, set[str]] = defaultdict(set)
    for source, target in draft.edges:
        for key, other in ((source, target), (target, source)):
            pipeline = own[other]
            if pipeline:
                near[key].add(pipeline)
    return {
        key: pipeline if pipeline is not None else min(near[key]) if len(near[key]) == 1 else ""
        for key, pipeline in own.items()
    }


def _pipeline(nodes: tuple[Node, ...]) -> str | None:
    """Return the pipeline of nodes, `None` without one; empty if they have several."""
    pipelines = {node.pipeline for node in nodes if node.pipeline}
    return "" if len(pipelines) > 1 else next(iter(pipelines), None)


Keeps = Callable[[Draft, str, frozenset[str]], bool]


def _is_end(draft: Draft, key: str, fed: frozenset[str]) -> bool:
    node = draft.items[key][0]
    root = key not in fed and node.kind != "stage" and node.change != "unchanged"
    return root or _is_model(draft, key, fed)


def _is_model(draft: Draft, key: str, fed: frozenset[str]) -> bool:
    node = draft.items[key][0]
    return node.kind == "model" and (node.change != "unchanged" or node.freshness == "stale")


def _is_of_row(draft: Draft, key: str, fed: frozenset[str]) -> bool:
    return is_row(draft.items[key][0])


def _fold_pipelines(
    draft: Draft, home: Mapping[str, str], keeps: Keeps, limit: int
) -> tuple[Draft, dict[str, str]]:
    """Fold pipelines, the largest first, to one node each plus the nodes that `keeps` retains."""
    fed = frozenset(target for _, target in draft.edges)
    inner: dict[str, list[str]] = defaultdict(list)
    for key in sorted(draft.items):
        if home.get(key) and not keeps(draft, key, fed):
            inner[home[key]].append(key)
    left = len(draft.items)
    crowded = len(draft.edges) > EDGES_PER_NODE * limit
    classes: dict[str, Hashable] = {}
    count = 0
    for pipeline in sorted(inner, key=lambda name: (-len(inner[name]), name)):
        keys = inner[pipeline]
        if len(keys) < 2 or (left <= limit and not crowded):
            continue
        left -= len(keys) - 1
        count += all(draft.roles[key] == "node" for key in keys)
        classes |= dict.fromkeys(keys, pipeline)
    draft = _merge(draft, classes, "pipeline", count)
    return draft, {key: home.get(key, "") for key in draft.items}


def _fold_rest(draft: Draft, limit: int) -> Draft:
    """Keep the rows of models and the nodes with the most members; merge all others into one."""
    keep = limit - 1

    def rank(key: str) -> tuple[bool, int, str]:
        members = draft.items[key]
        return not is_row(members[0]), -len(members), key

    while True:
        ranked = sorted(draft.items, key=rank)
        rest = _merge(draft, dict.fromkeys(ranked[keep:], "rest"), "rest")
        if keep <= 0 or _fits(rest, limit):
            return rest
        keep //= 2
