"""Which pictures a run draws, and which of them it shows."""

from typing import get_args

import pytest
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.forge.publication import ImageUrls
from lineage_diff.github_action import images as module
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action.images import (
    are_images_hosted,
    render_images,
    without_commit_images,
    without_images,
    without_untrusted_images,
)
from lineage_diff.github_action.runner.inputs import GraphAs
from lineage_diff.render.plots.files import select_hosted
from lineage_diff.report.graph import Graph
from tests.support.plot_images import IMAGE
from tests.support.reports import curve, nothing_changed, small, stale

REPORT = replace(small(), drawings=(curve("loss"), IMAGE))
PLOTS = {f"plot-01-{theme}.{kind}" for theme in ("light", "dark") for kind in ("png", "svg")}
PLOTS |= {"plot-02-before.png", "plot-02-after.png"}
GRAPHS = {f"graph-{theme}.{kind}" for theme in ("light", "dark") for kind in ("png", "svg")}


def test_the_graph_and_the_plots_are_drawn() -> None:
    assert render_images(REPORT, "auto").keys() == GRAPHS | PLOTS


def test_nothing_is_drawn_where_no_picture_is_wanted() -> None:
    assert render_images(REPORT, "none") == {}
    assert render_images(replace(REPORT, graph=Graph()), "auto") == {}


@pytest.mark.parametrize("graph", get_args(GraphAs))
def test_where_the_graph_is_shown(graph: GraphAs) -> None:
    text = texts.comment_text(stale(), graph)(None)
    assert ("```mermaid" in text) == (graph != "none")
    assert bool(render_images(stale(), graph)) == (graph != "none")
    assert are_images_hosted(graph, public=True) == (graph in ("auto", "image"))
    assert are_images_hosted(graph, public=False) == (graph == "image")


def test_nothing_is_drawn_where_nothing_changed() -> None:
    assert render_images(nothing_changed(), "auto") == {}


def test_plots_are_drawn_where_no_graphviz_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> bytes:
        raise InputError("no Graphviz", hint="")

    monkeypatch.setattr("lineage_diff.render.graph.graphviz.draw", broken)
    assert module.render_images(REPORT, "auto").keys() == PLOTS


def test_the_comment_shows_each_plot_once() -> None:
    files = select_hosted(render_images(REPORT, "auto"), 6)
    urls = ImageUrls("https://x/l", "https://x/d", {name: f"https://x/{name}" for name in files})
    text = texts.comment_text(REPORT, "auto")(urls)
    assert text.count("<picture>") == 2
    assert text.count("plot-02-") == 2
    assert "xychart" not in text
    assert texts.comment_text(REPORT, "auto")(None).count("xychart-beta") == 1
    assert "xychart" not in texts.comment_text(REPORT, "none")(None)
    assert "mermaid" not in texts.check_summary(REPORT)


def test_of_a_stranger_s_report_only_points_are_drawn() -> None:
    own = curve("own", template="own", content={"mark": "bar", "data": "<DVC_METRIC_DATA>"})
    report = without_untrusted_images(replace(REPORT, drawings=(curve("loss"), IMAGE, own)))
    assert [(drawing.id, drawing.images) for drawing in report.drawings] == [
        ("loss", ()),
        (IMAGE.id, ()),
    ]
    assert (
        render_images(report, "auto").keys()
        == without_commit_images(render_images(REPORT, "auto")).keys()
    )


def test_an_image_of_a_fork_is_left_out_and_its_row_says_so() -> None:
    files = without_commit_images(render_images(REPORT, "auto"))
    assert files.keys() == {name for name in GRAPHS | PLOTS if "plot-02" not in name}
    others = {name: f"https://x/{name}" for name in select_hosted(files, 6)}
    urls = ImageUrls("https://x/l", "https://x/d", others)
    text = texts.comment_text(without_images(REPORT), "auto")(urls)
    assert "not rendered: images from forks are not stored" in text
    assert "plot-02" not in text
