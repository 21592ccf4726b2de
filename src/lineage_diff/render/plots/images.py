"""Render drawings as SVG and PNG: before and after in one image, light and dark, without a browser.

This needs `vl-convert-python`, from the extra `plots`; without it no image is rendered.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal

from lineage_diff.child_processes import run_child
from lineage_diff.render.graph.palette import PALETTES, Theme
from lineage_diff.render.plots.thinning import within_costs
from lineage_diff.render.plots.vega_spec import NoSpecificationError, harmless, specification
from lineage_diff.report.plots import SIDES, Drawing

Kind = Literal["svg", "png"]
_CHANNELS = frozenset({"color", "column", "row", "facet", "x", "y", "xOffset", "yOffset"})

# The time limit for all images of one report, in seconds.
SECONDS = 60.0
# The environment variables that the process gets; none of them holds a token.
_KEPT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TMPDIR", "HOME")


@cache
def can_draw() -> bool:
    """Whether the plot renderer is installed."""
    return find_spec("vl_convert") is not None


def plot_pictures(
    drawings: Iterable[Drawing], theme: Theme = "light", kind: Kind = "svg"
) -> Mapping[str, bytes]:
    """Render drawings, by id. Drawings that cannot be rendered, or cost too much, are omitted.

    Image plots are omitted too: they are shown as they are.
    """
    orders = dict(_orders(drawings, theme, kind))
    if not orders or not can_draw():
        return {}
    found = {}
    end = time.monotonic() + SECONDS
    while orders and (left := end - time.monotonic()) > 0:
        answers = _answers(orders.values(), left)
        for plot_id, line in zip(tuple(orders), answers, strict=False):
            del orders[plot_id]
            answer = json.loads(line)
            if "picture" in answer:
                found[plot_id] = base64.b64decode(answer["picture"])
        if orders:
            # The next order ended the process.
            del orders[next(iter(orders))]
    return found


def _orders(drawings: Iterable[Drawing], theme: Theme, kind: Kind) -> Iterator[tuple[str, str]]:
    known = (each for each in drawings if each.kind == "vega" and each.unknown is None)
    for drawing in within_costs(known):
        try:
            spec = apply_theme(in_order(harmless(specification(drawing))), theme)
        except NoSpecificationError:
            continue
        yield drawing.id, json.dumps({"kind": kind, "spec": spec})


def _answers(orders: Iterable[str], seconds: float) -> list[str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    try:
        # It bounds its work itself.
        done = run_child(
            [sys.executable, "-I", "-m", "lineage_diff.render.plots.vega_worker"],
            given="".join(f"{order}\n" for order in orders).encode(),
            seconds=seconds,
            env=kept,
            stderr=subprocess.DEVNULL,
            bounded=False,
        )
        text = done.stdout
    except subprocess.TimeoutExpired as expired:
        # The images rendered until then are used.
        text = expired.stdout or b""
    *lines, _unfinished = text.decode(errors="replace").split("\n")
    return lines


def in_order(spec: Any, channel: str = "") -> Any:
    """Return a specification with `before` first; the alphabetic order would put it second."""
    if isinstance(spec, Mapping):
        made = {key: in_order(value, str(key)) for key, value in spec.items() if key != "values"}
        if channel in _CHANNELS and spec.get("field") == "rev" and not {"sort", "scale"} & {*spec}:
            made["sort"] = list(SIDES)
        return {**spec, **made}
    if isinstance(spec, list):
        return [in_order(item) for item in spec]
    return spec


def apply_theme(spec: dict[str, Any], theme: Theme) -> dict[str, Any]:
    """Return a specification in the colours of a theme, with the numbers of a matrix visible."""
    palette = PALETTES[theme]
    given = spec.get("config")
    config = {
        "background": palette.canvas,
        "padding": 12,
        "style": {"cell": {"stroke": palette.box}},
        "title": {"color": palette.text, "subtitleColor": palette.muted},
        "axis": {
            "labelColor": palette.muted,
            "titleColor": palette.text,
            "gridColor": palette.box,
            "domainColor": palette.box,
            "tickColor": palette.box,
        },
        "legend": {"labelColor": palette.text, "titleColor": palette.muted},
        "header": {"labelColor": palette.text, "titleColor": palette.muted},
    }
    params = spec.get("params")
    if isinstance(params, list):
        spec = {**spec, "params": [_show_numbers(param) for param in params]}
    return {**spec, "config": {**(given if isinstance(given, dict) else {}), **config}}


def _show_numbers(param: Any) -> Any:
    # DVC's confusion matrix shows its numbers only if a check box is ticked.
    ticked = isinstance(param, dict) and param.get("name") == "showValues"
    return {**param, "value": True} if ticked else param
