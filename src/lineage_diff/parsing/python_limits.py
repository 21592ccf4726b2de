"""Recognize Python texts that would exhaust its parser, before it reads them."""

import re

from lineage_diff import limits

_BRACKET = re.compile(r"[\[({\])}]")
_QUOTED = (
    r'"""(?:[^\\]|\\.)*?"""',
    r"'''(?:[^\\]|\\.)*?'''",
    r'"(?:[^"\\\n]|\\.)*"',
    r"'(?:[^'\\\n]|\\.)*'",
)
# Each place where a formatted string may begin, also inside of another string or of a comment.
_FORMATTED = re.compile(rf"(?=[fF][rR]?({'|'.join(_QUOTED)}))", re.DOTALL)


def is_too_deep(text: str) -> bool:
    """Return whether a parser of Python would need too much of its stack or time for a text.

    Brackets in strings count, too. Up to Python 3.11, the time for a formatted string grows with
    the square of its fields.
    """
    return _depth(text) > limits.PYTHON_VALUES_DEPTH or _fields(text) > limits.PYTHON_FIELDS


def _depth(text: str) -> int:
    """Return an upper bound of the bracket depth."""
    depth = deepest = 0
    for bracket in _BRACKET.findall(text):
        depth += 1 if bracket in "[({" else -1
        deepest = max(deepest, depth)
    return deepest


def _fields(text: str) -> int:
    """Return an upper bound of the fields in one formatted string."""
    if text.count("{") <= limits.PYTHON_FIELDS:
        return 0
    return max((found[1].count("{") for found in _FORMATTED.finditer(text)), default=0)
