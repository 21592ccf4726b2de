"""The basic checks of loaded data for DVC's schemas (`dvc.schema`)."""

from collections.abc import Callable, Mapping
from types import UnionType
from typing import Any

Check = Callable[[Any], str | None]


def is_a(kind: type | UnionType, words: str) -> Check:
    """Return a check for a type, named `words` in the error."""

    def check(value: Any) -> str | None:
        return None if isinstance(value, kind) else f"must be {words}"

    return check


def list_of(item: Check, words: str) -> Check:
    """Return a check for a list whose items all pass `item`."""

    def check(value: Any) -> str | None:
        good = isinstance(value, list) and not any(map(item, value))
        return None if good else f"must be {words}"

    return check


def anything(value: Any) -> str | None:
    """Accept every value."""
    return None


def fields_error(value: Any, fields: Mapping[str, Check]) -> str | None:
    """Return the first error in a mapping's keys and values, or `None`."""
    if not isinstance(value, dict):
        return "must be a mapping"
    for key, item in value.items():
        check = fields.get(key)
        if check is None:
            return f"has the unknown key `{key}`"
        if what := check(item):
            return f"`{key}` {what}"
    return None


def checksum_error(value: Any) -> str | None:
    """Return the error for an invalid hash, or `None` (`dvc.output.CHECKSUM_SCHEMA`)."""
    if value is None or value == "":
        return None
    good = isinstance(value, str | int) and len(str(value)) > 2
    return None if good else "must be a hash"
