"""Pages of HTML in a real Chromium, in which a test clicks, types and prints, by Playwright."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.chromium import chromium


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine."""
    with sync_playwright() as playwright:
        # Its sandbox needs what containers and root do not have; the pages are our own.
        yield playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])


def saved(folder: Path, page: str) -> Path:
    """Write a page to a file in a folder."""
    file = folder / "report.html"
    file.write_text(page, encoding="utf-8")
    return file


@contextmanager
def opened(browser: Browser, file: Path, fragment: str = "", **context: Any) -> Iterator[Page]:
    """Open a file. At the end, it asked for nothing else, said nothing, and nothing failed."""
    address = file.as_uri()
    asked: list[str] = []
    said: list[str] = []
    with browser.new_context(**context) as made:
        page = made.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("dialog", lambda dialog: said.append(dialog.message))
        page.goto(address + fragment)
        yield page
        fetched = {url.partition("#")[0] for url in asked if not url.startswith("data:")}
        assert fetched == {address}
        assert not said
