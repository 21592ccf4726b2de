"""Read plain (unquoted) scalars of YAML 1.2 by ruamel's rules."""

import re
from collections.abc import Callable
from typing import Any

from lineage_diff.parsing.yaml_builder import float_of, int_of

_BOOL = re.compile(r"(?:true|True|TRUE|false|False|FALSE)$")
_NULL = re.compile(r"(?:~|null|Null|NULL|)$")
_FLOAT = re.compile(
    r"""(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+]?[0-9]+)?
    |[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+
    |[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?
    |[-+]?\.(?:inf|Inf|INF)
    |\.(?:nan|NaN|NAN))$""",
    re.VERBOSE,
)
_INT = re.compile(r"(?:[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+)$")
_TIMESTAMP = re.compile(
    r"""(?:[0-9]{4}-[0-9]{2}-[0-9]{2}
    |[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?
     (?:[Tt]|[ \t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?
     (?:[ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?)$""",
    re.VERBOSE,
)
# Order and first characters as in ruamel.yaml.resolver.implicit_resolvers for version 1.2.
RESOLVERS: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("bool", _BOOL, "tTfF"),
    ("float", _FLOAT, "-+0123456789."),
    ("int", _INT, "-+0123456789"),
    ("merge", re.compile(r"<<$"), "<"),
    ("null", _NULL, "~nN"),
    ("timestamp", _TIMESTAMP, "0123456789"),
    ("value", re.compile(r"=$"), "="),
)
HEX_WORD = r"(?!0b[01]+\n)(?=[^\n]{3})[0-9]*(?:[a-df]|e[0-9]*[a-f])[0-9a-f]*"
"""Three characters or more in hexadecimal, on one line, that are text and no number."""

BY_FIRST = {
    first: [(tag, pattern) for tag, pattern, firsts in RESOLVERS if first in firsts]
    for first in {first for _, _, firsts in RESOLVERS for first in firsts}
} | {"": [("null", _NULL)]}


def plain_value(text: str) -> Any:
    """Return the value of a plain scalar of one line: a string, number, bool or null.

    Raises `ValueError` for a timestamp, `<<` or `=`.
    """
    if text.isdecimal() and text.isascii():
        return int_of(text)
    for tag, pattern in BY_FIRST.get(text[:1], ()):
        if pattern.match(text):
            return _PLAIN[tag](text)
    return text


def _no_plain(text: str) -> Any:
    raise ValueError(f"no plain value: {text}")


_PLAIN: dict[str, Callable[[str], Any]] = {
    "bool": lambda text: text.lower() == "true",
    "float": float_of,
    "int": int_of,
    "null": lambda text: None,
    "merge": _no_plain,
    "timestamp": _no_plain,
    "value": _no_plain,
}
