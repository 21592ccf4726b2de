"""Keep repository text from misleading a reader or a CI system, join names, and suggest names.

All formats, errors and logs use this one list of characters that are printed as they are. Others,
such as invisible or bidirectional ones, are printed as escapes, so that two different names never
look equal.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final


def closest_matches(wanted: str, known: Iterable[str], most: int = 1) -> list[str]:
    """Return up to `most` similar known names, the most similar first; empty if none is similar."""
    # Imported here, because only a misspelt name needs it.
    from difflib import get_close_matches

    return get_close_matches(wanted, sorted(known), n=most)


def join_some(names: Sequence[str], most: int) -> str:
    """Join the first `most` names with commas, and count the others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


# Control, format (bidirectional overrides, zero widths), surrogate, private and unassigned
# characters, and the line and paragraph separators.
_UNSEEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# The rest of Default_Ignorable_Code_Point (Unicode, DerivedCoreProperties.txt), and letters and
# symbols that are blank by design.
_UNSEEN: Final = (
    (0x034F, 0x034F),  # combining grapheme joiner
    (0x115F, 0x1160),  # Hangul fillers of a syllable's parts
    (0x17B4, 0x17B5),  # Khmer inherent vowels
    (0x180B, 0x180F),  # Mongolian variation selectors
    (0x2800, 0x2800),  # Braille pattern without dots
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors, the emoji's too
    (0xFFA0, 0xFFA0),  # halfwidth Hangul filler
    (0xFFFC, 0xFFFC),  # the place of an object that is not there
    (0x13441, 0x13442),  # blank Egyptian hieroglyphs
    (0x16FE4, 0x16FE4),  # Khitan filler
    (0x1D159, 0x1D159),  # musical null notehead
    (0xE0100, 0xE01EF),  # variation selectors of ideographs
)
# No living script stacks more marks on a letter; zalgo text stacks dozens.
MARKS: Final = 4
_MARKS: Final = frozenset({"Mn", "Me"})
_LINE_ENDS: Final = re.compile("([\r\n])")


def visible(text: str) -> str:
    """Replace each invisible character by its escape: `\\n`, `\\u202e`, `\\xa0`.

    Also replaces spaces other than U+0020, combining marks without a base character, and those
    after `MARKS` marks. Idempotent.
    """
    if text.isascii() and text.isprintable():
        return text
    shown: list[str] = []
    left = 0
    for char in text:
        kind = _kind(char)
        left = MARKS if kind == "seen" else left - 1 if kind == "mark" else 0
        shown.append(char if kind == "seen" or (kind == "mark" and left >= 0) else _escape(char))
    return "".join(shown)


def visible_lines(text: str) -> str:
    """Return `visible` text that keeps its line ends."""
    return "".join(part if part in "\r\n" else visible(part) for part in _LINE_ENDS.split(text))


@lru_cache(maxsize=4096)
def _kind(char: str) -> str:
    """Return `seen`, `mark` (on the previous character) or `unseen`."""
    category = unicodedata.category(char)
    unseen = category in _UNSEEN_CATEGORIES or (category == "Zs" and char != " ")
    if unseen or any(first <= ord(char) <= last for first, last in _UNSEEN):
        return "unseen"
    return "mark" if category in _MARKS else "seen"


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


# `::name::` at the start of a line and `##[name]` anywhere (GitHub: ActionCommand.cs of
# https://github.com/actions/runner), `##vso[…]` (Azure Pipelines), `##teamcity[…]`.
_COMMAND: Final = re.compile(r"^([ \t]*):(?=:)|#(#)(?=[\w.]*\[)", re.MULTILINE)


def without_commands(text: str) -> str:
    """Escape one character of each part that a CI system takes for a command in a job's log."""
    return _COMMAND.sub(lambda found: "#\\x23" if found[2] else f"{found[1]}\\x3a", text)


def hide_dvc_messages() -> None:
    """Switch off the log of DVC, whose messages hold names from a repository as they are.

    Call it after each import of a module of DVC: the first one turns the log on.
    """
    # Imported here: most commands need nothing of DVC.
    import logging

    for name in ("dvc", "dvc_objects", "dvc_data"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def shorten(text: str, width: int) -> str:
    """Cut out the middle of a text that is longer than `width` characters."""
    if len(text) <= width:
        return text
    head = (width - 1) * 2 // 3
    return f"{text[:head]}…{text[len(text) - (width - 1 - head) :]}"
