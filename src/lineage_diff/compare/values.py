"""What differs between the values of two sides' metrics or params files.

Follows `dvc.utils.diff.diff` after `format_dict`, with the same quirks: keys are joined by dots,
lists are compared as text, numbers get a `diff`, and a list or mapping that became a bare value
reads "unable to parse".
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from lineage_diff.compare.change import ValueChange, ValueChanges
from lineage_diff.lineage.values import ValuesFile

_UNPARSABLE = "unable to parse"


def diff_values(old: Mapping[str, ValuesFile], new: Mapping[str, ValuesFile]) -> ValueChanges:
    """Return the keys whose values differ, by file; files and keys sorted.

    A file that is absent, or whose values the commit cannot tell, counts as empty: `None` then
    stands for its values, as DVC writes it. Which of the two it is, the files themselves say.
    """
    changes: dict[str, dict[str, ValueChange]] = {}
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if before is not None and after is not None and before.values is after.values:
            continue
        found = dict(sorted(_diff(_values(before), _values(after))))
        if found:
            changes[path] = found
    return changes


def _values(file: ValuesFile | None) -> Any:
    if file is None or file.values is None:
        return {}
    values = file.values
    if isinstance(values, str):
        try:
            return json.loads(values)
        except ValueError:
            return values
    return values


def _diff(old: Any, new: Any) -> Iterator[tuple[str, ValueChange]]:
    if not isinstance(old, Mapping) and not isinstance(new, Mapping):
        if (change := _change(_plain(old), _plain(new))) is not None:
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
            if isinstance(value, Mapping):
                pending.append((f"{name}.", value))
            else:
                flat[name] = _plain(value)
    return flat


def _plain(value: Any) -> Any:
    """Return a value as DVC's JSON holds it: a list as text, what JSON does not know as text."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return list(value) if isinstance(value, tuple) else str(value)


def _change(old: Any, new: Any) -> ValueChange | None:
    if old == new:
        return None
    if isinstance(old, int | float) and isinstance(new, int | float):
        return {"old": old, "new": new, "diff": new - old}
    return {"old": old, "new": new}
