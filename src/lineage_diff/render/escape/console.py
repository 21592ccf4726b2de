"""Escape repository text for rich's console markup."""

from typing import Final

from markupsafe import Markup
from rich.markup import escape

from lineage_diff.render.escape.sentence import sentence
from lineage_diff.render.humanize import HASH_LENGTH
from lineage_diff.text import visible

_NOTHING = Markup()


def inert(value: object) -> Markup:
    """Escape `value`, unless it is console markup already."""
    if isinstance(value, Markup):
        return value
    # rich reads a backslash before a bracket as an escape, so a final one would join ours.
    return Markup(escape(visible(str(value)))) if value != "" else _NOTHING


def code(value: object) -> Markup:
    """Return a name in the colour of names."""
    shown = inert(value)
    # A name may hold hundreds of backticks, with nothing between them.
    return Markup("[cyan]{}[/cyan]").format(shown) if shown else shown


def strong(value: object) -> Markup:
    """Return text in bold."""
    return Markup("[bold]{}[/bold]").format(inert(value))


def message(value: object) -> Markup:
    """Return a sentence; names in backticks get the colour of names."""
    return sentence(value, inert, code)


def linked(text: object, url: str) -> Markup:
    """Return text followed by its URL."""
    return Markup("{} {}").format(code(text), inert(url)) if url else code(text)


def commit(value: object) -> Markup:
    """Return a commit's short id."""
    return code(str(value)[:HASH_LENGTH])


FILTERS: Final = {
    "code": code,
    "breaking": code,
    "commit": commit,
    "linked": linked,
    "strong": strong,
    "message": message,
}
