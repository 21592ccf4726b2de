"""The changed plots as rows of a table."""

from collections import Counter

from msgspec import Struct

from lineage_diff.lineage.graph import ancestors
from lineage_diff.render.plots.series import curves, sides_of_rows, sparklines
from lineage_diff.report.change import PlotChange
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report, of_last_report


class CurveRow(Struct, frozen=True):
    """One curve: both sides as block characters, and their last values, `None` without any."""

    name: str
    before: str
    after: str
    last_before: float | None
    last_after: float | None


class PlotRow(Struct, frozen=True):
    """A drawing, or a changed plot file without a drawing.

    `curves` are the curves of the drawing, `points` its number of points on each side.
    """

    id: str
    drawing: Drawing | None
    change: PlotChange | None
    curves: tuple[CurveRow, ...] = ()
    points: tuple[int, ...] = ()


@of_last_report
def plot_rows(report: Report) -> tuple[PlotRow, ...]:
    """List the drawings by id, then the changed files that no drawing uses."""
    rows = [_row(drawing) for drawing in report.drawings]
    drawn = {source for drawing in report.drawings for source in drawing.sources}
    drawn |= {folder for source in drawn for folder in ancestors(source)}
    rows += [PlotRow(plot.id, None, plot) for plot in report.plots if plot.id not in drawn]
    return tuple(rows)


def _row(drawing: Drawing) -> PlotRow:
    made = []
    for curve in curves(drawing):
        before, after = sparklines(curve)
        ends = [side[-1][1] if side else None for side in (curve.before, curve.after)]
        made.append(CurveRow(curve.name, before, after, ends[0], ends[1]))
    count = Counter(sides_of_rows(drawing))
    points = (count["before"], count["after"])
    return PlotRow(drawing.id, drawing, None, tuple(made), points)
