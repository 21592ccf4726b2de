"""The colours of images, from GitHub's light and dark themes (Primer)."""

from typing import Literal

from msgspec import Struct

from lineage_diff.render.graph.view import Status

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")


class Paint(Struct, frozen=True):
    """Fill, border and text of one status, as `#rrggbb`."""

    fill: str
    line: str
    text: str


class Palette(Struct, frozen=True):
    """All colours of an image."""

    canvas: str
    text: str
    muted: str
    box: str
    edge: str
    quiet_edge: str
    paints: dict[Status, Paint]


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        canvas="#ffffff",
        text="#1f2328",
        muted="#59636e",
        box="#d1d9e0",
        edge="#59636e",
        quiet_edge="#afb8c1",
        paints={
            "added": Paint("#dafbe1", "#1a7f37", "#1f2328"),
            "removed": Paint("#ffebe9", "#cf222e", "#1f2328"),
            "stale": Paint("#fff8c5", "#9a6700", "#1f2328"),
            "modified": Paint("#ddf4ff", "#0969da", "#1f2328"),
            "renamed": Paint("#ddf4ff", "#0969da", "#1f2328"),
            "affected": Paint("#fbefff", "#8250df", "#1f2328"),
            "unchanged": Paint("#f6f8fa", "#afb8c1", "#59636e"),
        },
    ),
    "dark": Palette(
        canvas="#0d1117",
        text="#f0f6fc",
        muted="#9198a1",
        box="#3d444d",
        edge="#9198a1",
        quiet_edge="#545d68",
        paints={
            "added": Paint("#12351f", "#3fb950", "#f0f6fc"),
            "removed": Paint("#3c1618", "#f85149", "#f0f6fc"),
            "stale": Paint("#3a2b06", "#d29922", "#f0f6fc"),
            "modified": Paint("#10284d", "#4493f8", "#f0f6fc"),
            "renamed": Paint("#10284d", "#4493f8", "#f0f6fc"),
            "affected": Paint("#2a1a4a", "#ab7df8", "#f0f6fc"),
            "unchanged": Paint("#151b23", "#545d68", "#9198a1"),
        },
    ),
}
