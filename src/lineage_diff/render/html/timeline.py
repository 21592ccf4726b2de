"""A plot of the versions of a model, or of the values of a metric, from oldest to newest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from lineage_diff.report.answers import History, HistoryStep
from lineage_diff.report.value_text import is_number, value, values

WIDTH = 860
LEFT = 96
RIGHT = 96
STRIP = 44
PANEL = 64
GAP = 36
# Metrics that are plotted; the table has the rest.
METRICS = 6
# Up to `MARKED` versions have a mark each; beyond `POINTS` a line shows the lowest and highest of
# several versions.
MARKED = 60
POINTS = 240
DATES = 5
# The least distance of two texts on the axis, in points.
APART = 84.0


class Mark(Struct, frozen=True):
    """One version at its position, and the text of its value."""

    x: float
    y: float
    step: HistoryStep
    text: str = ""


class Label(Struct, frozen=True):
    """A text at a position on the axis; `align` is SVG's `text-anchor`."""

    x: float
    text: str
    align: str


class Panel(Struct, frozen=True):
    """The plot of one metric: `top`, `bottom`, its line as SVG path data, and the lowest, highest,
    first and last value as text. `end` is the y of the last value."""

    name: str
    top: float
    bottom: float
    path: str
    marks: tuple[Mark, ...]
    lowest: str
    highest: str
    first: str
    last: str
    end: float


class TimelineChart(Struct, frozen=True):
    """The plot, in points. `beyond` counts the metrics that are not plotted; `each` is the number
    of versions for two points of a line, or 1."""

    height: float
    versions: int
    strip: tuple[Mark, ...]
    registered: tuple[Label, ...]
    dates: tuple[Label, ...]
    panels: tuple[Panel, ...]
    beyond: int
    each: int


def timeline(history: History) -> TimelineChart | None:
    """Lay out a history as plots; `None` for fewer than two versions."""
    steps = tuple(reversed(history.steps))
    if len(steps) < 2:
        return None
    room = WIDTH - LEFT - RIGHT
    places = [round(LEFT + room * index / (len(steps) - 1), 1) for index in range(len(steps))]
    placed = list(zip(places, steps, strict=True))
    series = _series(history, steps)
    each = -(-2 * len(steps) // POINTS) if len(steps) > POINTS else 1
    panels: list[Panel] = []
    for name, numbers in list(series.items())[:METRICS]:
        top = STRIP + GAP + len(panels) * (PANEL + GAP)
        panels.append(_panel(name, top, numbers, placed, each))
    registered = [
        (x, ", ".join(item.version for item in step.registered))
        for x, step in placed
        if step.registered
    ]
    dates = [(x, step.commit.date[:10]) for x, step in placed if step.commit is not None]
    return TimelineChart(
        height=STRIP + len(panels) * (PANEL + GAP) + GAP,
        versions=len(steps),
        strip=tuple(Mark(x, STRIP - 10, step) for x, step in placed) if _few(steps) else (),
        registered=_apart(registered),
        dates=_apart(dates, (WIDTH - LEFT - RIGHT) / DATES),
        panels=tuple(panels),
        beyond=max(len(series) - METRICS, 0),
        each=each,
    )


def _few(versions: Sequence[object]) -> bool:
    return len(versions) <= MARKED


def _series(history: History, steps: Sequence[HistoryStep]) -> Mapping[str, list[float | None]]:
    """Return the values of each metric by name, changing metrics first."""
    if history.key is not None:
        return {history.key: [_number(step.value) for step in steps]}
    found: dict[tuple[str, str], list[float | None]] = {}
    for index, step in enumerate(steps):
        for item in step.metrics:
            row = found.setdefault((item.file, item.key), [None] * len(steps))
            row[index] = _number(item.value)
    several = len({file for file, _ in found}) > 1
    ordered = sorted(
        (
            (len({number for number in row if number is not None}) < 2, file, key, row)
            for (file, key), row in found.items()
            if any(number is not None for number in row)
        ),
        key=lambda item: item[:3],
    )
    return {f"{file}:{key}" if several else key: row for _, file, key, row in ordered}


def _number(item: Any) -> float | None:
    try:
        return float(item) if is_number(item) else None
    except OverflowError:
        return None


def _panel(
    name: str,
    top: float,
    numbers: Sequence[float | None],
    placed: Sequence[tuple[float, HistoryStep]],
    each: int,
) -> Panel:
    known = [number for number in numbers if number is not None]
    low, high = min(known), max(known)

    def height(number: float) -> float:
        # Halved, because the difference of two floats may overflow.
        span = high / 2 - low / 2
        share = (number / 2 - low / 2) / span if span else 0.5
        return round(top + PANEL * (1 - share), 1)

    lowest, highest = values(low, high) if low != high else (value(low), value(high))
    marks = [
        Mark(x, height(number), step, value(number))
        for (x, step), number in zip(placed, numbers, strict=True)
        if number is not None
    ]
    points = [
        None if number is None else (x, height(number))
        for (x, _), number in zip(placed, numbers, strict=True)
    ]
    return Panel(
        name=name,
        top=top,
        bottom=top + PANEL,
        path=_path(_thin_out(points, each)),
        marks=tuple(marks) if _few(placed) else (),
        lowest=lowest,
        highest=highest,
        first=value(known[0]),
        last=value(known[-1]),
        end=height(known[-1]),
    )


def _apart(texts: Sequence[tuple[float, str]], least: float = APART) -> tuple[Label, ...]:
    """Return the last text, and those before it that are at least `least` apart."""
    kept: list[Label] = []
    for x, text in reversed(texts):
        if not kept or kept[-1].x - x >= least:
            align = "start" if x == LEFT else "end" if x == WIDTH - RIGHT else "middle"
            kept.append(Label(x, text, align))
    return tuple(reversed(kept))


def _thin_out(
    points: Sequence[tuple[float, float] | None], each: int
) -> Iterable[tuple[float, float] | None]:
    """Return the highest and lowest of each `each` consecutive points, in order."""
    if each == 1:
        return points
    kept: list[tuple[float, float] | None] = []
    for start in range(0, len(points), each):
        some = [point for point in points[start : start + each] if point is not None]
        ends = (
            {min(some, key=lambda at: at[1]), max(some, key=lambda at: at[1])} if some else {None}
        )
        kept += sorted(ends, key=lambda at: at or (0, 0))
    return kept


def _path(points: Iterable[tuple[float, float] | None]) -> str:
    """Return the data of an SVG path through the points; a missing one breaks the line."""
    path: list[str] = []
    pen = "M"
    for point in points:
        if point is None:
            pen = "M"
            continue
        path.append(f"{pen}{point[0]},{point[1]}")
        pen = "L"
    return "".join(path)
