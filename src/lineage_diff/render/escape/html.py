"""Repository text in HTML, made inert: escaped, visible, and unable to turn around what is beside.

Every value is escaped by Jinja2; here is what that leaves alone. Characters that do not print are
shown by their escapes, and text that runs from right to left is isolated (`<bdi>`), so that the
words after it stay where they belong (https://www.w3.org/International/articles/inline-bidi-markup).
"""

import re
import unicodedata
from typing import Final

from markupsafe import Markup, escape

from lineage_diff.text import visible

_LEFTWARDS = frozenset({"R", "AL", "AN"})
_EMPTY: Final = '""'
_URL = re.compile(r"https?://[\w.:-]+(?:/[\w.~/#?&=%+,;@-]*)?", re.ASCII)


def inert(value: object) -> Markup:
    """Return `value` unchanged where it is HTML already, else as text of an element."""
    if isinstance(value, Markup):
        return value
    text = visible(str(value))
    shown = escape(text)
    return Markup(f"<bdi>{shown}</bdi>") if _runs_left(text) else shown


def plain(value: object) -> Markup:
    """Return text for an attribute in double quotes or for SVG, where no element may stand."""
    return escape(visible(str(value)))


def code(value: object) -> Markup:
    """Return a name as code; the style sheet isolates it from the direction of its surroundings."""
    return Markup(f"<code>{plain(value) or escape(_EMPTY)}</code>")


def strong(value: object) -> Markup:
    """Return text in bold."""
    return Markup(f"<strong>{inert(value)}</strong>")


def message(value: object) -> Markup:
    """Return a sentence that quotes names in backticks, as rules and errors write them."""
    parts = str(value).split("`")
    if len(parts) % 2 == 0:
        return inert(value)
    return Markup("").join(
        code(part) if index % 2 else inert(part) for index, part in enumerate(parts)
    )


def linked(text: object, url: str) -> Markup:
    """Return text as code that leads to an address; without the link for one of odd characters."""
    if not _URL.fullmatch(url):
        return code(text)
    return Markup(f'<a href="{escape(url)}" rel="noopener noreferrer">{code(text)}</a>')


def _runs_left(text: str) -> bool:
    return not text.isascii() and any(
        unicodedata.bidirectional(char) in _LEFTWARDS for char in text
    )


FILTERS: Final = {
    "code": code,
    "linked": linked,
    "message": message,
    "plain": plain,
    "strong": strong,
}
