"""The page of an audit is read by all: without scripts, on paper, in both themes, by ear."""

import io
import re
import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from lineage_diff.render.graph.palette import PALETTES, Theme
from tests.support.chromium import needs_chromium
from tests.support.pages import opened

pytestmark = needs_chromium

NAMELESS = re.compile(
    r"^\s*- (?:link|button|searchbox|checkbox|textbox|img|table|region|group|navigation|toolbar)"
    r"(?! \")",
    re.MULTILINE,
)
CONTRASTS = """() => {
  const paint = (text) => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b]
    .map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !element.checkVisibility() || element.closest("title, script, .unseen")) continue;
    const svg = element.closest("svg");
    const text = paint(getComputedStyle(element)[svg ? "fill" : "color"]);
    let behind = element.closest(".node")?.querySelector(".shape");
    let fill = behind && paint(getComputedStyle(behind).fill);
    for (behind = element; !fill && behind; behind = behind.parentElement) {
      const own = paint(getComputedStyle(behind).backgroundColor);
      if (own.length === 3) fill = own;
    }
    const [one, two] = [light(text), light(fill)].sort((a, b) => b - a);
    found.push([element.textContent.slice(0, 40), (one + 0.05) / (two + 0.05)]);
  }
  return found;
}"""


WORDS = (
    "models/churn.pkl",
    "python train.py",
    "Merge pull request #14 from team/lr",
    "lr 1 → 2",
    "v1.1.0",
    "(in prod)",
    "current version",
    "Git conflict markers were committed",
    "made again in",
    "metrics.json",
)


def test_all_of_it_can_be_read_without_scripts(chrome: Browser, past: Path, two: Path) -> None:
    with opened(chrome, past, java_script_enabled=False) as page:
        text = " ".join(page.locator("body").inner_text().split())
        assert [word for word in WORDS if word not in text] == []
        expect(page.get_by_role("searchbox")).not_to_be_visible()
        expect(page.get_by_role("button")).to_have_count(0)
    with opened(chrome, two, java_script_enabled=False) as page:
        expect(page.locator("#model-0 h3").first).to_be_visible()
        expect(page.locator("#model-1 h3").first).to_be_visible()
        page.locator("#viewport a[href='#model-1']").click()
        expect(page.locator("#model-1-title")).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False])
def test_all_of_it_is_printed(chrome: Browser, past: Path, two: Path, scripts: bool) -> None:
    with opened(chrome, past, java_script_enabled=scripts) as page:
        text = printed(page)
        assert [word for word in WORDS if re.sub(r"\s", "", word) not in text] == []
        assert "Findamodel" not in text
    with opened(chrome, two, java_script_enabled=scripts, color_scheme="dark") as page:
        # The model that is not shown is printed as well, and on white.
        assert {"rate-0", "rate-1"} <= set(re.findall(r"rate-\d", printed(page)))
        page.emulate_media(media="print")
        assert background(page) == PALETTES["light"].canvas


def printed(page: Page) -> str:
    pages = PdfReader(io.BytesIO(page.pdf())).pages
    # Fonts draw some letters together, as `fl`.
    text = unicodedata.normalize("NFKC", "".join(sheet.extract_text() for sheet in pages))
    return re.sub(r"\s", "", text)


def background(page: Page) -> str:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return "#" + "".join(f"{int(part):02x}" for part in re.findall(r"\d+", colour))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_text_can_be_read_in_both_themes(
    chrome: Browser, past: Path, theme: Theme, width: int
) -> None:
    size = {"width": width, "height": 800}
    with opened(chrome, past, color_scheme=theme, viewport=size) as page:
        assert background(page) == PALETTES[theme].canvas
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 100
        assert [(text, ratio) for text, ratio in contrasts if ratio < 4.5] == []
        assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", ["past", "two"])
def test_a_screen_reader_finds_its_way(
    chrome: Browser, request: pytest.FixtureRequest, name: str
) -> None:
    with opened(chrome, request.getfixturevalue(name)) as page:
        tree = page.locator("body").aria_snapshot()
        assert NAMELESS.findall(tree) == []
        for landmark in ("banner", 'navigation "Contents"', "main", "search", "contentinfo"):
            assert f"- {landmark}:" in tree, landmark
        levels = [int(level) for level in re.findall(r"- heading .*\[level=(\d)\]", tree)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(deeper - level <= 1 for level, deeper in pairwise(levels))
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map((item) => item.id)")
        assert len(ids) == len(set(ids))
        named = page.evaluate(
            "[...document.querySelectorAll('[aria-labelledby], a[href^=\"#\"]')].map((item) =>"
            " item.getAttribute('aria-labelledby') || item.getAttribute('href').slice(1))"
        )
        assert set(named) <= set(ids)
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to the report")).to_be_focused()
        page.keyboard.press("Enter")
        expect(page.locator("#main")).to_be_focused()
