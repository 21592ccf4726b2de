"""The graph of a report with its rows of models as groups, so that a row is one node."""

from msgspec.structs import replace

from lineage_diff.render.graph.fold import ROW
from lineage_diff.render.groups.models import rows_by_path
from lineage_diff.render.summary import summary_of
from lineage_diff.report.graph import Graph, Node
from lineage_diff.report.report import Report, of_last_report

_FILE = "file:"


@of_last_report
def graph_of(report: Report) -> Graph:
    """Return the graph of a report, in which the models of one row have one group of their own."""
    places = rows_by_path(summary_of(report).rows)

    def grouped(node: Node) -> Node:
        place = places.get(node.id.removeprefix(_FILE)) if node.kind == "model" else None
        return node if place is None else replace(node, group=f"{ROW}{place}")

    return replace(report.graph, nodes=tuple(map(grouped, report.graph.nodes)))
