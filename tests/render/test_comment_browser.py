"""The comment in a real Chromium, as GitHub lays it out: nothing runs out of its column."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.render.markdown import markdown
from lineage_diff.report.report import Report
from tests.support.chromium import dump, needs_chromium, screenshot
from tests.support.github_page import Theme, github_page
from tests.support.reports import REPORTS, empty, model

pytestmark = needs_chromium

COLUMN = 780
_LOOK = """<script>addEventListener("load", () => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const result = {
    column: document.body.clientWidth,
    needed: document.body.scrollWidth,
    page: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    tables: all("table").length,
    cut: all("table").filter((table) => table.scrollWidth > table.clientWidth).length,
    cells: all("td").length,
    empty: all("table").filter((table) => !table.querySelector("tbody tr")).length,
    folded: all("details table").length,
    pipes: all("p, summary").filter((e) => /^\\s*\\|.*\\|/.test(e.innerText)).length,
    hidden: all("details td").filter((e) => !e.checkVisibility()).length,
    background: getComputedStyle(document.body).backgroundColor,
    alive: all("script").length - 1 + all("iframe, [onerror], a[href^='javascript']").length,
  };
  const told = document.createElement("pre");
  told.id = "result";
  told.textContent = JSON.stringify(result);
  document.body.append(told);
});</script>"""
BACKGROUNDS = {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}


def look(folder: Path, name: str, theme: Theme, *, unfold: bool = True) -> dict[str, Any]:
    return look_at(folder, REPORTS[name](), theme, unfold=unfold)


def look_at(
    folder: Path, report: Report, theme: Theme = "light", *, unfold: bool = True
) -> dict[str, Any]:
    page = folder / "comment.html"
    text = github_page(markdown(report), theme, head=_LOOK, unfold=unfold)
    page.write_text(text, encoding="utf-8")
    found = re.search(r'<pre id="result">(.*?)</pre>', dump(page, budget=1_000), re.DOTALL)
    assert found is not None
    values: dict[str, Any] = json.loads(html.unescape(found[1]))
    return values


@pytest.mark.parametrize(
    ("name", "theme"), [*((name, "light") for name in sorted(REPORTS)), ("stale", "dark")]
)
def test_comment_fits_its_column(tmp_path: Path, name: str, theme: Theme) -> None:
    seen = look(tmp_path, name, theme)
    assert seen["column"] == COLUMN
    assert seen["needed"] <= COLUMN
    assert seen["page"] <= 0
    assert seen["background"] == BACKGROUNDS[theme]
    assert seen["alive"] == 0
    assert seen["empty"] == 0
    assert seen["pipes"] == 0


def test_tables_stay_tables_inside_details(tmp_path: Path) -> None:
    seen = look(tmp_path, "stale", "light")
    assert seen["folded"] > 0
    assert seen["tables"] > seen["folded"]
    assert seen["hidden"] == 0
    closed = look(tmp_path, "stale", "light", unfold=False)
    assert closed["hidden"] > 0
    assert closed["cells"] == seen["cells"]


def test_the_page_can_be_looked_at(tmp_path: Path) -> None:
    page, image = tmp_path / "comment.html", tmp_path / "comment.png"
    page.write_text(github_page(markdown(REPORTS["small"]()), "dark"), encoding="utf-8")
    screenshot(page, image, height=800, budget=1_000)
    assert image.read_bytes().startswith(b"\x89PNG")


def test_long_paths_push_no_column_off_the_page(tmp_path: Path) -> None:
    folders = ("malnutrition/india", "benchmark/power", "simulation/circles")
    paths = [f"experiments/results/{name}/model_checkpoint.weights.h5" for name in folders]
    report = empty(models=tuple(model(path, change="retrained", affected=True) for path in paths))
    assert look_at(tmp_path, report)["cut"] == 0
    shown = html.unescape(re.sub(r"<[^>]*>", "", markdown(report)))
    assert [path for path in paths if path not in shown] == []
