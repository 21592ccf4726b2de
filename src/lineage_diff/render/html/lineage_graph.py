"""The lineage graph of an audit: sources, the stages that used them, and the models."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.render.graph.view import PictureNode
from lineage_diff.render.html.graph_svg import LIMITS, GraphDrawing, Looks, draw_graph
from lineage_diff.render.templates import render
from lineage_diff.report.answers import InputKind, RunStep, Trace
from lineage_diff.report.graph import Edge, Graph, Node, NodeKind

_KINDS: Mapping[InputKind, NodeKind] = {
    "data": "data",
    "import": "import",
    "code": "code",
    "environment": "code",
}

State = Literal["fresh", "stale", "unknown"]


def drawing(traces: Sequence[Trace], chapters: int, most: int = LIMITS[0]) -> GraphDrawing | None:
    """Lay out the lineage of the models, folded if necessary; `None` if that fails.

    The first `chapters` traces have their own section, which their nodes link to.
    """
    graph = graph_of_traces(traces)
    if len(graph.nodes) > most:
        # Separate models matter more than single scripts.
        graph = _without_code(graph)
    numbers = {_model(trace.path): number for number, trace in enumerate(traces)}

    def looks(node: PictureNode) -> Looks:
        number = numbers.get(node.members[0]) if len(node.members) == 1 else None
        state = _state(traces[numbers[member]] for member in node.members if member in numbers)
        below = render("html/below.j2", node=node, state=state, pipeline=_pipeline(node)).strip()
        chapter = number if number is not None and number < chapters else None
        return Looks(below, state or node.kind, chapter)

    return draw_graph(graph, looks)


def graph_of_traces(traces: Iterable[Trace]) -> Graph:
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
        edges.update(_run_edges(trace.runs))
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


def _run_edges(runs: Sequence[RunStep]) -> Iterator[tuple[str, str]]:
    """Yield the edges between runs. By DVC's rule, a dep is, is inside or contains an out."""
    producers = {out.path: run.stage for run in runs for out in run.outs}
    outs = sorted(producers)
    for run in runs:
        for dep in run.deps:
            path = dep.path
            around = next((at for at in (path, *ancestors(path)) if at in producers), None)
            for out in [around] if around is not None else inside(outs, path):
                if producers[out] != run.stage:
                    yield _stage(producers[out]), _stage(run.stage)


def _stage(id_: str) -> str:
    return f"stage:{id_}"


def _model(path: str) -> str:
    return f"model:{path}"


def _pipeline(node: PictureNode) -> str | None:
    """Return the common pipeline of the stages, unless it is the root pipeline."""
    if node.kind != "stage":
        return None
    found = {member.rpartition(":")[0].removeprefix("stage:") for member in node.members}
    return min(found) if len(found) == 1 and found != {"dvc.yaml"} else None


def _state(traces: Iterable[Trace]) -> State | None:
    states = {trace.freshness for trace in traces}
    if not states:
        return None
    if "stale" in states:
        return "stale"
    return "fresh" if states == {"fresh"} else "unknown"
