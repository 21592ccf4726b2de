"""Fit the folded sections of a comment into its limit: whole ones, else as many rows as fit."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

# A section with fewer rows than this says too little: then another one is left out.
LEAST_ROWS = 10
# Rows from which the length of a whole section is estimated.
SAMPLE = 50
# Later rows may be shorter or longer than the first: try a few more at first, then a few fewer.
_MORE = 1.2
_LESS = 0.97

Render = Callable[[str, int], str]
# Causes, and metrics, that each row may have when there is no room for more.
LEAST_DETAIL = 4


@dataclass
class Detail:
    """The causes and metrics that rows may still have; `each` is the most of one list.

    What a section has no room for need not be rendered to know that it is too long.
    """

    left: int
    each: int

    def take(self, wanted: int) -> int:
        """Return how many of the `wanted` to show, and count them."""
        shown = min(wanted, self.each, max(self.left, LEAST_DETAIL))
        self.left -= shown
        return shown


def fit_sections(
    names: Sequence[str],
    rows: Mapping[str, int],
    render: Render,
    room: int,
    measure: Callable[[str], int] = len,
    least: Mapping[str, int] | None = None,
) -> dict[str, str] | None:
    """Return the text of each section, together at most `room` long; `None` if too long.

    `rows` are the rows that each section has; `render` gives a section with at most so many;
    `measure` gives the length of a text. A section that needs less than its equal share is whole,
    and leaves the rest to the others; each has at least its rows in `least`, or `LEAST_ROWS`.
    """
    fewest = {name: (least or {}).get(name, LEAST_ROWS) for name in names}
    shortest = {name: render(name, min(fewest[name], rows[name])) for name in names}
    later = sum(map(measure, shortest.values()))
    if later > room:
        return None
    lengths = {name: _length(name, rows[name], render, measure) for name in names}
    texts: dict[str, str] = {}
    for place, name in enumerate(sorted(names, key=lambda name: (lengths[name], name))):
        later -= measure(shortest[name])
        share = min(room // (len(names) - place), room - later)
        text = _fitted(name, rows[name], lengths[name], render, share, measure)
        texts[name] = shortest[name] if text is None else text
        room -= measure(texts[name])
    return texts


def _length(name: str, rows: int, render: Render, measure: Callable[[str], int]) -> int:
    """Return the length of a whole section, estimated if it has many rows."""
    sample = measure(render(name, min(rows, SAMPLE)))
    return sample if rows <= SAMPLE else sample * rows // SAMPLE


def _fitted(
    name: str,
    rows: int,
    length: int,
    render: Render,
    share: int,
    measure: Callable[[str], int],
) -> str | None:
    """Return a section with as many rows as fit, `None` if not one does."""
    most = min(rows, int(rows * _MORE * share / max(length, 1)) + 1)
    while most > 0:
        text = render(name, most)
        if measure(text) <= share:
            return text
        most = min(most - 1, int(most * _LESS * share / measure(text)))
    return None
