"""The page of an audit in a real Chromium: found one's way in, read, printed, and harmless."""

import re
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import Browser, Locator, Page, expect

from lineage_diff.app.audit.questions import history
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.history.reader import open_history
from lineage_diff.render.html.audit import audit_html
from lineage_diff.text import visible
from tests.support.audit_repo import past_repo
from tests.support.audit_reports import HOSTILE, many_models, report_of
from tests.support.chromium import needs_chromium
from tests.support.pages import opened, saved

pytestmark = needs_chromium


def chapter(page: Page, number: int) -> Locator:
    return page.locator(f"#model-{number} h3").first


def window(page: Page) -> list[float]:
    shown = page.locator("#viewport svg").get_attribute("viewBox")
    assert shown is not None
    return [float(number) for number in shown.split()]


def test_a_click_on_a_model_shows_its_trace(chrome: Browser, two: Path) -> None:
    with opened(chrome, two) as page:
        # The one that is stale, to begin with.
        expect(chapter(page, 0)).to_be_visible()
        expect(chapter(page, 1)).not_to_be_visible()
        assert page.locator("#model-1").evaluate("(chapter) => chapter.offsetHeight") == 0
        page.locator("#viewport a[href='#model-1']").click()
        expect(chapter(page, 1)).to_be_visible()
        expect(chapter(page, 0)).not_to_be_visible()
        expect(page.locator("#model-1-title")).to_be_focused()
        expect(page.locator("#model-1-title")).to_be_in_viewport()
        expect(page.locator("#model-1")).to_contain_text("raw.csv")
        behind = page.locator("#viewport .node.behind .name")
        assert sorted(behind.all_text_contents()) == [
            "models/1.pkl",
            "prepare",
            "raw.csv",
            "src/1.py",
            "train-1",
        ]
        page.go_back()
        page.get_by_label("Show all models in full").check()
        expect(chapter(page, 0)).to_be_visible()
        expect(chapter(page, 1)).to_be_visible()


def test_the_keyboard_alone_is_enough(chrome: Browser, two: Path) -> None:
    with opened(chrome, two) as page:
        page.locator("#viewport").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(page.locator("#viewport a[href='#model-1']")).to_be_focused()
        page.keyboard.press("Enter")
        expect(chapter(page, 1)).to_be_visible()
        expect(page.locator("#model-1-title")).to_be_focused()


def test_an_address_leads_to_a_model(chrome: Browser, two: Path) -> None:
    with opened(chrome, two, "#model-1") as page:
        expect(chapter(page, 1)).to_be_visible()
        expect(chapter(page, 0)).not_to_be_visible()


@pytest.mark.parametrize(
    ("keys", "wider", "right"),
    [("+", -1, None), ("-", 1, None), ("ArrowRight", 0, 1), ("ArrowLeft", 0, -1)],
)
def test_keys_move_and_zoom_the_graph(
    chrome: Browser, two: Path, keys: str, wider: int, right: int | None
) -> None:
    with opened(chrome, two) as page:
        before = window(page)
        page.locator("#viewport").press(keys)
        after = window(page)
        assert (after[2] > before[2]) - (after[2] < before[2]) == wider
        if right is not None:
            assert (after[0] - before[0]) * right == pytest.approx(0.1 * before[2])
        page.locator("#viewport").press("0")
        assert window(page) == pytest.approx(before)


def test_the_mouse_moves_and_zooms_the_graph(chrome: Browser, two: Path) -> None:
    with opened(chrome, two) as page:
        page.locator("#viewport").scroll_into_view_if_needed()
        box = page.locator("#viewport a[href='#model-1']").bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        before = window(page)
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x - 50, y - 20, steps=4)
        page.mouse.up()
        moved = window(page)
        assert moved[0] > before[0]
        assert moved[1] > before[1]
        # What was dragged was not clicked.
        expect(chapter(page, 1)).not_to_be_visible()
        page.mouse.wheel(0, -120)
        assert window(page) == moved
        page.keyboard.down("Control")
        page.mouse.move(x, y)
        page.mouse.wheel(0, -120)
        page.keyboard.up("Control")
        page.wait_for_timeout(50)
        assert window(page)[2] < moved[2]
        page.get_by_role("button", name="Zoom out").click()
        page.get_by_role("button", name="Whole graph").click()
        assert window(page) == pytest.approx(before)


