"""Curves as Mermaid XY charts, used if images cannot be hosted.

https://mermaid.js.org/syntax/xyChart.html
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import Struct

from lineage_diff.render.plots.series import Curve, curves, sample
from lineage_diff.report.plots import Drawing
from lineage_diff.text import visible

POINTS = 32
_SIZE = '"xyChart": {"width": 560, "height": 260}'
# Purple and blue, like the circles in the legend; both are visible on white and on black.
_COLORS = {"before": "#9a6bf0", "after": "#2f81f7"}


class Chart(Struct, frozen=True):
    """One chart: its plot, its curve and its source. `sides` are the sides shown; `cut` is true if
    one of them is longer than shown."""

    plot: str
    name: str
    source: str
    sides: tuple[str, ...]
    cut: bool


def charts(drawings: Iterable[Drawing]) -> Iterator[Chart]:
    """Yield a chart for each curve of the drawings; other plots have none."""
    for drawing in drawings:
        for curve in curves(drawing):
            source = _source(drawing, curve)
            if source is not None:
                sides = {"before": curve.before, "after": curve.after}
                ends = {(side[0][0], side[-1][0]) for side in sides.values() if side}
                names = tuple(name for name, side in sides.items() if side)
                yield Chart(drawing.id, curve.name, source, names, len(ends) > 1)


def first_charts(drawings: Iterable[Drawing], most: int) -> list[Chart]:
    """Return at most `most` charts: the first curve of each drawing before any second curve."""
    seen: Counter[str] = Counter()
    ranked = []
    for number, chart in enumerate(charts(drawings)):
        ranked.append((seen[chart.plot], number, chart))
        seen[chart.plot] += 1
        if len(seen) >= most:
            # Each of them has a first curve.
            break
    chosen = sorted(sorted(ranked, key=lambda item: item[:2])[:most], key=lambda item: item[1])
    return [chart for _, _, chart in chosen]


def _source(drawing: Drawing, curve: Curve) -> str | None:
    start, end = curve.span
    if end <= start:
        return None
    sides = {"before": curve.before, "after": curve.after}
    lines = {
        name: [_number(value) for value in sample(points, start, end, _count(curve))]
        for name, points in sides.items()
        if points
    }
    palette = ", ".join(_COLORS[name] for name in lines)
    colors = f'{{"plotColorPalette": "{palette}", "backgroundColor": "transparent"}}'
    config = f'{{"themeVariables": {{"xyChart": {colors}}}, {_SIZE}}}'
    return "\n".join(
        (
            f"%%{{init: {config}}}%%",
            "xychart-beta",
            f'  x-axis "{_text(drawing.x_label or drawing.x or "")}" '
            f"{_number(start)} --> {_number(end)}",
            f'  y-axis "{_text(curve.name or drawing.y_label or drawing.y or "")}"',
            *(f"  line [{', '.join(values)}]" for values in lines.values()),
        )
    )


def _count(curve: Curve) -> int:
    return max(2, min(POINTS, max(len(curve.before), len(curve.after))))


def _number(value: float) -> str:
    """Format a number for Mermaid, which reads no exponent."""
    text = f"{value:.5g}"
    if "e" not in text:
        return text
    return f"{value:.0f}" if abs(value) > 1 else f"{value:.12f}".rstrip("0").rstrip(".")


def _text(text: str) -> str:
    kept = (char if char.isalnum() or char in " _-./()" else " " for char in visible(text))
    # Mermaid rejects an empty text.
    return "".join(kept)[:60].strip() or "-"
