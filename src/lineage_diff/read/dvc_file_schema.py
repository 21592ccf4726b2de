"""What DVC's schema refuses in a `.dvc` file (`dvc.schema.SINGLE_STAGE_SCHEMA`)."""

from collections.abc import Mapping
from typing import Any

from lineage_diff.read.pipeline_schema import (
    ANNOTATION,
    Check,
    anything,
    fields_error,
    is_a,
)

_TEXT, _FLAG, _MAPPING = is_a(str, "text"), is_a(bool, "true or false"), is_a(dict, "a mapping")
_NUMBER = is_a(int, "a whole number")


def _checksum(value: Any) -> str | None:
    if value is None or value == "":
        return None
    good = isinstance(value, str | int) and len(str(value)) > 2
    return None if good else "must be a hash"


def _fields_or_none(fields: Mapping[str, Check]) -> Check:
    def check(value: Any) -> str | None:
        if value is not None and not isinstance(value, list):
            return "must be a list"
        whats = [what for item in value or () if (what := fields_error(item, fields))]
        return f"has an item that {whats[0]}" if whats else None

    return check


_META: Mapping[str, Check] = {
    "size": _NUMBER,
    "nfiles": _NUMBER,
    "isexec": _FLAG,
    "version_id": _TEXT,
    **dict.fromkeys(("md5", "checksum", "etag"), _checksum),
    "cloud": anything,
}
_FILES = _fields_or_none({**_META, "relpath": _TEXT})
_ITEM: Mapping[str, Check] = {**_META, "path": _TEXT, "persist": _FLAG, "hash": _TEXT}
_DEP: Mapping[str, Check] = {
    **_ITEM,
    "repo": _MAPPING,
    "db": _MAPPING,
    "files": _FILES,
    "fs_config": _MAPPING,
}
_OUT: Mapping[str, Check] = {
    **_ITEM,
    **ANNOTATION,
    "cache": _FLAG,
    "remote": _TEXT,
    "push": _FLAG,
    "files": _FILES,
    "fs_config": _MAPPING,
}
_STAGE: Mapping[str, Check] = {
    "md5": _checksum,
    "wdir": lambda value: None if value is None else _TEXT(value),
    "deps": _fields_or_none(_DEP),
    "outs": _fields_or_none(_OUT),
    "locked": _FLAG,
    "frozen": _FLAG,
    "meta": anything,
    "always_changed": _FLAG,
    "desc": _TEXT,
}


def dvc_file_error(data: Any) -> str | None:
    """Say why DVC refuses a `.dvc` file's data, `None` when it accepts it."""
    return fields_error(data, _STAGE)
