"""The graph and the plots of a report as pictures, where they are wanted and can be drawn."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.github_action.runner.inputs import GraphAs
from lineage_diff.render.graph.graphviz import png, svg
from lineage_diff.render.graph.palette import Theme
from lineage_diff.render.markdown import PLOTS
from lineage_diff.render.plots.files import plot_files
from lineage_diff.render.templates import render
from lineage_diff.report.graph import Graph
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report

THEMES: tuple[Theme, ...] = ("light", "dark")
_DRAWN = re.compile(r"-(?:light|dark)\.(?:png|svg)$")


def drawn(report: Report, graph: GraphAs) -> Mapping[str, bytes]:
    """Return the files of the graph by name, SVG and PNG, light and dark, and those of the plots.

    None without a graph. Where no Graphviz works there are none of it: Mermaid takes their place.
    """
    if graph == "none" or not report.graph.nodes:
        return {}
    plots = {
        **plot_files(report.drawings, "svg"),
        **plot_files(report.drawings, "png", PLOTS),
    }
    wanted = [(kind, theme) for kind in (png, svg) for theme in THEMES]
    try:
        # Each is a Graphviz process of its own.
        with ThreadPoolExecutor() as pool:
            made = pool.map(lambda one: one[0](report, one[1]), wanted)
            graphs = {f"graph-{theme}.{kind.__name__}": next(made) for kind, theme in wanted}
            return {**graphs, **plots}
    except InputError:
        return plots


def hosted(graph: GraphAs, public: bool) -> bool:
    """Whether pictures are to be kept where a comment can show them."""
    return graph == "image" or (graph == "auto" and public)


def strangers(report: Report) -> Report:
    """Return a report that a stranger may have written, without what only they would have drawn.

    A template of their own is not drawn, and their images are left out as those of any fork.
    """
    plain = (d for d in report.drawings if d.content is None)
    return without_images(replace(report, drawings=tuple(plain)))


def without_images(report: Report) -> Report:
    """Return a fork's report in which plots that are images say why they are not shown.

    They are bytes that the fork's author chose, which are not to be stored under our name.
    """
    why = render("action/picture_left_out.j2").strip()
    return replace(report, drawings=tuple(_without_image(d, why) for d in report.drawings))


def drawn_here(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Return of a run's files those that were drawn from data, and no image that a commit holds."""
    return {name: data for name, data in files.items() if _DRAWN.search(name)}


def _without_image(drawing: Drawing, why: str) -> Drawing:
    if drawing.kind != "image" or drawing.unknown is not None:
        return drawing
    return replace(drawing, images=(), unknown=why)


def without_graph(report: Report) -> Report:
    """Return the report for a text in which no graph is wanted."""
    return replace(report, graph=Graph())
