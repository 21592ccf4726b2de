"""Check a `dvc.yaml` stage by stage, and `.dvc` files, against DVC's schemas.

The schemas are `dvc.schema.MULTI_STAGE_SCHEMA` and `dvc.schema.SINGLE_STAGE_SCHEMA`. DVC stops at
the first error of a file; here each stage is checked alone, so that one broken stage does not hide
the others.
"""

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


def _command(value: Any) -> str | None:
    return None if isinstance(value, str | list) else "must be text or a list of text"


def _axis(value: Any) -> str | None:
    return None if isinstance(value, str) else _TEXTS(value)


def _matrix(value: Any) -> str | None:
    good = isinstance(value, dict) and all(
        isinstance(key, str) and isinstance(axis, str | list) for key, axis in value.items()
    )
    return None if good else "must be a mapping of names to lists"


_TEXT, _FLAG = is_a(str, "text"), is_a(bool, "true or false")
_TEXTS = list_of(_TEXT, "a list of text")
ANNOTATION: Mapping[str, Check] = {"desc": _TEXT, "type": _TEXT, "labels": _TEXTS, "meta": anything}
_OUT: Mapping[str, Check] = {
    **ANNOTATION,
    "cache": _FLAG,
    "persist": _FLAG,
    "checkpoint": _FLAG,
    "remote": _TEXT,
    "push": _FLAG,
}
_PLOT: Mapping[str, Check] = {
    **_OUT,
    **dict.fromkeys(("template", "x", "y", "x_label", "y_label", "title"), _TEXT),
    "header": _FLAG,
}


def _outs(fields: Mapping[str, Check], several: bool = False) -> Check:
    def check(value: Any) -> str | None:
        if not isinstance(value, list):
            return "must be a list"
        for item in value:
            if isinstance(item, str):
                continue
            if not isinstance(item, dict):
                return "must be a list of paths"
            for path, flags in item.items():
                each = flags if several and isinstance(flags, list) else [flags]
                whats = [what for flag in each if (what := fields_error(flag, fields))]
                if not isinstance(path, str):
                    return "must be a list of paths"
                if whats:
                    return f"`{path}` {whats[0]}"
        return None

    return check


_VARS = list_of(is_a(str | dict, "a file or a mapping"), "a list of files and mappings")
_STAGE: Mapping[str, Check] = {
    "cmd": _command,
    "wdir": _TEXT,
    "deps": _TEXTS,
    "params": list_of(is_a(str | dict, ""), "a list of keys and of files with keys"),
    "vars": _VARS,
    "frozen": _FLAG,
    "meta": anything,
    "desc": _TEXT,
    "always_changed": _FLAG,
    "outs": _outs(_OUT),
    "metrics": _outs(_OUT),
    "plots": _outs(_PLOT, several=True),
    "matrix": _matrix,
}


def stage_error(definition: Any) -> str | None:
    """Return DVC's error in a stage's definition, `None` if DVC accepts it."""
    if isinstance(definition, dict) and ("foreach" in definition or "do" in definition):
        return _foreach_error(definition)
    what = fields_error(definition, _STAGE)
    if what is None and "cmd" not in definition:
        what = "has no `cmd`"
    return what


def _foreach_error(definition: dict[Any, Any]) -> str | None:
    for key in ("foreach", "do"):
        if key not in definition:
            return f"has no `{key}`"
    if unknown := sorted(str(key) for key in definition.keys() - {"foreach", "do"}):
        return f"has the unknown key `{unknown[0]}` beside `foreach`"
    if not isinstance(definition["foreach"], dict | list | str):
        return "`foreach` must be a list or a mapping"
    what = (
        stage_error(definition["do"]) if isinstance(definition["do"], dict) else "must be a mapping"
    )
    if what is None and {"foreach", "do"} & definition["do"].keys():
        what = "cannot hold another `foreach`"
    return f"`do` {what}" if what else None


