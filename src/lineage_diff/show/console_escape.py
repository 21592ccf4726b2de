"""Repository text in rich's console markup, made inert."""

from markupsafe import Markup
from rich.markup import escape

from lineage_diff.show.printable import visible


def inert(value: object) -> Markup:
    """Return `value` unchanged where it is console markup already, else escaped."""
    if isinstance(value, Markup):
        return value
    # rich takes a backslash before a bracket for an escape, so one at the end would join ours.
    return Markup(escape(visible(str(value))))
