"""Render a report's plots as image files, and match hosted files with their plots."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice

from lineage_diff.render.options import PlotPicture
from lineage_diff.render.plots.images import Kind, themed_pictures
from lineage_diff.report.plots import Drawing

# The most plots that one run writes as files.
MOST = 50
# Templates with a matrix for each side.
_WIDE = frozenset({"confusion", "confusion_normalized"})
_SUFFIXES = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/svg+xml": "svg",
}
_PLOT = re.compile(r"plot-\d+-")
_DRAWN_SVG = re.compile(r"-(?:light|dark)\.svg$")
_STARTS = {"png": b"\x89PNG\r\n\x1a\n", "jpg": b"\xff\xd8\xff", "gif": b"GIF8"}


def plot_files(drawings: Iterable[Drawing], kind: Kind, most: int = MOST) -> Mapping[str, bytes]:
    """Return the images of the first `most` plots by file name.

    `plot-01-light.png` and `plot-01-dark.png` for a rendered plot, `plot-02-before.png` and
    `plot-02-after.png` for an image plot; numbered like the drawings, from 1.
    """
    known = ((n, drawing) for n, drawing in enumerate(drawings, 1) if drawing.unknown is None)
    numbered = dict(islice(known, most))
    files: dict[str, bytes] = {}
    for theme, made in themed_pictures(numbered.values(), kind=kind).items():
        for number, drawing in numbered.items():
            if drawing.id in made:
                files[f"plot-{number:02}-{theme}.{kind}"] = made[drawing.id]
    for number, drawing in numbered.items():
        for image in drawing.images if drawing.kind == "image" else ():
            suffix = _SUFFIXES.get(image.media_type)
            if suffix and image.content.startswith(_STARTS.get(suffix, b"")):
                files[f"plot-{number:02}-{image.side}.{suffix}"] = image.content
    return dict(sorted(files.items()))


def select_hosted(files: Mapping[str, bytes], most: int) -> Mapping[str, bytes]:
    """Select the files for a comment, for at most `most` plots.

    Rendered plots are PNG, whose text looks the same everywhere.
    """
    wanted = [name for name in files if _PLOT.match(name) and not _DRAWN_SVG.search(name)]
    numbers = sorted({_number(name) for name in wanted})[:most]
    return {name: files[name] for name in wanted if _number(name) in numbers}


def pictures_with_urls(
    drawings: Iterable[Drawing], urls: Mapping[str, str]
) -> tuple[PlotPicture, ...]:
    """Return the images of the drawings whose files have a URL in `urls`, by file name."""
    sides: dict[int, dict[str, str]] = {}
    for name, url in urls.items():
        sides.setdefault(_number(name), {})[name.split("-")[2].partition(".")[0]] = url
    return tuple(
        PlotPicture(
            drawing.id,
            light_url=urls_of.get("light"),
            dark_url=urls_of.get("dark"),
            before_url=urls_of.get("before"),
            after_url=urls_of.get("after"),
            wide=drawing.template in _WIDE,
        )
        for number, drawing in enumerate(drawings, 1)
        if (urls_of := sides.get(number)) is not None
    )


def _number(name: str) -> int:
    return int(name.split("-")[1])
