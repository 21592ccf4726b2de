"""The site: built strictly, with nothing that leads nowhere and nothing that others serve."""

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Browser, Page

from tests.support.chromium import needs_chromium
from tests.support.page_commands import ROOT

pytest.importorskip("material", reason="mkdocs-material is not installed (the extra dev-docs)")

# Elements that load what they name.
LOADING = {"script", "link", "img", "source", "iframe", "object", "embed", "video", "audio"}


class References(HTMLParser):
    """Collects the ids of a page, its links, and what it loads."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: set[str] = set()
        self.loaded: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.ids |= {found[name] for name in ("id", "name") if name in found}
        targets = {found[name] for name in ("href", "src", "srcset") if name in found}
        is_page = tag == "link" and found.get("rel") in ("prev", "next", "canonical")
        (self.loaded if tag in LOADING and not is_page else self.links).update(targets)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    done = subprocess.run(
        [sys.executable, "scripts/site", str(folder)], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return folder


def references(folder: Path) -> dict[Path, References]:
    return {
        page: References(page.read_text(encoding="utf-8"))
        for page in sorted(folder.rglob("*.html"))
        if page.name != "404.html"
    }


def test_every_page_is_on_the_site_and_can_be_searched(built: Path) -> None:
    pages = {file.relative_to(ROOT / "docs") for file in (ROOT / "docs").rglob("*.md")}
    names = {path.as_posix().replace(".md", ".html") for path in pages}
    names |= {"pages.html", "examples.html", "contributing.html", "changelog.html", "results.html"}
    names = {re.sub(r"README\.html$", "index.html", name) for name in names}
    assert [name for name in sorted(names) if not (built / name).is_file()] == []
    index = (built / "search" / "search_index.json").read_text(encoding="utf-8")
    assert [name for name in sorted(names) if f'"location":"{name}"' not in index] == []


def test_every_link_leads_to_a_page_and_an_anchor(built: Path) -> None:
    found = references(built)
    lost = [
        f"{page.relative_to(built)}: {target}"
        for page, one in found.items()
        for target in sorted(one.links | one.loaded)
        if not re.match(r"[a-z]+:", target) and not leads(target, page, found)
    ]
    assert lost == []


def leads(target: str, page: Path, found: dict[Path, References]) -> bool:
    """Return whether there is the file, and for a page the anchor, that a target names."""
    path, _, anchor = target.partition("#")
    file = (page.parent / unquote(path)).resolve() if path else page
    file = file / "index.html" if file.is_dir() else file
    return file.is_file() and (
        not anchor or file not in found or unquote(anchor) in found[file].ids
    )


def test_no_page_loads_anything_of_others(built: Path) -> None:
    loaded = {
        f"{page.relative_to(built)}: {target}"
        for page, one in references(built).items()
        for target in one.loaded
        if re.match(r"([a-z]+:)?//", target)
    }
    assert loaded == set()
    for style in built.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", style.read_text()), style


def test_the_examples_are_those_of_the_demo(built: Path) -> None:
    page = (built / "examples.html").read_text(encoding="utf-8")
    assert "1 model is stale, 1 retrained" in page
    assert "Lineage diff" in (built / "examples" / "report.html").read_text(encoding="utf-8")
    assert "churn" in (built / "examples" / "audit.html").read_text(encoding="utf-8")


@pytest.fixture
def address(built: Path) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(built))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@needs_chromium
@pytest.mark.parametrize("width", [400, 1200])
def test_a_reader_finds_a_rule_without_any_other_server(
    chrome: Browser, address: str, width: int
) -> None:
    with chrome.new_page(viewport={"width": width, "height": 800}) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for name in ("index", "examples", "command", "security"):
            page.goto(f"{address}/{name}.html")
            # Tables and code scroll by themselves.
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        _search(page, "stale model")
        assert page.locator(".md-search-result__link").first.get_attribute("href") is not None
        page.locator(".md-search-result__link", has_text="stale-model").first.click()
        page.wait_for_url("**/rules/stale-model.html*")
        kept = ("data:", "blob:", address)
        assert [url for url in asked if not url.startswith(kept)] == []


def _search(page: Page, words: str) -> None:
    if not page.locator("input.md-search__input").is_visible():
        page.locator("label.md-header__button[for=__search]").click()
    # Keys as a reader presses them: the page listens to those, not to the change of a field.
    page.locator("input.md-search__input").press_sequentially(words)
    page.locator(".md-search-result__link", has_text="stale-model").first.wait_for()
