"""Thin long curves for images, and leave out the plots that would take the renderer too long."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from lineage_diff.render.plots.series import number_of
from lineage_diff.report.plots import Drawing

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

_Row = tuple[Any, ...]
_Point = tuple[float, float, _Row]


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
    found: dict[tuple[str, ...], list[_Row]] = {}
    for row in drawing.rows:
        key = tuple(str(row[place]) for place in places if place < len(row))
        found.setdefault(key, []).append(row)
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
    places = columns.index(drawing.x), columns.index(drawing.y)
    for row in rows:
        if len(row) == len(columns):
            x, y = (number_of(row[place]) for place in places)
            if x is not None and y is not None:
                yield x, y, row


def _outline(stretch: list[_Point]) -> list[_Row]:
    """Return the first, lowest, highest and last point of a stretch, in its order."""
    values = [value for _, value, _ in stretch]
    low, high = values.index(min(values)), values.index(max(values))
    return [stretch[at][2] for at in sorted({0, low, high, len(stretch) - 1})]
