"""Compare the params of a stage by the values in the files, else by the locked values."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, field

from lineage_diff.freshness.changed_keys import NOTHING, Visits, keys_or_whole
from lineage_diff.freshness.params import value_at
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import ParamDep
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.change import same_value
from lineage_diff.report.reasons import KeyChange


class ParamChanges(Struct, frozen=True):
    """Compares the params files of two commits, once for each file and keys that stages use."""

    base: Lineage
    head: Lineage
    differing: frozenset[str]
    seen: dict[tuple[str, tuple[str, ...]], Mapping[str, KeyChange]] = field(default_factory=dict)

    def of(self, old: ParamDep | None, new: ParamDep | None) -> Mapping[str, KeyChange]:
        """Return the keys that differ, by their name; items of lists by their index.

        If the files agree, the locked values are compared: a run that caught up is a change too.
        """
        both = tuple(sorted({key for dep in (old, new) if dep for key in dep.keys}))
        either = old or new
        if either is None:
            return {}
        if any(dep is not None and not dep.keys for dep in (old, new)):
            both = ()
        found = self._files(either.path, both)
        if found or old is None or new is None or old is new or old.locked == new.locked:
            return found
        if old.locked is None or new.locked is None:
            return {}
        return differences(old.locked, new.locked)

    def is_same(self, old: ParamDep | None, new: ParamDep | None) -> bool:
        """Whether a stage's values from a file are known in both commits and equal."""
        either = old or new
        if old is None or new is None or either is None:
            return False
        files = self.base.params.get(old.path), self.head.params.get(new.path)
        if any(file is None or file.unknown is not None for file in files):
            return False
        return not self.of(old, new)

    def may_differ(self, path: str) -> bool:
        """Whether the values are known in one commit only, or each has another unreadable file."""
        old, new = self.base.params.get(path), self.head.params.get(path)
        if old is None or new is None:
            return False
        return (old.unknown is None) != (new.unknown is None) or old.oid != new.oid

    def _files(self, path: str, keys: tuple[str, ...]) -> Mapping[str, KeyChange]:
        if (path, keys) not in self.seen:
            old, new = _values(self.base, path), _values(self.head, path)
            same = old is None or new is None or old is new
            self.seen[path, keys] = (
                {} if same else differences(_select(old, keys), _select(new, keys))
            )
        return self.seen[path, keys]


def param_changes(base: Lineage, head: Lineage) -> ParamChanges:
    """Prepare the comparison: find the files that differ, or exist in one commit only."""
    old, new = base.params, head.params
    paths = old.keys() | new.keys()
    return ParamChanges(base, head, frozenset(p for p in paths if old.get(p) != new.get(p)))


def _values(lineage: Lineage, path: str) -> Any:
    file: ValuesFile | None = lineage.params.get(path)
    if file is None:
        return {}
    return None if file.unknown is not None else file.values


def _select(values: Any, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not keys:
        return values if isinstance(values, Mapping) else {"": values}
    found: dict[str, Any] = {}
    flat: dict[str, Any] | None = None
    for key in keys:
        value = _get(values, key)
        if value is not NOTHING:
            found[key] = value
        elif "*" in key:
            # Flatten once for all keys: there may be as many keys as values.
            flat = _flat(values, "") if flat is None else flat
            found |= {name: item for name, item in flat.items() if fnmatchcase(name, key)}
    return found


def _get(values: Any, key: str) -> Any:
    return values[key] if isinstance(values, Mapping) and key in values else value_at(values, key)


def _flat(values: Any, prefix: str) -> dict[str, Any]:
    if not isinstance(values, Mapping) or not values:
        return {prefix: values}
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return found


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, KeyChange]:
    """Return the changed values by their dotted key, sorted.

    A key that two names of the mapping reach counts once. Of too many values, each name differs as
    a whole.
    """
    found: dict[str, KeyChange] = {}
    visits = Visits()
    for name in sorted(old.keys() | new.keys(), key=str):
        was, now = old.get(name, NOTHING), new.get(name, NOTHING)
        if same_value(was, now):
            continue
        for item in keys_or_whole(was, now, visits, str(name)):
            known = found.setdefault(item.subject, item)
            if not same_value((known.old, known.new), (item.old, item.new)):
                # `{"a.b": 1, "a": {"b": 2}}` gives one name twice.
                found[f'"{item.subject}"'] = item
    return dict(sorted(found.items()))