_PLOT_DEFINITION: Mapping[str, Check] = {
    "x": lambda value: _axis(value) if isinstance(value, str) else _mapping_of(_TEXT)(value),
    "y": lambda value: _mapping_of(_axis)(value) if isinstance(value, dict) else _axis(value),
    **dict.fromkeys(("x_label", "y_label", "title", "template"), _TEXT),
}


def _mapping_of(item: Check) -> Check:
    def check(value: Any) -> str | None:
        good = isinstance(value, dict) and all(
            isinstance(key, str) and not item(part) for key, part in value.items()
        )
        return None if good else "must be a mapping"

    return check


def _plots(value: Any) -> str | None:
    if not isinstance(value, list):
        return "must be a list"
    for item in value:
        if isinstance(item, str):
            continue
        if not isinstance(item, dict) or not item:
            return "must be a list of paths and named plots"
        for name, plot in item.items():
            what = None if plot is None else fields_error(plot, _PLOT_DEFINITION)
            if what or not isinstance(name, str):
                return f"`{name}` {what or 'must be text'}"
    return None


def _artifacts(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "must be a mapping"
    for name, artifact in value.items():
        what = fields_error(artifact, {**ANNOTATION, "path": _TEXT})
        if what is None and "path" not in artifact:
            what = "has no `path`"
        if what or not isinstance(name, str):
            return f"`{name}` {what or 'must be text'}"
    return None


_TOP: Mapping[str, Check] = {
    "datasets": anything,
    "plots": _plots,
    "stages": is_a(dict, "a mapping of stages"),
    "vars": _VARS,
    "params": _TEXTS,
    "metrics": _TEXTS,
    "artifacts": _artifacts,
}


def section_errors(data: Mapping[Any, Any]) -> dict[str, str]:
    """Return DVC's errors by top-level key; `stage_error` checks the single stages."""
    errors: dict[str, str] = {}
    for key, value in data.items():
        what = _TOP[key](value) if key in _TOP else "is no key of a dvc.yaml"
        if what:
            errors[str(key)] = what
    return errors


_DVC_FILE_TEXT, _DVC_FILE_FLAG, _MAPPING = (
    is_a(str, "text"),
    is_a(bool, "true or false"),
    is_a(dict, "a mapping"),
)
_NUMBER = is_a(int, "a whole number")


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
    "isexec": _DVC_FILE_FLAG,
    "version_id": _DVC_FILE_TEXT,
    **dict.fromkeys(("md5", "checksum", "etag"), checksum_error),
    "cloud": anything,
}
_FILES = _fields_or_none({**_META, "relpath": _DVC_FILE_TEXT})
_ITEM: Mapping[str, Check] = {
    **_META,
    "path": _DVC_FILE_TEXT,
    "persist": _DVC_FILE_FLAG,
    "hash": _DVC_FILE_TEXT,
}
_DEP: Mapping[str, Check] = {
    **_ITEM,
    "repo": _MAPPING,
    "db": _MAPPING,
    "files": _FILES,
    "fs_config": _MAPPING,
}
_DVC_FILE_OUT: Mapping[str, Check] = {
    **_ITEM,
    **ANNOTATION,
    "cache": _DVC_FILE_FLAG,
    "remote": _DVC_FILE_TEXT,
    "push": _DVC_FILE_FLAG,
    "files": _FILES,
    "fs_config": _MAPPING,
}
_DVC_FILE_STAGE: Mapping[str, Check] = {
    "md5": checksum_error,
    "wdir": lambda value: None if value is None else _DVC_FILE_TEXT(value),
    "deps": _fields_or_none(_DEP),
    "outs": _fields_or_none(_DVC_FILE_OUT),
    "locked": _DVC_FILE_FLAG,
    "frozen": _DVC_FILE_FLAG,
    "meta": anything,
    "always_changed": _DVC_FILE_FLAG,
    "desc": _DVC_FILE_TEXT,
}


def dvc_file_error(data: Any) -> str | None:
    """Return DVC's error in a `.dvc` file's data, `None` if DVC accepts it."""
    return fields_error(data, _DVC_FILE_STAGE)
