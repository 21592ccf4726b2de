"""Check an entry of a lock by DVC's schema (`dvc.schema.LOCK_FILE_STAGE_SCHEMA`)."""

from collections.abc import Mapping
from typing import Any

from lineage_diff.dvc.refusals.schema import (
    Check,
    anything,
    checksum_error,
    fields_error,
    is_a,
    list_of,
)

_TEXT, _FLAG = is_a(str, "text"), is_a(bool, "true or false")
_NUMBER, _MAPPING = is_a(int, "a whole number"), is_a(dict, "a mapping")


def _of_text(item: Check, words: str) -> Check:
    """Return a check for a mapping of text to what passes `item`."""

    def check(value: Any) -> str | None:
        if not isinstance(value, dict):
            return f"must be {words}"
        for key, part in value.items():
            if not isinstance(key, str):
                return f"has the key `{key}`, which is no text"
            if what := item(part):
                return f"`{key}` {what}"
        return None

    return check


def _fields(fields: Mapping[str, Check], required: str | None = None) -> Check:
    def check(value: Any) -> str | None:
        what = fields_error(value, fields)
        if what is None and required is not None and required not in value:
            return f"has no `{required}`"
        return what

    return check


_META: Mapping[str, Check] = {
    "size": _NUMBER,
    "nfiles": _NUMBER,
    "isexec": _FLAG,
    "version_id": _TEXT,
    "md5": checksum_error,
    "checksum": checksum_error,
    "etag": checksum_error,
}
_CLOUDS = _of_text(_fields(_META), "a mapping of one cloud")


def _cloud(value: Any) -> str | None:
    what = _CLOUDS(value)
    return "must hold one cloud" if what is None and len(value) > 1 else what


_FILE = _fields({**_META, "relpath": _TEXT, "cloud": _cloud}, "relpath")
_ITEM: Mapping[str, Check] = {
    **_META,
    "path": _TEXT,
    "cloud": _cloud,
    "files": list_of(_FILE, "a list of files as DVC writes them"),
    "hash": _TEXT,
    "dataset": _MAPPING,
}
item_error = _fields(_ITEM, "path")
"""Return the error for one dep or out of a lock, `None` if DVC accepts it."""


def _items(value: Any) -> str | None:
    if not isinstance(value, list):
        return "must be a list"
    whats = [what for item in value if (what := item_error(item))]
    return f"has an item that {_verb(whats[0])}" if whats else None


def _verb(what: str) -> str:
    return what if what.startswith(("has ", "must ")) else f"is wrong: {what}"


entry_error = _fields(
    {
        "cmd": is_a(str | list, "text or a list"),
        "deps": _items,
        "outs": _items,
        "params": _of_text(_of_text(anything, "a mapping of params"), "a mapping of params files"),
    },
    "cmd",
)
"""Return the error for a stage's entry, `None` if DVC accepts it."""
