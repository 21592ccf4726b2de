"""The graph of a report with its rows of models as groups, so that a row is one node."""

from threading import Lock

from msgspec.structs import replace

from lineage_diff.render.graph.fold import ROW
from lineage_diff.render.groups.models import rows_by_path
from lineage_diff.render.summary import Summary
from lineage_diff.report.graph import Graph, Node
from lineage_diff.report.report import Report

_FILE = "file:"

# The last report and its graph: one is drawn in many formats, by many threads.
_LAST: list[tuple[Graph, Graph]] = []
_ONE_AT_A_TIME = Lock()


def graph_of(report: Report) -> Graph:
    """Return the graph of a report, in which the models of one row have one group of their own."""
    with _ONE_AT_A_TIME:
        if not _LAST or _LAST[0][0] is not report.graph:
            _LAST[:] = [(report.graph, _grouped(report))]
        return _LAST[0][1]


def _grouped(report: Report) -> Graph:
    places = rows_by_path(Summary(report).rows)

    def grouped(node: Node) -> Node:
        place = places.get(node.id.removeprefix(_FILE)) if node.kind == "model" else None
        return node if place is None else replace(node, group=f"{ROW}{place}")

    return replace(report.graph, nodes=tuple(map(grouped, report.graph.nodes)))
