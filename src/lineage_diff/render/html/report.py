"""A comparison as an HTML page, with the details that do not fit in a comment."""

import base64
import re
from collections.abc import Iterator, Mapping

from msgspec import Struct

from lineage_diff.render.experiments.grid import report_grid
from lineage_diff.render.graph.rows import graph_of
from lineage_diff.render.graph.view import PictureNode
from lineage_diff.render.groups.models import row_names, rows_by_path
from lineage_diff.render.html.graph_svg import Looks, draw_graph
from lineage_diff.render.html.page import html_page
from lineage_diff.render.links import linking
from lineage_diff.render.metrics_table import metric_rows
from lineage_diff.render.plots.images import themed_pictures
from lineage_diff.render.plots.table import PlotRow, plot_rows
from lineage_diff.render.summary import summary_of
from lineage_diff.render.templates import render
from lineage_diff.report.change import flat
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report, without_nan_changes

# In characters: about the most of a model's path.
NAME_WIDTH = 400
# Rows of each table; plots shown, and the bytes of all their images together.
ROWS = 2_000
PLOTS = 60
PLOT_BYTES = 12_000_000
_MEDIA_TYPE = re.compile(r"image/[a-z+]{3,8}")


class PlotFigure(Struct, frozen=True):
    """A plot with its images as `data:` URLs: one for each theme, or for an image plot one for
    each side."""

    row: PlotRow
    light: str | None = None
    dark: str | None = None
    before: str | None = None
    after: str | None = None

    @property
    def size(self) -> int:
        """The bytes that it adds to a page."""
        return sum(len(url or "") for url in (self.light, self.dark, self.before, self.after))


def report_html(report: Report) -> str:
    """Return the page: the same bytes for the same report and the same plot renderer."""
    report = without_nan_changes(report)
    summary = summary_of(report)
    places = rows_by_path(summary.rows)

    def looks(node: PictureNode) -> Looks:
        below = render("picture/status.j2", node=node).strip()
        rows = {places.get(member.removeprefix("file:")) for member in node.members}
        chapter = rows.pop() if node.kind == "model" and len(rows) == 1 else None
        return Looks(below, node.status, chapter)

    with linking(report):
        # Drawn first: the process that draws takes as much memory as all the rest.
        figures = list(_figures(report))
        return html_page(
            "html/report.html.j2",
            images=True,
            report=report,
            summary=summary,
            drawing=draw_graph(graph_of(report), looks),
            subjects=(),
            names=row_names(summary.rows, NAME_WIDTH),
            rows=ROWS,
            grid=report_grid(report, ROWS),
            params=flat(report.params),
            metric_rows=metric_rows(report),
            figures=figures,
            pipelines=[p for p in report.pipelines if p.change in ("added", "removed")],
        )


def _figures(report: Report) -> Iterator[PlotFigure]:
    rows = plot_rows(report)
    drawn = [row.drawing for row in rows if row.drawing is not None][:PLOTS]
    made = themed_pictures(drawn)
    left = PLOT_BYTES
    for row in rows:
        figure = _figure(row, made["light"], made["dark"])
        left -= figure.size
        yield figure if left >= 0 else PlotFigure(row)


def _figure(row: PlotRow, light: Mapping[str, bytes], dark: Mapping[str, bytes]) -> PlotFigure:
    if row.drawing is None:
        return PlotFigure(row)
    if row.drawing.kind == "image":
        return PlotFigure(
            row, before=_image(row.drawing, "before"), after=_image(row.drawing, "after")
        )
    if row.id not in light or row.id not in dark:
        return PlotFigure(row)
    return PlotFigure(
        row, _address("image/svg+xml", light[row.id]), _address("image/svg+xml", dark[row.id])
    )


def _image(drawing: Drawing, side: str) -> str | None:
    return next(
        (
            _address(image.media_type, image.content)
            for image in drawing.images
            if image.side == side and _MEDIA_TYPE.fullmatch(image.media_type)
        ),
        None,
    )


def _address(media_type: str, content: bytes) -> str:
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"
