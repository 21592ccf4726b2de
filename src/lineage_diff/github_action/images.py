"""Render the graph and the plots of a report as image files."""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.github_action.runner.inputs import GraphAs
from lineage_diff.render.graph.graphviz import png, svg
from lineage_diff.render.graph.palette import THEMES
from lineage_diff.render.markdown import PLOTS
from lineage_diff.render.plots.files import plot_files
from lineage_diff.render.templates import render
from lineage_diff.report.graph import Graph
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report

_KINDS = {"png": png, "svg": svg}
_DRAWN = re.compile(r"-(?:light|dark)\.(?:png|svg)$")


def render_images(report: Report, graph: GraphAs) -> Mapping[str, bytes]:
    """Render the graph as SVG and PNG, light and dark, and the plots. Returns files by name.

    Empty without a graph. If no Graphviz works, only the plots: Mermaid replaces the graph.
    """
    if graph == "none" or not report.graph.nodes:
        return {}
    plots = {
        **plot_files(report.drawings, "svg"),
        **plot_files(report.drawings, "png", PLOTS),
    }
    wanted = [(kind, theme) for kind in _KINDS for theme in THEMES]
    try:
        # Each runs its own Graphviz process.
        with ThreadPoolExecutor() as pool:
            drawn = pool.map(lambda one: _KINDS[one[0]](report, one[1]), wanted)
            names = [f"graph-{theme}.{kind}" for kind, theme in wanted]
            graphs = dict(zip(names, drawn, strict=True))
            return {**graphs, **plots}
    except InputError:
        return plots


def are_images_hosted(graph: GraphAs, public: bool) -> bool:
    """Whether images should be stored for the comment."""
    return graph == "image" or (graph == "auto" and public)


def without_untrusted_images(report: Report) -> Report:
    """Drop images and custom plot templates from the report of an untrusted run."""
    plain = (d for d in report.drawings if d.content is None)
    return without_images(replace(report, drawings=tuple(plain)))


def without_images(report: Report) -> Report:
    """Drop the image plots of a fork's report, and state the reason in their place.

    The fork's author chose their bytes, so they must not be stored in our name.
    """
    why = render("action/picture_left_out.j2").strip()
    return replace(report, drawings=tuple(_without_image(d, why) for d in report.drawings))


def without_commit_images(files: Mapping[str, bytes]) -> Mapping[str, bytes]:
    """Select the files rendered from data, without images from a commit."""
    return {name: data for name, data in files.items() if _DRAWN.search(name)}


def _without_image(drawing: Drawing, why: str) -> Drawing:
    if drawing.kind != "image" or drawing.unknown is not None:
        return drawing
    return replace(drawing, images=(), unknown=why)


def without_graph(report: Report) -> Report:
    """Return the report without its graph."""
    return replace(report, graph=Graph())
