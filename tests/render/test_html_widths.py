"""The pages at the widths of a phone, a tablet and a desk: all in sight, no word broken inside."""

from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser

from lineage_diff.app.audit.questions import history, impact
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.history.reader import open_history
from lineage_diff.render.html.audit import audit_html
from lineage_diff.render.html.report import report_html
from lineage_diff.report.report import Report
from tests.support.audit_repo import past_repo
from tests.support.chromium import needs_chromium
from tests.support.pages import opened, saved
from tests.support.reports import small, stale

pytestmark = needs_chromium

WIDTHS = (400, 600, 800, 1200)
THEMES = ("light", "dark")
# In CSS pixels: smaller text is not read.
LEAST_TEXT = 9

OVERFLOWING = """() => [document.documentElement, ...document.querySelectorAll('.wide:has(table)')]
    .filter((item) => item.scrollWidth > item.clientWidth + 1)
    .map((item) => `${item.scrollWidth} > ${item.clientWidth}: ${item.textContent.slice(0, 80)}`)"""
HIDDEN = """() => [...document.querySelectorAll('td, th')]
    .filter((item) => item.checkVisibility() && item.closest('thead') === null)
    .map((item) => [item.getBoundingClientRect(), item.textContent])
    .filter(([box]) => box.right > document.documentElement.clientWidth + 1 || box.left < -1)
    .map(([box, text]) => text)"""
BROKEN = """() => {
    const range = document.createRange();
    const walker = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    const broken = [];
    while (walker.nextNode()) {
        const node = walker.currentNode;
        const above = node.parentElement;
        if (above.closest('svg, .unseen') || !above.checkVisibility()) continue;
        for (const word of node.textContent.matchAll(/[A-Za-z0-9._]+/g)) {
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
            if (tops.size > 1) broken.push(word[0]);
        }
    }
    return broken;
}"""
UNNAMED = """() => [...document.querySelectorAll('td:not([colspan])')]
    .filter((item) => item.checkVisibility())
    .map((item) => [item, getComputedStyle(item, '::before').content])
    .filter(([item, name]) => !item.dataset.column || name !== JSON.stringify(item.dataset.column))
    .map(([item]) => item.outerHTML)"""
TEXT_SIZE = """() => {
    const svg = document.querySelector('#viewport svg');
    return svg && svg.getBoundingClientRect().width / svg.viewBox.baseVal.width * 12;
}"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory, past: Path) -> Callable[[str], Path]:
    """Return a function from the name of a command to the page that it writes."""
    repo = past_repo(tmp_path_factory.mktemp("widths") / "repo")

    def request() -> AuditRequest:
        return AuditRequest(open_history(repo.path))

    def status(report: Report) -> Report:
        return replace(report, comparison="direct", base=report.head)

    made = {
        "compare": lambda: report_html(small()),
        "compare-stale": lambda: report_html(stale()),
        "status": lambda: report_html(status(stale())),
        "history": lambda: audit_html(history(request(), "model.pkl", every_line=True)),
        "impact": lambda: audit_html(impact(request(), "data.csv", None)),
    }
    files = {"audit": past}

    def page(name: str) -> Path:
        if name not in files:
            files[name] = saved(tmp_path_factory.mktemp(name), made[name]())
        return files[name]

    return page


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "name", ["compare", "compare-stale", "status", "audit", "history", "impact"]
)
def test_a_page_can_be_read_at_every_width(
    chrome: Browser, pages: Callable[[str], Path], name: str, width: int
) -> None:
    for theme in THEMES:
        view = {"width": width, "height": 900}
        with opened(chrome, pages(name), color_scheme=theme, viewport=view) as page:
            assert page.evaluate(OVERFLOWING) == []
            assert page.evaluate(HIDDEN) == []
            size = page.evaluate(TEXT_SIZE)
            assert size is None or size >= LEAST_TEXT
            if width < 600:
                assert page.evaluate(UNNAMED) == []
            if width >= 1200:
                assert page.evaluate(BROKEN) == []


def test_the_focus_is_seen_on_a_faded_model(chrome: Browser, two: Path) -> None:
    with opened(chrome, two) as page:
        page.locator("#viewport").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        focused = page.locator("#viewport a.node:focus")
        assert "behind" not in (focused.get_attribute("class") or "")
        shape = focused.locator(".shape").evaluate(
            "(item) => [getComputedStyle(item).opacity, getComputedStyle(item).stroke]"
        )
        assert shape == ["1", page.evaluate("getComputedStyle(document.body).color")]


def test_a_plot_wider_than_the_screen_begins_at_its_newest_version(
    chrome: Browser, pages: Callable[[str], Path]
) -> None:
    for width in (400, 1200):
        with opened(chrome, pages("history"), viewport={"width": width, "height": 900}) as page:
            last = page.locator(".timeline circle").last
            right = last.evaluate("(item) => item.getBoundingClientRect().right")
            box = page.locator(".timeline .wide")
            assert right <= box.evaluate("(item) => item.getBoundingClientRect().right")
