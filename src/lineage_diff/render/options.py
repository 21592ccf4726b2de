"""Options of the output formats, the console that follows them, and the URLs of images."""

from typing import TYPE_CHECKING, Literal, TextIO

from msgspec import Struct

from lineage_diff.text import without_commands

if TYPE_CHECKING:
    from rich.console import Console

DEFAULT_WIDTH = 100
LEAST_WIDTH = 40


def open_console(out: TextIO, *, color: bool, width: int) -> "Console":
    """Return rich's console that writes to `out`; environment variables do not change it."""
    # Imported late: only the text for a terminal needs Rich.
    from rich.console import Console

    return Console(
        file=out,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )


def lines_for_log(text: str) -> str:
    """Return lines without spaces at their ends, none of them a command to a CI system."""
    return without_commands("\n".join(line.rstrip() for line in text.split("\n")))


class ShowOptions(Struct, frozen=True):
    """The options of the output formats.

    `width` is in columns; `whole` prints every row, `quiet` the errors and the verdict only.
    """

    theme: Literal["light", "dark"] = "light"
    color: bool = False
    width: int = DEFAULT_WIDTH
    whole: bool = False
    quiet: bool = False
    pictures: "Pictures | None" = None


class PlotPicture(Struct, frozen=True):
    """The image URLs of one plot: one for each theme, or for an image plot one for each side.

    `wide` marks an image with two plots side by side.
    """

    id: str
    light_url: str | None = None
    dark_url: str | None = None
    before_url: str | None = None
    after_url: str | None = None
    wide: bool = False


class Pictures(Struct, frozen=True):
    """The image URLs of the graph; `alt` describes it, by default generated from the report.

    The URLs are `None` without a graph. `plots` are the plots to show; `plots_beyond` counts those
    that are shown elsewhere."""

    light_url: str | None = None
    dark_url: str | None = None
    alt: str | None = None
    plots: tuple[PlotPicture, ...] = ()
    plots_beyond: int = 0
