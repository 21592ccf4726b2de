"""Mermaid itself, the program that GitHub draws flowcharts with, for tests in a browser."""

import html
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.chromium import chromium, dump

VARIABLE = "LINEAGE_DIFF_MERMAID"


def mermaid_script() -> Path | None:
    """Return where `mermaid.min.js` is: as `LINEAGE_DIFF_MERMAID` names it, or where
    `scripts/browser` put it."""
    named = os.environ.get(VARIABLE)
    path = Path(named) if named else Path(sys.prefix) / "share" / "mermaid" / "mermaid.min.js"
    return path if path.is_file() else None


needs_mermaid = pytest.mark.skipif(
    chromium() is None or mermaid_script() is None,
    reason="no Chromium or no mermaid.min.js on this machine; scripts/browser gets them",
)

_PAGE = """<!doctype html><html><head><meta charset="utf-8">
<meta name="color-scheme" content="%s"><script src="%s"></script></head><body>
<div id="drawn"></div><pre id="result"></pre><script>
const sources = %s;
(async () => {
  const all = {};
  mermaid.initialize({startOnLoad: false, securityLevel: "strict", theme: "%s"});
  for (const name in sources) {
    try {
      const {svg} = await mermaid.render("g-" + name, sources[name]);
      const box = document.createElement("div");
      box.innerHTML = svg;
      document.getElementById("drawn").append(box);
      const count = (selector) => box.querySelectorAll(selector).length;
      all[name] = {
        nodes: count("g.node"), edges: count("path.flowchart-link"), boxes: count("g.cluster"),
        alive: count("a, img, image, script, iframe, math, i, svg svg, [onerror], [onclick]"),
        labels: [...box.querySelectorAll("g.node .nodeLabel")].map((e) => e.innerText),
        titles: [...box.querySelectorAll("g.cluster .nodeLabel")].map((e) => e.innerText),
        paints: [...box.querySelectorAll("g.node")].map((node) => [
          getComputedStyle(node.querySelector(".label-container, rect, polygon, path")).fill,
          getComputedStyle(node.querySelector(".nodeLabel")).color]),
        width: box.querySelector("svg").viewBox.baseVal.width,
        height: box.querySelector("svg").viewBox.baseVal.height,
      };
    } catch (error) { all[name] = {error: String(error)}; }
  }
  document.getElementById("result").textContent = JSON.stringify(all);
})();
</script></body></html>"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What Mermaid made of one flowchart. `alive` counts the elements that are no drawing: links,
    images, scripts, formulas, icons. `paints` are each node's fill and text colour as CSS has it;
    sizes are in pixels."""

    nodes: int
    edges: int
    boxes: int
    alive: int
    labels: tuple[str, ...]
    titles: tuple[str, ...]
    paints: tuple[tuple[str, str], ...]
    width: float
    height: float


def draw(folder: Path, sources: dict[str, str], theme: str = "light") -> dict[str, Drawn]:
    """Draw flowcharts in one page. An `AssertionError` holds what Mermaid says against one."""
    script = mermaid_script()
    assert script is not None
    page = folder / f"mermaid-{theme}.html"
    data = json.dumps(sources).replace("<", "\\u003c")
    mermaid_theme = "dark" if theme == "dark" else "default"
    page.write_text(
        _PAGE % (theme, script.absolute().as_uri(), data, mermaid_theme), encoding="utf-8"
    )
    found = re.search(r'<pre id="result">(.*?)</pre>', dump(page), re.DOTALL)
    assert found is not None
    all_: dict[str, Any] = json.loads(html.unescape(found[1]))
    errors = {name: values["error"] for name, values in all_.items() if "error" in values}
    assert not errors, errors
    return {name: _drawn(values) for name, values in all_.items()}


def _drawn(values: dict[str, Any]) -> Drawn:
    paints = tuple((fill, text) for fill, text in values.pop("paints"))
    labels, titles = tuple(values.pop("labels")), tuple(values.pop("titles"))
    return Drawn(**values, labels=labels, titles=titles, paints=paints)
