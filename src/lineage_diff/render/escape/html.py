"""Escape repository text for HTML.

Jinja2 escapes markup; this module handles the rest. Unprintable characters are shown as escapes,
and right-to-left text is isolated (`<bdi>`), so that it does not reorder the text after it
(https://www.w3.org/International/articles/inline-bidi-markup).
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from markupsafe import Markup, escape

from lineage_diff.render import humanize
from lineage_diff.render.escape.sentence import sentence
from lineage_diff.render.humanize import HASH_LENGTH
from lineage_diff.render.links import current, rule_page, where
from lineage_diff.text import visible

_LEFTWARDS = frozenset({"R", "AL", "AN"})
_EMPTY: Final = '""'
LONG_PART: Final = 24
_AFTER_SLASH = re.compile(r"(?<=/)(?=.)")
_AFTER_MARK = re.compile(r"(?<=[_.:=@-])(?=.)")
_ROW = re.compile(r"<tr[ >].*?</tr>", re.DOTALL)
# A cell that spans columns stands under none of them.
_CELL = re.compile(r"<t[hd](?=[ >])(?! colspan)")
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
    """Return a name as code; the style sheet isolates it from the direction of its surroundings.

    A line may end after a slash, and in a long part of the name at its other separators.
    """
    return _code(str(value))


# The rows of many models name the same stages, files and hashes again and again.
@lru_cache(maxsize=4096)
def _code(text: str) -> Markup:
    parts = _AFTER_SLASH.split(visible(text))
    lines = [line for part in parts for line in _lines(part)]
    return Markup(f"<code>{'<wbr>'.join(map(escape, lines)) or escape(_EMPTY)}</code>")


def _lines(part: str) -> list[str]:
    return _AFTER_MARK.split(part) if len(part) > LONG_PART else [part]


def with_columns(rows: object, names: Sequence[str]) -> Markup:
    """Return the rows of a table, each cell with the name of its column in `data-column`.

    On a narrow screen the style sheet shows that name above the cell. The rows are our own HTML,
    in which names from the repository hold no `<`.
    """
    if not isinstance(rows, Markup):
        raise TypeError(rows)
    return Markup(_ROW.sub(lambda row: _named(row[0], names), rows))


def _named(row: str, names: Sequence[str]) -> str:
    columns = iter(names)
    return _CELL.sub(lambda cell: f'{cell[0]} data-column="{plain(next(columns, ""))}"', row)


def unbroken(text: str) -> Markup:
    """Return a short text in which no line ends."""
    return Markup("&nbsp;").join(text.split(" "))


def strong(value: object) -> Markup:
    """Return text in bold."""
    return Markup(f"<strong>{inert(value)}</strong>")


def message(value: object) -> Markup:
    """Return a sentence; names in backticks become code."""
    return sentence(value, inert, _name)


def _name(text: object) -> Markup:
    return commit(text) if text in current().commits else code(text)


def linked(text: object, url: str) -> Markup:
    """Return text as code with a link; without the link if the URL has unusual characters."""
    if not _URL.fullmatch(url):
        return code(text)
    return Markup(f'<a href="{escape(url)}" rel="noopener noreferrer">{code(text)}</a>')


def _runs_left(text: str) -> bool:
    return not text.isascii() and any(
        unicodedata.bidirectional(char) in _LEFTWARDS for char in text
    )


def commit(value: object) -> Markup:
    """Return a commit's short id, with its link if the server is known."""
    return linked(str(value)[:HASH_LENGTH], current().commit(str(value)))


def rule(name: str) -> Markup:
    """Return a rule's name with the link to its page."""
    return linked(name, rule_page(name))


def place(file: str | None, line: int | None, name: str) -> Markup:
    """Return a file and line, or a name without a file, with the link if the server is known."""
    return linked(*where(file, line, name))


FILTERS: Final = {
    "code": code,
    "breaking": code,
    "commit": commit,
    "rule": rule,
    "where": place,
    "linked": linked,
    "message": message,
    "plain": plain,
    "strong": strong,
    "with_columns": with_columns,
    "size": lambda count: unbroken(humanize.size(count)),
    "sizes": lambda pair: unbroken(humanize.sizes(*pair)),
}
