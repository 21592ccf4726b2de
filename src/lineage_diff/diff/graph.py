"""Build the changed subgraph: changed nodes, affected nodes, and their direct neighbours.

Nodes are stages, and the files between them: data, models, metrics, code, imports, and one node
for each params file of a stage that no stage makes. Ids are `stage:`, `file:` or `params:` and the
id or path.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.diff.causes import git_kind
from lineage_diff.diff.impact import CauseReach
from lineage_diff.diff.stages import Pair
from lineage_diff.lineage.stage import ParamDep, Stage
from lineage_diff.report.change import DataChange, ModelChange, StageChange
from lineage_diff.report.graph import Edge, Graph, Node, NodeKind
from lineage_diff.report.reasons import Freshness
from lineage_diff.report.value_text import values
from lineage_diff.text import join_some

# Keys, and characters of a value, in the label of params.
_KEYS = 2
_VALUE_WIDTH = 24
# Instead of a value, which may be `null`.
_NO_KEY = "–"

NodeChange = Literal["added", "removed", "modified", "renamed", "affected", "unchanged"]
_MODEL_CHANGES: Mapping[str, NodeChange] = {
    "added": "added",
    "removed": "removed",
    "retrained": "modified",
    "moved": "renamed",
    "edited": "modified",
    "recorded": "modified",
    "unrecorded": "affected",
    "unchanged": "unchanged",
}


class GraphParts(Struct, frozen=True):
    """Results of the other comparisons, from which the nodes are built."""

    impact: CauseReach
    stages: tuple[StageChange, ...]
    models: tuple[ModelChange, ...]
    data: tuple[DataChange, ...]


def changed_subgraph(pairs: tuple[Pair, ...], parts: GraphParts) -> Graph:
    """Return the changed subgraph; empty if nothing changed."""
    near = _near(pairs, parts)
    if not near:
        return Graph()
    nodes, edges = _context_of(near, parts)
    core = {key for key, node in nodes.items() if node.change != "unchanged"}
    if not core:
        return Graph()
    ring = {key for pair in edges for key in pair if core.intersection(pair)}
    shown = core | ring
    kept = [replace(nodes[key], context=key not in core) for key in sorted(shown)]
    kept_edges: list[Edge] = [
        {"from": source, "to": target}
        for source, target in sorted(edges)
        if source in shown and target in shown and (source in core or target in core)
    ]
    return Graph(tuple(kept), tuple(kept_edges), max(0, _size(pairs, parts) - len(kept)))


def _near(pairs: tuple[Pair, ...], parts: GraphParts) -> tuple[Pair, ...]:
    """Return the stages near a change, with their direct upstream stages.

    Near are changed and affected stages, and those that make or use a changed file.
    """
    near = {stage.name for stage in parts.stages if stage.change != "unchanged"}
    near |= parts.impact.sets.keys()
    paths = {model.path for model in parts.models if model.affected}
    paths |= {data.path for data in parts.data if data.change != "rehashed"}
    paths |= {data.renamed_from for data in parts.data if data.renamed_from}
    if not near and not paths:
        return ()
    for pair in pairs:
        for stage in _sides(pair):
            used = not paths.isdisjoint(stage.used_paths)
            if used or not paths.isdisjoint([out.path for out in stage.outs]):
                near.add(pair.id)
    near |= {link.stage for stage in tuple(near) for link in parts.impact.links.get(stage, ())}
    return tuple(pair for pair in pairs if pair.id in near)


def _size(pairs: tuple[Pair, ...], parts: GraphParts) -> int:
    """Count the nodes of the whole graph."""
    files: set[str] = set()
    others = 0
    for pair in pairs:
        params: set[str] = set()
        plain = pair.any.is_dvcfile and not pair.any.cmd
        for stage in _sides(pair):
            files.update([out.path for out in stage.outs])
            if not plain:
                files.update([dep.path for dep in stage.deps])
                params.update([param.path for param in stage.params])
        if params:
            made = params & _produced_deps(pair, parts)
            files |= made
            others += len(params) - len(made)
        others += not plain
    return len(files) + others


def _produced_deps(pair: Pair, parts: GraphParts) -> set[str]:
    """Return the deps and params files of a stage that a stage or `.dvc` file makes."""
    return {link.dep for link in parts.impact.links.get(pair.id, ())}


def _context_of(
    pairs: tuple[Pair, ...], parts: GraphParts
) -> tuple[dict[str, Node], set[tuple[str, str]]]:
    files = _files(parts)
    freshness = {stage.name: stage for stage in parts.stages}
    nodes: dict[str, Node] = {}
    edges: set[tuple[str, str]] = set()
    made = {out.path for pair in pairs for stage in _sides(pair) for out in stage.outs}
    edited: set[str] = set()
    for pair in pairs:
        stage = pair.any
        plain = stage.is_dvcfile and not stage.cmd
        key = f"stage:{pair.id}"
        if not plain:
            nodes[key] = _stage(pair, freshness.get(pair.id), parts.impact)
        entries = set(parts.impact.entries.get(pair.id, ()))
        linked = _produced_deps(pair, parts)
        for side in _sides(pair):
            for out in side.outs:
                kind: NodeKind = "metrics" if out.kind == "metrics" else "data"
                if plain and side.imported:
                    kind = "import"
                reached = parts.impact.reached(pair.id)
                _file(nodes, files, out.path, kind, "affected" if reached else "unchanged", side)
                if not plain:
                    edges.add((key, f"file:{out.path}"))
            if plain:
                continue
            for dep in side.deps:
                if dep.path not in made:
                    git = git_kind(dep.path)
                    kind = "data" if git == "data" or dep.external else "code"
                    change = _dep_change(dep.path, entries, parts.impact)
                    _file(nodes, files, dep.path, kind, change, None)
                edges.add((f"file:{dep.path}", key))
            for param in side.params:
                change = _param_change(param.path, entries, pair, parts.impact)
                name = f"params:{param.path}@{pair.id}"
                if param.path in linked:
                    name = f"file:{param.path}"
                    if param.path not in made:
                        _file(nodes, files, param.path, "params", change, None)
                    elif change == "modified":
                        edited.add(param.path)
                else:
                    label = _param_label(param, entries, parts.impact)
                    nodes[name] = Node(
                        name, "params", label, change, pipeline=side.file, group=side.group
                    )
                edges.add((name, key))
    for path in edited:
        _mark(nodes, f"file:{path}", "modified")
    for pair in pairs:
        for link in parts.impact.links.get(pair.id, ()):
            if link.dep != link.out:
                _nest(edges, link.dep, link.out)
    return nodes, {edge for edge in edges if edge[0] in nodes and edge[1] in nodes}


def _param_label(param: ParamDep, entries: set[tuple[str, str]], impact: CauseReach) -> str:
    """Name the keys that changed, of a single one with its values, else those that are used."""
    start = f"{param.path}:"
    changed = sorted(
        subject for kind, subject in entries if kind == "param" and subject.startswith(start)
    )
    if len(changed) == 1:
        cause = impact.causes["param", changed[0]]
        old, new = values(cause.old, cause.new, _VALUE_WIDTH)
        before = _NO_KEY if cause.change == "added" else old
        after = _NO_KEY if cause.change == "removed" else new
        return f"{changed[0].removeprefix(start)} {before} → {after}"
    keys = [subject.removeprefix(start) for subject in changed] or sorted(param.keys)
    if not keys:
        return param.path
    return join_some(keys, _KEYS)


def _param_change(
    path: str, entries: set[tuple[str, str]], pair: Pair, impact: CauseReach
) -> NodeChange:
    if any(kind == "param" and subject.startswith(f"{path}:") for kind, subject in entries):
        return "modified"
    producers = {link.stage for link in impact.links.get(pair.id, ()) if link.dep == path}
    return "affected" if any(map(impact.reached, producers)) else "unchanged"


def _nest(edges: set[tuple[str, str]], dep: str, out: str) -> None:
    edges.add((f"file:{out}", f"file:{dep}"))


def _sides(pair: Pair) -> Iterable[Stage]:
    if pair.new is not None:
        yield pair.new
    if pair.old is not None and pair.old is not pair.new:
        yield pair.old


def _dep_change(path: str, entries: set[tuple[str, str]], impact: CauseReach) -> NodeChange:
    for kind in ("code", "data", "environment", "structure"):
        if (kind, path) in entries:
            change = impact.causes[kind, path].change
            return "modified" if kind == "structure" else change
    return "unchanged"


def _files(parts: GraphParts) -> dict[str, Node]:
    found: dict[str, Node] = {}
    for data in parts.data:
        change: NodeChange = "unchanged"
        if data.change != "rehashed" and not _is_unrecorded(data):
            change = data.change
        found[data.path] = Node(f"file:{data.path}", "data", data.path, change)
    for model in parts.models:
        change = _MODEL_CHANGES[model.change]
        if change == "unchanged" and model.affected:
            change = "affected"
        label = model.name or model.path
        found[model.path] = Node(f"file:{model.path}", "model", label, change, model.freshness)
    return found


def _is_unrecorded(data: DataChange) -> bool:
    """Whether its new version is not recorded; that is not a modification."""
    return data.change == "modified" and (data.new is None or data.new.hash is None)


def _file(
    nodes: dict[str, Node],
    files: Mapping[str, Node],
    path: str,
    kind: NodeKind,
    change: NodeChange,
    stage: Stage | None,
) -> None:
    key = f"file:{path}"
    if key in nodes:
        _mark(nodes, key, change)
        return
    pipeline = stage.file if stage and not stage.is_dvcfile else None
    group = stage.group if stage else None
    node = files.get(path)
    if node is None:
        nodes[key] = Node(key, kind, path, change, pipeline=pipeline, group=group)
    else:
        nodes[key] = replace(
            node,
            kind="model" if node.kind == "model" else kind,
            change=change if node.change == "unchanged" and node.kind != "model" else node.change,
            pipeline=pipeline,
            group=group,
        )


def _mark(nodes: dict[str, Node], key: str, change: NodeChange) -> None:
    """Give a node a change if it has none."""
    if nodes[key].change == "unchanged":
        nodes[key] = replace(nodes[key], change=change)


def _stage(pair: Pair, change: StageChange | None, impact: CauseReach) -> Node:
    stage = pair.any
    what: NodeChange = change.change if change else "unchanged"
    if what == "unchanged" and impact.reached(pair.id):
        what = "affected"
    freshness: Freshness | None = change.freshness if change else None
    label = stage.name or stage.id
    return Node(f"stage:{pair.id}", "stage", label, what, freshness, stage.file, stage.group)
