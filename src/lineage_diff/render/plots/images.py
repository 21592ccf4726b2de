"""Render drawings as SVG and PNG: before and after in one image, light and dark, without a browser.

This needs `vl-convert-python`, from the extra `plots`; without it no image is rendered.
"""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from itertools import groupby
from typing import Any, Literal

from msgspec.structs import replace

from lineage_diff.child_processes import run_child
from lineage_diff.render.graph.palette import PALETTES, THEMES, Theme
from lineage_diff.render.plots.series import number_of
from lineage_diff.render.plots.vega_spec import (
    NoSpecificationError,
    harmless,
    repeatable,
    specification,
    still,
)
from lineage_diff.report.plots import SIDES, Drawing

Kind = Literal["svg", "png"]
_CHANNELS = frozenset({"color", "column", "row", "facet", "x", "y", "xOffset", "yOffset"})

# The time limit for all images of one report, in seconds.
SECONDS = 60.0
# The environment variables that the process gets; none of them holds a token.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT", "TMPDIR", "HOME")
# Points of all curves that are drawn as they are: some two seconds, and as much as a page holds.
CURVE_POINTS = 10_000
# The fewest points that are kept of one curve, of a picture 300 pixels wide.
_LEAST = 100
# The first, lowest, highest and last point of a stretch.
_KEPT = 4
# Templates of DVC that join the points of a series.
_CURVES = frozenset({"linear", "simple"})
# Costs of all drawings of one report, and of a point: the renderer takes so much longer for them.
COSTS = 40_000
_COSTS: Mapping[str | None, int] = {
    "simple": 1,
    "scatter": 1,
    "confusion": 1,
    "confusion_normalized": 1,
    "bar_horizontal": 5,
    "bar_horizontal_sorted": 5,
    "scatter_jitter": 10,
}
_COST = 2
# They stand for a theme's colours until a picture is laid out: no template is drawn in them.
_CANVAS, _TEXT, _MUTED, _BOX = "#0abcd1", "#0abcd2", "#0abcd3", "#0abcd4"

_Row = tuple[Any, ...]
_Point = tuple[float, float, _Row]


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
    return themed_pictures(drawings, (theme,), kind)[theme]


def themed_pictures(
    drawings: Iterable[Drawing], themes: Sequence[Theme] = THEMES, kind: Kind = "svg"
) -> Mapping[Theme, Mapping[str, bytes]]:
    """Render drawings as `plot_pictures` does, in several themes: each is laid out once."""
    found: dict[Theme, dict[str, bytes]] = {theme: {} for theme in themes}
    orders = dict(_orders(drawings, themes, kind))
    if not orders or not can_draw():
        return found
    end = time.monotonic() + SECONDS
    while orders and (left := end - time.monotonic()) > 0:
        answers = _answers(orders.values(), left)
        for plot_id, line in zip(tuple(orders), answers, strict=False):
            del orders[plot_id]
            answer = json.loads(line)
            for theme, picture in zip(themes, answer.get("pictures", ()), strict=False):
                found[theme][plot_id] = base64.b64decode(picture)
        if orders:
            # The next order ended the process.
            del orders[next(iter(orders))]
    return found


def _orders(
    drawings: Iterable[Drawing], themes: Iterable[Theme], kind: Kind
) -> Iterator[tuple[str, str]]:
    colours = [_colours(theme) for theme in themes]
    known = (each for each in drawings if each.kind == "vega" and each.unknown is None)
    for drawing in within_costs(known):
        try:
            made = repeatable(harmless(specification(drawing)))
            # Only of DVC's own templates it is known that they lose nothing.
            spec = made if drawing.content is not None else still(made)
        except NoSpecificationError:
            continue
        order = {"kind": kind, "spec": _with_stand_ins(in_order(spec)), "colours": colours}
        yield drawing.id, json.dumps(order)


def within_costs(drawings: Iterable[Drawing]) -> Iterator[Drawing]:
    """Yield the drawings with long curves thinned, without those that are still over `COSTS`."""
    left = COSTS
    for drawing in _thinned(drawings):
        known = None if drawing.content is not None else drawing.template
        cost = _COSTS.get(known, _COST) * len(drawing.rows)
        if cost <= left:
            left -= cost
            yield drawing