def test_the_search_narrows_models_and_graph(chrome: Browser, two: Path) -> None:
    with opened(chrome, two) as page:
        rows = page.locator("#models tbody tr")
        box = page.get_by_role("searchbox")
        box.fill("RATE-1")
        expect(page.get_by_role("status")).to_have_text("1 of 2 models shown, 0 in the graph")
        expect(rows.nth(0)).not_to_be_visible()
        expect(rows.nth(1)).to_be_visible()
        expect(chapter(page, 1)).to_be_visible()
        box.fill("src/0.py")
        expect(page.get_by_role("status")).to_have_text("1 of 2 models shown, 1 in the graph")
        expect(page.locator("#viewport .node.found .name")).to_have_text("src/0.py")
        box.fill("no such thing")
        expect(page.get_by_role("status")).to_have_text("0 of 2 models shown, 0 in the graph")
        box.press("Escape")
        expect(rows.nth(0)).to_be_visible()
        expect(rows.nth(1)).to_be_visible()
        expect(page.get_by_role("status")).to_be_empty()


def test_the_timeline_has_the_metrics_of_each_version(chrome: Browser, past: Path) -> None:
    with opened(chrome, past) as page:
        plot = page.locator(".timeline svg")
        marks = plot.locator(".panel circle")
        values = [text.rpartition(": ")[2] for text in marks.locator("title").all_text_contents()]
        assert values == ["0.8", "0.6", "0.7", "0.9", "0.9"]
        heights = [float(mark.get_attribute("cy") or "") for mark in marks.all()]
        assert heights[1] > heights[2] > heights[0] > heights[3] == heights[4]
        expect(plot.locator("text.release")).to_have_text(["v1.0.0", "v1.1.0", "v2.0.0"])
        label = plot.get_attribute("aria-label")
        assert label is not None
        assert "accuracy: first 0.8, last 0.9, lowest 0.6, highest 0.9." in label


def test_the_history_of_a_metric_is_plotted(chrome: Browser, tmp_path: Path) -> None:
    repo = past_repo(tmp_path / "repo")
    report = history(AuditRequest(open_history(repo.path)), "accuracy")
    with opened(chrome, saved(tmp_path, audit_html(report))) as page:
        titles = page.locator(".panel circle title").all_text_contents()
        assert [title.rpartition(": ")[2] for title in titles] == ["0.8", "0.6", "0.7", "0.9"]


def test_hostile_names_do_nothing(chrome: Browser, tmp_path: Path) -> None:
    reports = [report_of(text) for text in HOSTILE]
    report = replace(
        reports[0],
        traces=tuple(trace for each in reports for trace in each.traces),
        histories=tuple(history for each in reports for history in each.histories),
    )
    with opened(chrome, saved(tmp_path, audit_html(report))) as page:
        page.get_by_label("Show all models in full").check()
        for number, text in enumerate(HOSTILE):
            page.get_by_role("searchbox").fill(text)
            page.locator(f"#viewport a[href='#model-{number}']").dispatch_event("click")
            shown = "".join(page.locator(f"#model-{number}").inner_text().split())
            assert "".join(visible(text).split()) in shown
        found = "[...new Set([...document.querySelectorAll('*')].map((item) => item.localName))]"
        assert not {"img", "iframe", "object", "form", "base", "link"} & set(page.evaluate(found))
        assert page.locator("script, style").count() == 2
        hrefs = "[...document.querySelectorAll('[href]')].map((item) => item.getAttribute('href'))"
        assert all(href.startswith("#") for href in page.evaluate(hrefs))


@pytest.mark.parametrize(
    "markup",
    [
        "<script>document.title = 'ran'</script>",
        "<p onclick=\"document.title = 'ran'\">x</p>",
        "<a href=\"javascript:document.title = 'ran'\">x</a>",
        "<style>h1 { color: red }</style>",
        '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">',
    ],
)
def test_the_policy_stops_what_would_come_in(
    chrome: Browser, tmp_path: Path, two: Path, markup: str
) -> None:
    file = tmp_path / "report.html"
    page_text = two.read_text(encoding="utf-8")
    file.write_text(page_text.replace("</footer>", f"{markup}</footer>"), encoding="utf-8")
    with chrome.new_context() as context:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(file.as_uri())
        page.locator("footer > *").last.dispatch_event("click")
        expect(page).to_have_title(re.compile("^Lineage audit of team/models"))
        assert any("Content Security Policy" in text for text in said)


def test_a_large_audit_is_there_and_searched(chrome: Browser, tmp_path: Path) -> None:
    with opened(chrome, saved(tmp_path, audit_html(many_models(100, 40)))) as page:
        page.get_by_role("searchbox").fill("models/77.pkl")
        expect(page.get_by_role("status")).to_contain_text("1 of 100 models shown")
        expect(chapter(page, 77)).to_be_visible()
