"""What a format may need to know of how it is shown.

Where the pictures that a comment shows are.
"""

from typing import Literal

from msgspec import Struct

DEFAULT_WIDTH = 100


class ShowOptions(Struct, frozen=True):
    """What a format may need to know. `width` in columns."""

    theme: Literal["light", "dark"] = "light"
    color: bool = False
    width: int = DEFAULT_WIDTH
    pictures: "Pictures | None" = None


class PlotPicture(Struct, frozen=True):
    """Where the pictures of one plot are: in both themes, or where it is an image, both sides.

    `wide` says that it is two pictures beside each other.
    """

    id: str
    light_url: str | None = None
    dark_url: str | None = None
    before_url: str | None = None
    after_url: str | None = None
    wide: bool = False


class Pictures(Struct, frozen=True):
    """Where the graph's pictures are; `alt` describes them, by default in the report's words.

    No graph has no addresses. `plots` are the plots to show; `plots_beyond` counts those that are
    drawn elsewhere."""

    light_url: str | None = None
    dark_url: str | None = None
    alt: str | None = None
    plots: tuple[PlotPicture, ...] = ()
    plots_beyond: int = 0
