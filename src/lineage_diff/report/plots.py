"""Plots that compare two commits."""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct

Side = Literal["before", "after"]
SIDES: tuple[Side, Side] = ("before", "after")


class PlotLine(Struct, frozen=True):
    """One series of a plot: a field of a file. `filename` omits the path that all files share."""

    filename: str
    field: str


class PlotImage(Struct, frozen=True):
    """One side of a plot that is an image: the file's own bytes."""

    side: Side
    media_type: str
    content: bytes


class Drawing(Struct, frozen=True):
    """One plot of both commits, as `dvc plots diff --json` has it.

    `id` is DVC's. A `vega` plot has points: `rows` under `columns`, which are the columns of its
    files and also `rev` (the side), `filename` and `field`. `lines` are the series to draw; `x`
    and `y` are two of the columns. `template` is one of DVC's, which needs no other columns, or
    one of the base branch, with its JSON in `content`. An `image` has `images`. `unknown` is the
    reason if the plot cannot be drawn.
    """

    id: str
    kind: Literal["vega", "image"]
    sources: tuple[str, ...]
    title: str = ""
    template: str | None = None
    content: Mapping[str, Any] | None = None
    x: str | None = None
    y: str | None = None
    x_label: str | None = None
    y_label: str | None = None
    lines: tuple[PlotLine, ...] = ()
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[Any, ...], ...] = ()
    images: tuple[PlotImage, ...] = ()
    unknown: str | None = None
