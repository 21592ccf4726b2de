"""Escape repository text for HTML.

Jinja2 escapes markup; this module handles the rest. Unprintable characters are shown as escapes,
and right-to-left text is isolated (`<bdi>`), so that it does not reorder the text after it
(https://www.w3.org/International/articles/inline-bidi-markup).
"""

import re
import unicodedata
from typing import Final

from markupsafe import Markup, escape

from lineage_diff.render.escape.sentence import sentence
from lineage_diff.text import visible

_LEFTWARDS = frozenset({"R", "AL", "AN"})
_EMPTY: Final = '""'
_URL = re.compile(r"https?://[\w.:-]+(?:/[\w.~/#?&=%+,;@-]*)?", re.ASCII)


def inert(value: object) -> Markup:
    """Escape `value` as text of an element, unless it is HTML already."""
    if isinstance(value, Markup):
        return value
    text = visible(str(value))
    shown = escape(text)
    return Markup(f"<bdi>{shown}</bdi>") if _runs_left(text) else shown


def plain(value: object) -> Markup:
    """Return text for an attribute in double quotes or for SVG, without any element."""
    return escape(visible(str(value)))


def code(value: object) -> Markup:
    """Return a name as code; the style sheet isolates it from the direction of its surroundings."""
    return Markup(f"<code>{plain(value) or escape(_EMPTY)}</code>")


def strong(value: object) -> Markup:
    """Return text in bold."""
    return Markup(f"<strong>{inert(value)}</strong>")


def message(value: object) -> Markup:
    """Return a sentence; names in backticks become code."""
    return sentence(value, inert, code)


def linked(text: object, url: str) -> Markup:
    """Return text as code with a link; without the link if the URL has unusual characters."""
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
