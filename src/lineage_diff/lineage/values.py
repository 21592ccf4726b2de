"""The content of one metrics or params file, as DVC reads it, and its values by key.

The keys follow `dvc.utils.diff.diff` after `format_dict`: joined by dots, with lists as text.
"""

import json
from collections.abc import Mapping, Set
from types import NoneType
from typing import Any

from msgspec import Struct

MAX_DEPTH = 100
"""Maximum depth of values: they are walked recursively, and no real file nests deeper."""

MAX_KEYS = 128 * 1024 * 1024
"""Maximum characters of all full dotted keys: a million keys of a hundred characters each."""

_KEY = 8

MAX_INTEGER_BITS = 4096
"""Maximum integer size, 1,233 digits: Python does not convert more than 4,300 to text."""


class ValuesFile(Struct, frozen=True):
    """The values that DVC shows for one file: a mapping, or a bare number or string.

    `None` with a reason in `unknown` if the values are not known: the file is kept in DVC's
    cache, it does not parse, it is too large. `cached` is true in the first case; `keys` are then
    those that are taken of a params file, none for all of it. `unreadable` is true where the file
    is there and cannot be used. `no_metrics` are the keys, joined by dots, at which a metrics file
    has `null` or a list: DVC leaves them out. `target` is the path in DVC's cache to which a link
    leads, `None` for no link. `oid` is the Git id of a file that is `unreadable`, to compare.
    `converted` is true where Git holds the file in another form, which does not read.
    """

    path: str
    values: Mapping[str, Any] | str | float | int | None
    unknown: str | None = None
    cached: bool = False
    keys: tuple[str, ...] = ()
    no_metrics: frozenset[str] = frozenset()
    unreadable: bool = False
    target: str | None = None
    oid: str | None = None
    converted: bool = False


_PATTERN_SIGNS = frozenset("*?[")

# Quick to check, unlike `isinstance(value, Mapping)`.
_BARE = (NoneType, int, float, str)
# Constant, because `float | str` would be built at each call.
_PLAIN = (float, str)
_COLLECTION = (Mapping, list, tuple, Set)


def within_bounds(values: Any) -> bool:
    """Whether values keep to all limits.

    They nest at most `MAX_DEPTH` deep, have no integer above `MAX_INTEGER_BITS`, and their full
    dotted keys have at most `MAX_KEYS` characters together.
    """
    pending: list[tuple[Any, int, int]] = [(values, 0, 0)]
    left = MAX_KEYS
    while pending:
        value, depth, above = pending.pop()
        # The usual case first: the check for a `Mapping` is slow.
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


def values_by_key(file: ValuesFile) -> Mapping[str, Any]:
    """Return the values of a file as DVC compares them: by key, sorted; empty for a bare value."""
    return dict(sorted(flatten(values_of(file)).items()))


def values_of(file: ValuesFile | None) -> Any:
    """Return the values of a file as DVC compares them; empty if there are none."""
    if file is None or file.values is None:
        return {}
    # DVC turns a list into text, and parses text at a file's top level as JSON if it is valid.
    values = _text(file.values) if isinstance(file.values, list) else file.values
    if isinstance(values, str):
        try:
            read = json.loads(values)
        except (ValueError, RecursionError):
            return values
        return read if within_bounds(read) else values
    return values


def flatten(values: Any) -> dict[str, Any]:
    """Return the values of a mapping by dotted key, in any order; empty for a bare value."""
    flat: dict[str, Any] = {}
    pending: list[tuple[str, Any]] = [("", values)] if isinstance(values, Mapping) else []
    while pending:
        prefix, mapping = pending.pop()
        for key, value in mapping.items():
            name = f"{prefix}{key}"
            if not isinstance(value, _BARE) and isinstance(value, Mapping):
                pending.append((f"{name}.", value))
            else:
                # `{"a.b": 1, "a": {"b": 2}}` gives one name twice. DVC rejects that; keep both.
                known = (flat[name],) if name in flat else ()
                flat[name] = _text([*known, _plain(value)]) if known else _plain(value)
    return flat


def _plain(value: Any) -> Any:
    """Return a value as in DVC's JSON: lists and types unknown to JSON become text."""
    if isinstance(value, _BARE):
        return value
    return list(value) if isinstance(value, tuple) else _text(value)


def _text(value: Any) -> str:
    """Return `str(value)` with sets sorted, because Python's order differs from run to run."""
    if isinstance(value, list):
        return f"[{', '.join(map(_inner, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_inner(key)}: {_inner(value[key])}' for key in value)}}}"
    if isinstance(value, Set) and value:
        return f"{{{', '.join(sorted(map(_inner, value)))}}}"
    return str(value)


def _inner(value: Any) -> str:
    return _text(value) if isinstance(value, list | Mapping | Set) else repr(value)


def is_pattern(key: str) -> bool:
    """Whether a dotted key of a params file is a pattern, for the only value that it matches."""
    return not _PATTERN_SIGNS.isdisjoint(key)


def dpath_as_in_dvc() -> Any:
    """Return `dpath`, with the option that DVC sets (`dvc.repo.plots`): keys may be empty."""
    # Imported here: few keys need dpath.
    import dpath

    dpath.options.ALLOW_EMPTY_STRING_KEYS = True
    return dpath


def value_of_pattern(values: Any, key: str) -> Any:
    """Return the only value that a dotted key matches.

    Raises `KeyError` if there is none, `ValueError` if there are several: then DVC fails.
    """
    try:
        return dpath_as_in_dvc().get(values, key, separator=".")
    except TypeError as error:
        raise KeyError(key) from error
