"""Compare the values of metrics or params files of two commits.

Follows `dvc.utils.diff.diff` after `format_dict`, with the same quirks: keys are joined by dots,
lists are compared as text, numbers get a `diff`, and a list or mapping that became a bare value
reads "unable to parse".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lineage_diff.lineage.values import ValuesFile, flatten, values_of
from lineage_diff.report.change import ValueChange, ValueChanges

_UNPARSABLE = "unable to parse"


def diff_values(old: Mapping[str, ValuesFile], new: Mapping[str, ValuesFile]) -> ValueChanges:
    """Return the changed keys by file; files and keys sorted.

    A file that is absent, or that only DVC's cache holds, counts as empty: `None` then stands for
    its values, as DVC writes it. `ValuesFile.unknown` distinguishes the two. A file that one side
    cannot read is left out: none of its values surely differs.
    """
    changes: dict[str, dict[str, ValueChange]] = {}
    for path in sorted(old.keys() | new.keys()):
        before, after = old.get(path), new.get(path)
        if any(file is not None and file.unreadable for file in (before, after)):
            continue
        found = dict(sorted(_diff(values_of(before), values_of(after))))
        if found:
            changes[path] = found
    return changes


def _diff(old: Any, new: Any) -> Iterator[tuple[str, ValueChange]]:
    if not isinstance(old, Mapping) and not isinstance(new, Mapping):
        while isinstance(old, list) and isinstance(new, list) and len(old) == len(new) == 1:
            old, new = old[0], new[0]
        if (change := _change(old, new)) is not None:
            yield "", change
        return
    before, after = flatten(old), flatten(new)
    missing = [
        _UNPARSABLE if side and not isinstance(side, Mapping) else None for side in (old, new)
    ]
    for key in before.keys() | after.keys():
        change = _change(before.get(key, missing[0]), after.get(key, missing[1]))
        if change is not None:
            yield key, change


def _change(old: Any, new: Any) -> ValueChange | None:
    if old == new:
        return None
    if isinstance(old, int | float) and isinstance(new, int | float):
        try:
            return {"diff": new - old, "new": new, "old": old}
        except OverflowError:
            # An integer too large for a float, minus a float.
            return {"new": new, "old": old}
    return {"new": new, "old": old}
