"""All plots of a report in one SVG, before and after, in two columns."""

import base64
import re
from collections.abc import Iterator

from markupsafe import Markup
from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.render.graph.palette import PALETTES, Theme
from lineage_diff.render.plots.images import can_draw, plot_pictures
from lineage_diff.render.templates import render
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report
from lineage_diff.text import shorten, visible

COLUMNS = 2
IMAGE = 200
_MARGIN = 16
_TITLE = 28
_SIZE = re.compile(rb'<svg[^>]*? width="([0-9.]+)" height="([0-9.]+)"')


class _Cell(Struct, frozen=True):
    """One plot. `markup` is SVG; `title` is set for a pair of images, which contain none."""

    width: float
    height: float
    markup: str
    title: str | None = None


def plot_sheet(report: Report, theme: Theme = "light") -> bytes:
    """Return the SVG. Raises `InputError` if the plot renderer is not installed."""
    drawable = [drawing for drawing in report.drawings if drawing.unknown is None]
    if not can_draw() and any(drawing.kind == "vega" for drawing in drawable):
        raise InputError(
            "plots cannot be rendered: vl-convert is not installed",
            hint="Install it: `pip install 'lineage-diff[plots]'`.",
        )
    pictures = plot_pictures(drawable, theme)
    cells = [
        cell
        for number, drawing in enumerate(drawable)
        if (cell := _cell(number, drawing, pictures.get(drawing.id))) is not None
    ]
    rows = [cells[start : start + COLUMNS] for start in range(0, len(cells), COLUMNS)]
    placed, top, width = [], float(_MARGIN), 0.0
    for row in rows:
        left = float(_MARGIN)
        for cell in row:
            placed.append((left, top, Markup(cell.markup), cell.title))  # noqa: S704
            left += cell.width + _MARGIN
        top += max(cell.height for cell in row) + _MARGIN
        width = max(width, left)
    return render(
        "picture/plots.svg.j2",
        cells=placed,
        second=IMAGE + _MARGIN,
        width=max(width, 320),
        height=max(top, 64),
        palette=PALETTES[theme],
    ).encode()


def _cell(number: int, drawing: Drawing, picture: bytes | None) -> _Cell | None:
    if drawing.kind == "image":
        return _pair(drawing)
    size = _SIZE.match(picture) if picture is not None else None
    if picture is None or size is None:
        return None
    text = picture.decode()
    # Each SVG numbers its ids from zero; in one document they must differ.
    text = text.replace('id="', f'id="p{number}-').replace("url(#", f"url(#p{number}-")
    return _Cell(float(size[1]), float(size[2]), text)


def _pair(drawing: Drawing) -> _Cell | None:
    parts = list(_images(drawing))
    if not parts:
        return None
    title = shorten(visible(drawing.title or drawing.id), 40)
    return _Cell(2 * IMAGE + _MARGIN, _TITLE + IMAGE, "".join(parts), title)


def _images(drawing: Drawing) -> Iterator[str]:
    for image in drawing.images:
        if re.fullmatch(r"image/[a-z+]{3,8}", image.media_type):
            data = base64.b64encode(image.content).decode()
            left = 0 if image.side == "before" else IMAGE + _MARGIN
            yield (
                f'<image x="{left}" y="{_TITLE}" width="{IMAGE}" height="{IMAGE}" '
                f'href="data:{image.media_type};base64,{data}"/>'
            )