def _thinned(drawings: Iterable[Drawing]) -> list[Drawing]:
    """Return the drawings, with fewer points of long curves if there are more than a page holds.

    A thinned curve keeps its extremes, and looks the same.
    """
    given = list(drawings)
    split = {drawing.id: _curves(drawing) for drawing in given if _is_curve(drawing)}
    curves = [rows for of_drawing in split.values() for rows in of_drawing]
    if sum(map(len, curves)) <= CURVE_POINTS:
        return given
    most = max(_LEAST, CURVE_POINTS // len(curves))
    return [
        replace(drawing, rows=tuple(_thin_all(drawing, split[drawing.id], most)))
        if drawing.id in split
        else drawing
        for drawing in given
    ]


def _is_curve(drawing: Drawing) -> bool:
    return drawing.content is None and drawing.template in _CURVES and bool(drawing.rows)


def _curves(drawing: Drawing) -> list[list[_Row]]:
    """Return the rows of each side, file and field."""
    columns = drawing.columns
    places = [columns.index(name) for name in ("rev", "filename", "field") if name in columns]

    def key(row: _Row) -> list[Any]:
        return [row[place] for place in places if place < len(row)]

    found: dict[tuple[str, ...], list[_Row]] = {}
    # Most rows are of the same curve as the row before.
    for known, rows in groupby(drawing.rows, key):
        found.setdefault(tuple(map(str, known)), []).extend(rows)
    return list(found.values())


def _thin_all(drawing: Drawing, curves: Iterable[list[_Row]], most: int) -> Iterator[_Row]:
    for rows in curves:
        yield from rows if len(rows) <= most else _thin(drawing, rows, most)


def _thin(drawing: Drawing, rows: list[_Row], most: int) -> list[_Row]:
    """Return the rows of one curve that are kept; all if any point is no pair of numbers."""
    points = list(_numbers(drawing, rows))
    if len(points) < len(rows):
        return rows
    points.sort(key=lambda point: point[0])
    size = -(-len(points) * _KEPT // most)
    stretches = [points[start : start + size] for start in range(0, len(points), size)]
    return [row for stretch in stretches for row in _outline(stretch)]


def _numbers(drawing: Drawing, rows: Iterable[_Row]) -> Iterator[_Point]:
    columns = drawing.columns
    if drawing.x not in columns or drawing.y not in columns:
        return
    width, at_x, at_y = len(columns), columns.index(drawing.x), columns.index(drawing.y)
    for row in rows:
        if len(row) == width:
            x, y = number_of(row[at_x]), number_of(row[at_y])
            if x is not None and y is not None:
                yield x, y, row


def _outline(stretch: list[_Point]) -> list[_Row]:
    """Return the first, lowest, highest and last point of a stretch, in its order."""
    values = [value for _, value, _ in stretch]
    low, high = values.index(min(values)), values.index(max(values))
    return [stretch[at][2] for at in sorted({0, low, high, len(stretch) - 1})]


def _answers(orders: Iterable[str], seconds: float) -> list[str]:
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
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


def _colours(theme: Theme) -> Mapping[str, str]:
    """Return the colours of a theme by their stand-ins."""
    palette = PALETTES[theme]
    return {
        _CANVAS: palette.canvas,
        _TEXT: palette.text,
        _MUTED: palette.muted,
        _BOX: palette.box,
    }


def _with_stand_ins(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a specification in stand-ins of colours, with the numbers of a matrix visible."""
    given = spec.get("config")
    config = {
        "background": _CANVAS,
        "padding": 12,
        "style": {"cell": {"stroke": _BOX}},
        "title": {"color": _TEXT, "subtitleColor": _MUTED},
        "axis": {
            "labelColor": _MUTED,
            "titleColor": _TEXT,
            "gridColor": _BOX,
            "domainColor": _BOX,
            "tickColor": _BOX,
        },
        "legend": {"labelColor": _TEXT, "titleColor": _MUTED},
        "header": {"labelColor": _TEXT, "titleColor": _MUTED},
    }
    params = spec.get("params")
    if isinstance(params, list):
        spec = {**spec, "params": [_show_numbers(param) for param in params]}
    return {**spec, "config": {**(given if isinstance(given, dict) else {}), **config}}


def _show_numbers(param: Any) -> Any:
    # DVC's confusion matrix shows its numbers only if a check box is ticked.
    ticked = isinstance(param, dict) and param.get("name") == "showValues"
    return {**param, "value": True} if ticked else param
