"""The content of one metrics or params file, as DVC reads it."""

from collections.abc import Mapping, Set
from typing import Any

from msgspec import Struct

MAX_DEPTH = 100
"""How deep values may nest: what walks them recurses, and no person nests deeper."""

MAX_KEYS = 128 * 1024 * 1024
"""Characters of all keys with those above them: a million of a hundred characters each."""

_KEY = 8

MAX_INTEGER_BITS = 4096
"""The longest integer, 1,233 digits: Python refuses to write one of more than 4,300."""


class ValuesFile(Struct, frozen=True):
    """`values` is what DVC shows for the file (a mapping, or a bare number or string).

    `None` with a reason in `unknown` when the commit cannot tell: the file is kept in DVC's
    cache, it does not parse, it is too large. `cached` is true in the first case, `unreadable`
    where the file is there and cannot be used.
    """

    path: str
    values: Mapping[str, Any] | str | float | int | None
    unknown: str | None = None
    cached: bool = False
    unreadable: bool = False


# Made once: `float | str` would be made at each call.
_PLAIN = (float, str)
_COLLECTION = (Mapping, list, tuple, Set)


def within_bounds(values: Any) -> bool:
    """Whether values nest at most `MAX_DEPTH` deep and hold no integer that cannot be written.

    And whether their keys, each written with all those above it, have `MAX_KEYS` characters at
    most.
    """
    pending: list[tuple[Any, int, int]] = [(values, 0, 0)]
    left = MAX_KEYS
    while pending:
        value, depth, above = pending.pop()
        # Nearly all are such; to ask whether something is a `Mapping` takes long.
        if isinstance(value, _PLAIN):
            continue
        if isinstance(value, int):
            if value.bit_length() > MAX_INTEGER_BITS:
                return False
        elif isinstance(value, _COLLECTION):
            if depth == MAX_DEPTH:
                return False
            pending += [(item, depth + 1, above) for item in value]
            if isinstance(value, Mapping):
                for key, item in value.items():
                    length = above + (len(key) if isinstance(key, str) else _KEY)
                    left -= length
                    pending.append((item, depth + 1, length))
            if left < 0:
                return False
    return True
