"""Compare locked params with their files, by `dvc.dependency.param.ParamsDependency`."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from lineage_diff.freshness.changed_keys import NOTHING
from lineage_diff.freshness.content_match import SAME, ContentMatch
from lineage_diff.lineage.stage import LockEntry, ParamDep
from lineage_diff.lineage.values import ValuesFile, is_pattern, value_of_pattern
from lineage_diff.report.change import same_value
from lineage_diff.report.reasons import Reason
from lineage_diff.text import join_some


def param_reasons(
    param: ParamDep, file: ValuesFile | None, lock_file: str, line: int | None
) -> Iterator[Reason]:
    """Yield a reason for each param of a stage that differs from its last run.

    Values are compared by Python's `==`, as in DVC: `1`, `1.0` and `true` are equal. Keys
    that no run records are unknown. Locked keys that the stage no longer uses are notes: DVC
    ignores them.
    """
    if file is None:
        yield Reason("param-missing", param.path, detail="no such file", file=param.path)
        return
    if file.unknown is not None:
        yield Reason("dep-unknown", param.path, detail=file.unknown, file=param.path)
        return
    locked = param.locked if param.locked is not None else {}
    actual = {key: value for key, value in _select(param, file.values) if value is not NOTHING}
    keys: Iterable[str] = param.keys or dict.fromkeys([*actual, *locked])
    unrecorded = _unrecorded_keys(param, keys, locked)
    if unrecorded:
        yield Reason("dep-unknown", param.path, detail=_not_recorded(unrecorded), file=param.path)
    for key in keys:
        subject = f"{param.path}:{key}"
        if key not in actual:
            yield Reason("param-missing", subject, None, locked.get(key), file=param.path)
        elif key not in locked and key not in unrecorded:
            yield Reason("param-added", subject, actual[key], None, file=lock_file, line=line)
        elif key in locked and not equal(actual[key], locked[key]):
            yield Reason("param-changed", subject, actual[key], locked[key], file=param.path)
    yield from _unused_keys(param, lock_file, line)


def _unrecorded_keys(
    param: ParamDep, keys: Iterable[str], locked: Mapping[str, Any]
) -> tuple[str, ...]:
    """Return the keys that the lock lacks because no run records them."""
    if param.recorded is None:
        return ()
    return tuple(key for key in keys if key not in param.recorded and key not in locked)


def _not_recorded(keys: tuple[str, ...]) -> str:
    return (
        f"no run records {join_some([f'`{key}`' for key in keys], 3)}, because the stage names "
        "this file by two paths, and DVC records the params of one"
    )


def unread_param_reasons(
    param: ParamDep, found: ContentMatch, lock_file: str, line: int | None
) -> Iterator[Reason]:
    """Yield the reasons for a params file that DVC's cache holds, or Git in an unreadable form.

    `found` compares the file with the one when the stage was locked.
    """
    locked = param.locked if param.locked is not None else {}
    if param.locked is None and not param.keys:
        yield Reason("param-added", param.path, file=lock_file, line=line)
    unrecorded = _unrecorded_keys(param, param.keys, locked)
    if unrecorded:
        yield Reason("dep-unknown", param.path, detail=_not_recorded(unrecorded), file=param.path)
    for key in param.keys:
        if key not in locked and key not in unrecorded:
            yield Reason("param-added", f"{param.path}:{key}", file=lock_file, line=line)
    if found is not SAME:
        yield Reason("dep-unknown", param.path, detail=found.detail, file=param.path)
    yield from _unused_keys(param, lock_file, line)


def _unused_keys(param: ParamDep, lock_file: str, line: int | None) -> Iterator[Reason]:
    """Yield a note for each locked key that the stage no longer uses."""
    if param.keys and param.locked:
        for key in sorted(param.locked.keys() - set(param.keys)):
            subject, value = f"{param.path}:{key}", param.locked[key]
            yield Reason("param-removed", subject, None, value, file=lock_file, line=line)


def removed_params(
    params: tuple[ParamDep, ...], lock: LockEntry, lock_file: str
) -> Iterator[Reason]:
    """Yield a note for each key of a locked params file that the stage no longer uses."""
    declared = {param.declared for param in params}
    for name in sorted(lock.params.keys() - declared):
        for key in sorted(lock.params[name]):
            value = lock.params[name][key]
            yield Reason(
                "param-removed", f"{name}:{key}", None, value, file=lock_file, line=lock.line
            )


def equal(actual: Any, locked: Any) -> bool:
    """Whether a stage ran with this value; a tuple of a Python file is a list in the lock.

    NaN equals NaN here. Not in DVC, which always runs a stage with a NaN param.
    """
    return same_value(actual, locked) or (isinstance(actual, tuple) and list(actual) == locked)


def _select(param: ParamDep, values: Any) -> Iterator[tuple[str, Any]]:
    if not param.keys:
        if isinstance(values, Mapping):
            yield from ((str(key), value) for key, value in values.items())
        return
    for key in param.keys:
        yield key, value_at(values, key)


def value_at(values: Any, key: str) -> Any:
    """Return the value at a dotted key, `NOTHING` if there is none.

    Follows the key as `dpath.get` does: by a mapping's key as text, by a list's index. A pattern
    stands for the only value that it matches.
    """
    if is_pattern(key):
        with suppress(KeyError, ValueError):
            return value_of_pattern(values, key)
    for part in key.lstrip(".").split("."):
        values = _item(values, part)
        if values is NOTHING:
            return NOTHING
    return values


def _item(values: Any, part: str) -> Any:
    """Return an item by a part of a key; an index counts from the end if it is negative.

    dpath compares numbers as numbers: `01` and `+1` are the index 1, and the key 1.
    """
    if isinstance(values, Mapping):
        if part in values:
            return values[part]
        number = _number(part)
        return next((v for name, v in values.items() if _is_named(name, part, number)), NOTHING)
    index = _number(part) if isinstance(values, list | tuple) else None
    if index is None or not -len(values) <= index < len(values):
        return NOTHING
    return values[index]


def _is_named(name: Any, part: str, number: int | None) -> bool:
    return isinstance(name, int) and (name == number or str(name) == part)


def _number(part: str) -> int | None:
    # Python reads no number of more digits, and there is no index of so many.
    with suppress(ValueError):
        return int(part)
    return None
