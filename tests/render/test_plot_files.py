"""Files of plots: their names, those that are hosted, and the pictures of their addresses."""

import pytest
from msgspec.structs import replace

from lineage_diff.render.markdown import markdown
from lineage_diff.render.options import Pictures, PlotPicture
from lineage_diff.render.plots.files import pictures_with_urls, plot_files, select_hosted
from lineage_diff.report.plots import PlotImage
from tests.support.markdown import read
from tests.support.plot_images import BEFORE, IMAGE
from tests.support.plot_repo import SVG
from tests.support.reports import curve, small

DRAWINGS = (curve("none", unknown="kept in the cache"), curve("loss"), IMAGE, curve("acc"))


@pytest.mark.parametrize(
    ("media_type", "content", "name"),
    [
        ("image/png", BEFORE, "plot-01-after.png"),
        ("image/svg+xml", SVG.encode(), "plot-01-after.svg"),
        ("image/gif", b"GIF89a", "plot-01-after.gif"),
        ("image/jpeg", b"\xff\xd8\xff\xe0", "plot-01-after.jpg"),
        ("image/png", b"<html>", None),
        ("text/html", b"<html>", None),
        ("../x", b"x", None),
    ],
)
def test_an_image_keeps_its_kind_and_nothing_else_passes_for_one(
    media_type: str, content: bytes, name: str | None
) -> None:
    image = replace(IMAGE, images=(PlotImage("after", media_type, content),))
    assert plot_files([image], "png") == ({name: content} if name else {})


def test_what_is_hosted_is_of_the_first_plots_and_no_svg_of_ours() -> None:
    names = (
        *("graph-light.png", "plot-01-light.svg", "plot-02-dark.png", "plot-02-light.svg"),
        *("plot-03-after.svg", "plot-11-light.png"),
    )
    files = dict.fromkeys(names, b"")
    assert list(select_hosted(files, 2)) == ["plot-02-dark.png", "plot-03-after.svg"]


def test_addresses_become_pictures() -> None:
    urls = {
        name: f"https://x.example/{name}"
        for name in ("plot-02-light.png", "plot-02-dark.png", "plot-03-before.png")
    }
    at = "https://x.example/plot-0"
    assert pictures_with_urls(DRAWINGS, urls) == (
        PlotPicture("loss", f"{at}2-light.png", f"{at}2-dark.png"),
        PlotPicture("mask.png", before_url=f"{at}3-before.png"),
    )


def test_a_comment_shows_pictures_and_charts_of_the_rest() -> None:
    report = replace(small(), drawings=(curve("loss"), IMAGE, curve("acc")))
    pictures = Pictures(
        "https://x.example/l.png",
        "https://x.example/d.png",
        plots=(
            PlotPicture("loss", "https://x.example/a.png", "https://x.example/b.png"),
            PlotPicture("mask.png", None, None, "https://x.example/c.png", None),
        ),
        plots_beyond=2,
    )
    text = markdown(report, pictures)
    assert read(text).tags >= {"picture", "source", "img", "table"}
    assert text.count("<picture>") == 2
    assert text.count("<img ") == 3
    assert text.count("xychart-beta") == 1
    assert "2 more are in the files of this run" in text
    assert "xychart-beta" not in markdown(report, pictures, charts=False)
    for name in ("a.png", "b.png", "c.png"):
        assert f"//x.example/{name}" in text
