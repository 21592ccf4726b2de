"""Real Mermaid in a real Chromium draws what was meant, whatever the names are."""

import re
from pathlib import Path

import pytest

from lineage_diff.render.graph.labels import caption
from lineage_diff.render.graph.mermaid import flowchart, mermaid
from lineage_diff.render.graph.view import PictureGraph, fold
from lineage_diff.text import visible
from tests.support.graphs import NAMES, hostile_names, many
from tests.support.mermaid import Drawn, draw, needs_mermaid
from tests.support.reports import REPORTS, empty

pytestmark = needs_mermaid

PICTURES: dict[str, PictureGraph] = {
    "hostile": fold(hostile_names(), 100),
    "small": fold(REPORTS["small"]().graph),
    "large": fold(many(50, 20, 80)),
}


@pytest.fixture(scope="module", params=["light", "dark"])
def drawn(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Drawn]:
    folder = tmp_path_factory.mktemp("mermaid")
    sources = {name: flowchart(picture) for name, picture in PICTURES.items()}
    return draw(folder, sources | {"empty": mermaid(empty())}, request.param)


def test_names_are_drawn_as_they_are(drawn: dict[str, Drawn]) -> None:
    shown = [label.partition("\n")[0] for label in drawn["hostile"].labels]
    assert sorted(text.replace("\u200b", "") for text in shown) == sorted(map(visible, NAMES))
    titles = sorted(title.replace("\u200b", "") for title in drawn["hostile"].titles)
    assert titles == ["p0 $$x$$/dvc.yaml", "p1 $$x$$/dvc.yaml"]


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_every_node_and_edge_is_drawn_and_nothing_else(drawn: dict[str, Drawn], name: str) -> None:
    picture, seen = PICTURES[name], drawn[name]
    assert seen.nodes == len(picture.nodes) + bool(caption(picture))
    assert seen.edges == len(picture.edges)
    assert seen.boxes == len(picture.boxes)
    assert seen.alive == 0


def test_an_empty_graph_draws_nothing(drawn: dict[str, Drawn]) -> None:
    assert (drawn["empty"].nodes, drawn["empty"].edges, drawn["empty"].alive) == (0, 0, 0)


@pytest.mark.parametrize("name", sorted(PICTURES))
def test_text_can_be_read_on_its_fill(drawn: dict[str, Drawn], name: str) -> None:
    filled = [paint for paint in drawn[name].paints if paint[0] != "none"]
    assert len(filled) == len(PICTURES[name].nodes)
    for fill, text in filled:
        assert contrast(fill, text) >= 4.5, (fill, text)


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours in CSS's `rgb()`."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    parts = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_formula_would_be_seen(tmp_path: Path) -> None:
    seen = draw(tmp_path, {"formula": 'flowchart LR\n  a["$$x$$"]\n'})
    assert seen["formula"].alive > 0
