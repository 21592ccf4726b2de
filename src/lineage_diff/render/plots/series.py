"""The curves of a drawing, before and after on one grid, for Mermaid and sparklines."""

from collections.abc import Iterator
from itertools import groupby
from math import isfinite
from operator import itemgetter
from typing import Any

from msgspec import Struct

from lineage_diff.report.plots import Drawing

# Templates that join points with a line: DVC's own, and the copies of the same name that old
# versions of DVC wrote into repositories.
_LINES = frozenset({"linear", "simple", "smooth", "default"})
_NUMERIC = frozenset((int, float, str))
_BLOCKS = "▁▂▃▄▅▆▇█"
Points = tuple[tuple[float, float], ...]


class Curve(Struct, frozen=True):
    """One series of a drawing. `name` distinguishes it within the drawing, and is empty for
    a single series. Points are ordered by `x`; a side without points is empty."""

    name: str
    before: Points
    after: Points

    @property
    def span(self) -> tuple[float, float]:
        """The range of `x` that both sides cover, or the range of the only side."""
        sides = [side for side in (self.before, self.after) if side]
        return max(side[0][0] for side in sides), min(side[-1][0] for side in sides)


def curves(drawing: Drawing) -> tuple[Curve, ...]:
    """Return the curves of a drawing; none if it is no line plot or its values are not numbers."""
    x, y = drawing.x, drawing.y
    if drawing.unknown is not None or drawing.template not in _LINES or not x or not y:
        return ()
    points: dict[tuple[Any, ...], list[tuple[float, float]]] = {}
    rows = _rows(drawing, ("rev", "filename", "field", x, y))
    # Most rows are of the same series as the row before.
    for key, of_key in groupby(rows, itemgetter(0, 1, 2)):
        numbers = ((number_of(written), number_of(measured)) for *_, written, measured in of_key)
        known = [(at, value) for at, value in numbers if at is not None and value is not None]
        if known:
            points.setdefault(tuple(map(str, key)), []).extend(known)
    found: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    for (side, file, field), of_side in points.items():
        found.setdefault((file, field), {})[side] = of_side
    made = []
    for (file, field), sides in sorted(found.items()):
        before, after = (tuple(sorted(sides.get(side, ()))) for side in ("before", "after"))
        made.append(Curve(_name(file, field, found) if len(found) > 1 else "", before, after))
    return tuple(made)


def sides_of_rows(drawing: Drawing) -> list[str]:
    """Return the side of each row that has one."""
    return list(map(str, _rows(drawing, ("rev",))))


def _rows(drawing: Drawing, names: tuple[str, ...]) -> Iterator[Any]:
    """Yield the cells of some columns of each whole row; the cell itself for one column."""
    if not set(names) <= set(drawing.columns):
        return iter(())
    width = len(drawing.columns)
    whole = (row for row in drawing.rows if len(row) == width)
    return map(itemgetter(*map(drawing.columns.index, names)), whole)


def _name(file: str, field: str, found: dict[tuple[str, str], Any]) -> str:
    files, fields = {key[0] for key in found}, {key[1] for key in found}
    parts = [file] if len(files) > 1 else []
    return " ".join([*parts, *([field] if len(fields) > 1 else [])])


def number_of(cell: Any) -> float | None:
    """Return a cell as a finite number, `None` for any other."""
    # A boolean is an integer to `isinstance`.
    if type(cell) not in _NUMERIC:
        return None
    try:
        number = float(cell)
    except (ValueError, OverflowError):
        return None
    return number if isfinite(number) else None


def sample(points: Points, start: float, end: float, count: int) -> list[float]:
    """Interpolate values at `count` positions from `start` to `end`."""
    if end <= start or count < 2:
        return [value for where, value in points if start <= where <= end][:1]
    found, at = [], 0
    for number in range(count):
        where = start + (end - start) * number / (count - 1)
        while at + 2 < len(points) and points[at + 1][0] <= where:
            at += 1
        (x1, y1), (x2, y2) = points[at], points[min(at + 1, len(points) - 1)]
        part = 0.0 if x2 <= x1 else min(1.0, max(0.0, (where - x1) / (x2 - x1)))
        found.append(y1 * (1 - part) + y2 * part)
    return found


def sparklines(curve: Curve, width: int = 16) -> tuple[str, str]:
    """Return both sides as block characters, each as long as its share of the `x` range.

    Both use the same scale; a side without points is empty.
    """
    everything = [*curve.before, *curve.after]
    if not everything:
        return "", ""
    start, end = min(x for x, _ in everything), max(x for x, _ in everything)
    low, high = min(y for _, y in everything), max(y for _, y in everything)
    return (
        _blocks(curve.before, start, end, low, high, width),
        _blocks(curve.after, start, end, low, high, width),
    )


def _blocks(points: Points, start: float, end: float, low: float, high: float, width: int) -> str:
    if not points:
        return ""
    share = (points[-1][0] - points[0][0]) / (end - start) if end > start else 1.0
    count = max(1, min(len(points), round(width * share)))
    values = sample(points, points[0][0], points[-1][0], count)
    top = len(_BLOCKS) - 1
    # Halved first, because the difference of two large floats may overflow.
    height = high / 2 - low / 2
    return "".join(
        _BLOCKS[round(top * ((value / 2 - low / 2) / height))] if height > 0 else _BLOCKS[0]
        for value in values
    )
