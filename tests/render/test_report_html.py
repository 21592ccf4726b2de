"""The page of a comparison: whole, shut to all else, and quiet in a real browser."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lineage_diff.render.graph.palette import PALETTES, Theme
from lineage_diff.render.html.lineage_graph import drawing
from lineage_diff.render.html.report import report_html
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.plots.images import can_draw
from lineage_diff.render.rendering import render_report
from lineage_diff.report.report import Report
from tests.support.chromium import needs_chromium
from tests.support.pages import opened, saved
from tests.support.reports import hostile, huge, small, stale

SECTIONS = ("models", "graph", "findings", "metrics", "plots", "data", "params", "pipeline")


def test_the_same_report_gives_the_same_page() -> None:
    report = small()
    page = render_report("html", report, ShowOptions())
    assert page == render_report("html", report, ShowOptions())
    assert page.startswith(b"<!doctype html>")


def test_all_parts_are_there() -> None:
    page = report_html(small()).replace("<wbr>", "").replace("&nbsp;", " ")
    assert re.findall(r'<section id="([^"]+)"', page) == list(SECTIONS)
    for word in ("models/churn.pkl", "train.epochs", "14.4 → 20.1 MB", "metric-regressed"):
        assert word in page


def test_a_huge_report_is_told_in_part_and_says_so() -> None:
    page = report_html(huge())
    assert len(page) < 6_000_000
    assert re.search(r"… and [\d,]+ more, in the report's JSON", page)


def test_no_traces_are_no_graph() -> None:
    assert drawing((), 0) is None


@needs_chromium
@pytest.mark.parametrize(("report", "theme"), [(stale, "light"), (hostile, "dark")])
def test_it_fetches_nothing_and_nothing_fails(
    chrome: Browser, tmp_path: Path, report: Callable[[], Report], theme: Theme
) -> None:
    file = saved(tmp_path, report_html(report()))
    with opened(chrome, file, color_scheme=theme, viewport={"width": 390, "height": 800}) as page:
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        rgb = "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))
        assert rgb == PALETTES[theme].canvas
        sources = page.evaluate("[...document.querySelectorAll('img')].map((item) => item.src)")
        assert all(source.startswith("data:image/") for source in sources)
        assert page.locator("script, style").count() == 2


@needs_chromium
def test_a_model_of_the_graph_leads_to_its_row(chrome: Browser, tmp_path: Path) -> None:
    with opened(chrome, saved(tmp_path, report_html(small()))) as page:
        page.locator("#viewport a.node").click()
        expect(page.locator("#model-0")).to_be_in_viewport()
        expect(page.locator("#model-0")).to_contain_text("models/churn.pkl")


@needs_chromium
@pytest.mark.skipif(not can_draw(), reason="vl-convert is not installed: the extra `plots` has it")
def test_plots_are_drawn_in_the_theme_of_the_reader(chrome: Browser, tmp_path: Path) -> None:
    file = saved(tmp_path, report_html(small()))
    shown = []
    for theme in ("light", "dark"):
        with opened(chrome, file, color_scheme=theme) as page:
            image = page.locator("#plots img").first
            assert image.evaluate("(item) => item.decode().then(() => item.naturalWidth)") > 100
            shown.append(image.evaluate("(item) => item.currentSrc"))
    assert shown[0] != shown[1]
