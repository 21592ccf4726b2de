"""Repository text made fit to print: no control characters, nothing that turns text around."""

import unicodedata

# Control, format (bidirectional overrides, zero widths), surrogate, private and unassigned
# characters, and the line and paragraph separators.
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    """Replace each character that does not print by its escape, such as `\\n` or `\\u202e`."""
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode()
        if unicodedata.category(char) in UNPRINTABLE
        else char
        for char in text
    )


def shorten(text: str, width: int) -> str:
    """Cut out the middle of a text that is longer than `width` characters."""
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
