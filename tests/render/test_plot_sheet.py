"""All plots in one SVG document."""

from xml.etree import ElementTree

import pytest
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.render.plots import contact_sheet as module
from lineage_diff.render.plots.contact_sheet import plot_sheet
from lineage_diff.report.plots import Drawing, PlotImage
from tests.support.plot_images import IMAGE
from tests.support.reports import curve, hostile, small


def parsed(svg: bytes) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(svg).iter())  # noqa: S314  # drawn by ourselves


def words(svg: bytes) -> str:
    return " ".join(node.text or "" for node in parsed(svg))


@pytest.mark.parametrize(("theme", "color"), [("light", "#ffffff"), ("dark", "#0d1117")])
def test_it_holds_every_plot_that_can_be_drawn(theme: str, color: str) -> None:
    drawings = (curve("loss"), IMAGE, curve("acc"), curve("none", unknown="too large to draw"))
    svg = plot_sheet(replace(small(), drawings=drawings), theme)  # type: ignore[arg-type]
    assert color.encode() in svg
    nodes = parsed(svg)
    assert sum(node.tag.endswith("}image") for node in nodes) == 2
    assert sum(node.tag.endswith("}svg") for node in nodes) == 3
    assert {"loss", "acc", "mask.png: before"} <= {node.text for node in nodes}
    assert "none" not in words(svg)
    ids = [node.attrib["id"] for node in nodes if "id" in node.attrib]
    assert len(ids) == len(set(ids))


def test_without_plots_it_says_so() -> None:
    assert "No plot to show changed" in words(plot_sheet(replace(small(), drawings=())))


def test_hostile_names_and_media_types_stay_text() -> None:
    odd = Drawing(
        "x",
        "image",
        ("x",),
        title='"><script>',
        images=(
            PlotImage("after", 'image/png" onload="x', b"1"),
            PlotImage("before", "image/png", b"2"),
        ),
    )
    report = hostile()
    svg = plot_sheet(replace(report, drawings=(*report.drawings, odd)))
    tags = {node.tag.rpartition("}")[2] for node in parsed(svg)}
    assert "script" not in tags
    assert not any(name.startswith("on") for node in parsed(svg) for name in node.attrib)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "can_draw", lambda: False)
    with pytest.raises(InputError, match="lineage-diff\\[plots\\]"):
        plot_sheet(small())
