"""The graph of a report as pictures, where one is wanted and can be drawn."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from lineage_diff.action.inputs import GraphAs
from lineage_diff.compare.change import Graph
from lineage_diff.read.errors import InputError
from lineage_diff.report.report import Report
from lineage_diff.show.palette import Theme

THEMES: tuple[Theme, ...] = ("light", "dark")


def drawn(report: Report, graph: GraphAs) -> Mapping[str, bytes]:
    """Return the files of the graph by name, SVG and PNG, light and dark; none without a graph.

    Where no Graphviz works there are none either: Mermaid takes their place.
    """
    from lineage_diff.show.render import png, svg

    if graph == "none" or not report.graph.nodes:
        return {}
    wanted = [(kind, theme) for kind in (png, svg) for theme in THEMES]
    try:
        # Each is a Graphviz process of its own.
        with ThreadPoolExecutor() as pool:
            made = pool.map(lambda one: one[0](report, one[1]), wanted)
            return {f"graph-{theme}.{kind.__name__}": next(made) for kind, theme in wanted}
    except InputError:
        return {}


def hosted(graph: GraphAs, public: bool) -> bool:
    """Whether pictures are to be kept where a comment can show them."""
    return graph == "image" or (graph == "auto" and public)


def without_graph(report: Report) -> Report:
    """Return the report for a text in which no graph is wanted."""
    return replace(report, graph=Graph())
