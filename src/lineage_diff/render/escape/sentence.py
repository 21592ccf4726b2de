"""Split a sentence at its backticks, for formats that show names as elements."""

from collections.abc import Callable

from markupsafe import Markup

Escape = Callable[[object], Markup]


def sentence(value: object, text: Escape, name: Escape) -> Markup:
    """Escape the text of a sentence by `text`, and each name in backticks by `name`.

    With an odd number of backticks there is no name.
    """
    parts = str(value).split("`")
    if len(parts) % 2 == 0:
        return text(value)
    shown = [name(part) if index % 2 else text(part) for index, part in enumerate(parts)]
    # All of them are escaped.
    return Markup("".join(shown))
