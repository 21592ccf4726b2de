"""The comment: what it says, what it leaves out, and that nothing in it comes alive."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from lineage_diff.render.links import page
from lineage_diff.render.markdown import markdown
from lineage_diff.render.options import Pictures
from lineage_diff.report.change import MetricNote, Unknown
from lineage_diff.text import visible
from tests.support.markdown import read, to_html
from tests.support.reports import HOSTILE, REPORTS, hostile, nothing_changed, small, stale

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
