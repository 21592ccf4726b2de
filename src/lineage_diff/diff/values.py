"""What differs between the values of two sides' metrics or params files.

Follows `dvc.utils.diff.diff` after `format_dict`, with the same quirks: keys are joined by dots,
lists are compared as text, numbers get a `diff`, and a list or mapping that became a bare value
reads "unable to parse".
"""

import json
from collections.abc import Iterator, Mapping, Set
from types import NoneType
from typing import Any

from lineage_diff.lineage.values import ValuesFile, within_bounds
from lineage_diff.report.change import ValueChange, ValueChanges

_UNPARSABLE = "unable to parse"
# Known at once, unlike what is a `Mapping`.
_BARE = (NoneType, int, float, str)


def diff_values(old: Mapping[str, ValuesFile], new: Mapping[str, ValuesFile]) -> ValueChanges:
    """Return the keys whose values differ, by file; files and keys sorted.

    A file that is absent, or that only DVC's cache holds, counts as empty: `None` then stands for
    its values, as DVC writes it. Which of the two it is, the files themselves say. Of a file that
    one side cannot read no value is known to differ, so it is left out.
    """
    changes: dict[str, dict[str, ValueChange]] = {}
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if any(file is not None and file.unreadable for file in (before, after)):
            continue
        found = dict(sorted(_diff(_values(before), _values(after))))
        if found:
            changes[path] = found
    return changes


def values_by_key(file: ValuesFile) -> Mapping[str, Any]:
    """Return the values of a file as DVC compares them: by key, sorted; none of a bare value."""
    return dict(sorted(_flat(_values(file)).items()))


def _values(file: ValuesFile | None) -> Any:
    if file is None or file.values is None:
        return {}
    # DVC turns a list into text, and reads text at a file's top as JSON where it is that.
    values = _text(file.values) if isinstance(file.values, list) else file.values
    if isinstance(values, str):
        try:
            read = json.loads(values)
        except (ValueError, RecursionError):
            return values
        return read if within_bounds(read) else values
    return values


def _diff(old: Any, new: Any) -> Iterator[tuple[str, ValueChange]]:
    if not isinstance(old, Mapping) and not isinstance(new, Mapping):
        while isinstance(old, list) and isinstance(new, list) and len(old) == len(new) == 1:
            old, new = old[0], new[0]
        if (change := _change(old, new)) is not None:
            yield "", change
        return
    before, after = _flat(old), _flat(new)
    missing = [
        _UNPARSABLE if side and not isinstance(side, Mapping) else None for side in (old, new)
    ]
    for key in before.keys() | after.keys():
        change = _change(before.get(key, missing[0]), after.get(key, missing[1]))
        if change is not None:
            yield key, change


def _flat(values: Any) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    pending: list[tuple[str, Any]] = [("", values)] if isinstance(values, Mapping) else []
    while pending:
        prefix, mapping = pending.pop()
        for key, value in mapping.items():
            name = f"{prefix}{key}"
            if not isinstance(value, _BARE) and isinstance(value, Mapping):
                pending.append((f"{name}.", value))
            else:
                # `{"a.b": 1, "a": {"b": 2}}` gives one name twice, which DVC refuses: hold both.
                known = (flat[name],) if name in flat else ()
                flat[name] = _text([*known, _plain(value)]) if known else _plain(value)
    return flat


def _plain(value: Any) -> Any:
    """Return a value as DVC's JSON holds it: a list as text, what JSON does not know as text."""
    if isinstance(value, _BARE):
        return value
    return list(value) if isinstance(value, tuple) else _text(value)


def _text(value: Any) -> str:
    """Return `str(value)` with sets sorted: Python's own order differs from run to run."""
    if isinstance(value, list):
        return f"[{', '.join(map(_inner, value))}]"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{_inner(key)}: {_inner(value[key])}' for key in value)}}}"
    if isinstance(value, Set) and value:
        return f"{{{', '.join(sorted(map(_inner, value)))}}}"
    return str(value)


def _inner(value: Any) -> str:
    return _text(value) if isinstance(value, list | Mapping | Set) else repr(value)


def _change(old: Any, new: Any) -> ValueChange | None:
    if old == new:
        return None
    if isinstance(old, int | float) and isinstance(new, int | float):
        try:
            return {"old": old, "new": new, "diff": new - old}
        except OverflowError:
            # An integer beyond all floats, less a float.
            return {"old": old, "new": new}
    return {"old": old, "new": new}
