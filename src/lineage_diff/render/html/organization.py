"""An answer over many repositories as one HTML page, with the path of the answer as a graph."""

from collections.abc import Mapping, Sequence

from lineage_diff.render.graph.view import PictureNode
from lineage_diff.render.html.graph_svg import GraphDrawing, Looks, draw_graph
from lineage_diff.render.html.page import html_page
from lineage_diff.report.graph import Edge, Graph, Node, NodeKind
from lineage_diff.report.organization.answers import RepositoryJoin
from lineage_diff.report.organization.report import OrganizationReport

ROWS = 2_000
"""Rows of each table; further rows are counted."""


def organization_html(report: OrganizationReport) -> str:
    """Return the page: the same bytes for the same report."""
    return html_page(
        "html/organization.html.j2",
        report=report,
        rows=ROWS,
        subjects=(),
        drawing=_drawing(report),
    )


def _drawing(report: OrganizationReport) -> GraphDrawing | None:
    graph = graph_of_answer(report)
    states: Mapping[str, str | None] = {node.id: node.freshness for node in graph.nodes}
    below: Mapping[str, str | None] = {node.id: node.group for node in graph.nodes}

    def looks(node: PictureNode) -> Looks:
        state = states.get(node.members[0]) if len(node.members) == 1 else None
        text = below.get(node.members[0]) if len(node.members) == 1 else None
        return Looks(text or node.kind, state or node.kind)

    return draw_graph(Graph(tuple(_plain(node) for node in graph.nodes), graph.edges), looks)


def _plain(node: Node) -> Node:
    return Node(node.id, node.kind, node.label, node.change, node.freshness, node.pipeline)


def graph_of_answer(report: OrganizationReport) -> Graph:
    """Return the data, the joins and the models of an answer; `group` is the repository."""
    joins: tuple[RepositoryJoin, ...] = ()
    nodes: dict[str, Node] = {}
    edges: set[tuple[str, str]] = set()
    if report.impact is not None:
        joins = report.impact.joins
        for place in report.impact.places:
            _add(nodes, place.repository, place.path, "data")
    elif report.trace is not None:
        joins = report.trace.joins
        model = _add(nodes, report.trace.repository, report.trace.path, "model")
    for join in joins:
        source = _add(nodes, join.source_repository, join.source_path, "data")
        target = _add(nodes, join.repository, join.path, "import")
        edges.add((source, target))
    if report.impact is not None:
        for item in report.impact.models:
            model = _add(nodes, item.repository, item.path, "model", item.freshness)
            edges.update((name, model) for name in _in(nodes, item.repository, "import"))
            if not item.hops:
                edges.update((name, model) for name in _in(nodes, item.repository, "data"))
        edges |= _inside(nodes, joins, {(p.repository, p.path) for p in report.impact.places})
    elif report.trace is not None:
        edges.update((name, model) for name in _in(nodes, report.trace.repository, "import"))
        edges |= _inside(nodes, joins, set())
    known: list[Edge] = [{"from": one, "to": two} for one, two in sorted(edges) if one != two]
    return Graph(tuple(nodes[name] for name in sorted(nodes)), tuple(known))


def _add(
    nodes: dict[str, Node], repository: str, path: str, kind: NodeKind, state: object = None
) -> str:
    name = f"{repository}:{path}"
    before = nodes.get(name)
    # A model that is imported elsewhere is a model; what a repository imported is an import.
    order: Sequence[NodeKind] = ("model", "import", "data")
    if before is None or order.index(kind) < order.index(before.kind):
        freshness = state if state in ("fresh", "stale", "unknown") else None
        nodes[name] = Node(name, kind, path, "affected", freshness, group=_short(repository))  # type: ignore[arg-type]
    return name


def _short(repository: str) -> str:
    """Return a repository without its server."""
    return repository.partition("/")[2] or repository[:20]


def _in(nodes: Mapping[str, Node], repository: str, kind: NodeKind) -> list[str]:
    start = f"{repository}:"
    return [name for name, node in nodes.items() if name.startswith(start) and node.kind == kind]


def _inside(
    nodes: Mapping[str, Node],
    joins: Sequence[RepositoryJoin],
    places: set[tuple[str, str]],
) -> set[tuple[str, str]]:
    """Return the edges within repositories: from the data or an import to what others import."""
    edges: set[tuple[str, str]] = set()
    for join in joins:
        target = f"{join.source_repository}:{join.source_path}"
        if (join.source_repository, join.source_path) in places:
            continue
        for other in joins:
            if other.repository == join.source_repository and other.hops < join.hops:
                edges.add((f"{other.repository}:{other.path}", target))
        for repository, path in places:
            if repository == join.source_repository:
                edges.add((f"{repository}:{path}", target))
    return {(one, two) for one, two in edges if one in nodes and two in nodes}
