"""The comment: what it says, what it leaves out, and that nothing in it comes alive."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import replace

from lineage_diff.forge.github.limits import COMMENT_LIMIT
from lineage_diff.render.links import page
from lineage_diff.render.markdown import CUT_ORDER, markdown
from lineage_diff.render.options import Pictures
from lineage_diff.report.change import MetricNote, Unknown
from lineage_diff.text import visible
from tests.support.markdown import read, to_html
from tests.support.reports import HOSTILE, REPORTS, hostile, huge, nothing_changed, small, stale

GOLDEN = Path(__file__).parent / "golden"
PICTURES = Pictures("https://x.example/light.png?a=1&b=2", "https://x.example/dark.png")
TAGS = {"table", "thead", "tbody", "tr", "th", "td", "code", "strong", "details", "summary", "b"}
TAGS |= {"p", "pre", "h3", "sub", "ul", "li", "br", "picture", "source", "img", "a"}


@pytest.mark.parametrize("name", ["nothing-changed", "small", "stale"])
def test_comment_reads_as_reviewed(name: str) -> None:
    expected = (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    assert markdown(REPORTS[name](), PICTURES) == expected


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_comment_has_no_link_and_no_element_of_its_data(name: str) -> None:
    text = markdown(REPORTS[name]())
    reading = read(text)
    assert reading.tags <= TAGS
    # The only links are those to our own pages.
    links = re.findall(r'<a href="([^"]*)"', to_html(text))
    assert links
    assert all(url.startswith(page("")) for url in links)
    bare = " ".join(reading.bare)
    for live in ("@", "#1", "GH-", "://", "www.", "javascript", ":tada:", "$x"):
        assert live not in bare


def test_tables_of_hostile_names_keep_their_columns() -> None:
    reading = read(markdown(hostile()))
    assert reading.cells.count("? → 3") == len(HOSTILE)
    assert reading.cells.count("1 → 2 B") == len(HOSTILE)
    for name in HOSTILE:
        assert visible(name) in reading.codes


@pytest.mark.parametrize("limit", [COMMENT_LIMIT, 30_000, 12_000, 6_000, 4_000, 2_500, 1_500])
def test_a_huge_comment_fits_and_says_what_it_leaves_out(limit: int) -> None:
    text = markdown(huge(), limit=limit)
    assert len(text) <= limit
    assert "10,000 models are stale" in text
    assert "**10,000** models" in text
    for section in ("Findings", "Data", "Params", "Not known", "Pipeline"):
        cut = {"Not known": "unknowns"}.get(section, section.lower())
        left_out = text.partition("Left out")[2]
        assert f"<b>{section}</b>" in text or cut in left_out
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0
    assert read(text).rows


def test_what_gives_way_does_so_in_a_fixed_order() -> None:
    order = []
    report = huge(100)
    for limit in range(30_000, 1_000, -500):
        left_out = markdown(report, limit=limit).partition("Left out")[2]
        order.append([name for name in CUT_ORDER if name in left_out.partition("All of it")[0]])
    for earlier, later in pairwise(order):
        assert set(earlier) <= set(later)
    assert order[-1][-1] == "picture"


def test_a_limit_that_nothing_meets_is_refused() -> None:
    with pytest.raises(ValueError, match="10"):
        markdown(small(), limit=10)


def test_values_not_known_are_never_shown_as_unchanged() -> None:
    report = stale()
    cached = MetricNote("reports/m.json", None, "unknown", "kept in the cache of DVC")
    text = markdown(replace(report, metric_notes=(cached,)))
    row = next(line for line in text.splitlines() if "ranking/model.onnx" in line)
    assert "not known" in row
    assert "no new values" not in text
    unknown = replace(nothing_changed(), unknowns=(Unknown("a", "b"),))
    assert "; 1 thing is not known" in markdown(unknown)


def test_picture_takes_the_place_of_mermaid() -> None:
    with_picture, without = markdown(small(), PICTURES), markdown(small())
    assert "flowchart" not in with_picture
    assert "<picture>" in with_picture
    assert "<picture>" not in without
    assert "```mermaid" in without
    assert 'alt="mine"' in markdown(small(), replace(PICTURES, alt="mine"))


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_same_report_same_comment(name: str) -> None:
    assert markdown(REPORTS[name]()) == markdown(REPORTS[name]())
