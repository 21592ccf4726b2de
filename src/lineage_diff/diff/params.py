"""Compare the params of a stage by the values in the files, else by the locked values."""

from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, field

from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import ParamDep
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.change import same_value

_MISSING = object()
Difference = tuple[Any, Any]


class ParamChanges(Struct, frozen=True):
    """Compares the params files of two commits, once for each file and keys that stages use."""

    base: Lineage
    head: Lineage
    differing: frozenset[str]
    seen: dict[tuple[str, tuple[str, ...]], Mapping[str, Difference]] = field(default_factory=dict)

    def of(self, old: ParamDep | None, new: ParamDep | None) -> Mapping[str, Difference]:
        """Return old and new value by key, `None` for a key that one commit does not have.

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

    def is_known_once(self, path: str) -> bool:
        """Whether the values of a file are known in exactly one of the commits."""
        old, new = self.base.params.get(path), self.head.params.get(path)
        if old is None or new is None:
            return False
        return (old.unknown is None) != (new.unknown is None)

    def _files(self, path: str, keys: tuple[str, ...]) -> Mapping[str, Difference]:
        if (path, keys) not in self.seen:
            old, new = _values(self.base, path), _values(self.head, path)
            same = old is None or new is None or old is new
            self.seen[path, keys] = (
                {} if same else differences(_taken(old, keys), _taken(new, keys))
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


def _taken(values: Any, keys: tuple[str, ...]) -> Mapping[str, Any]:
    if not keys:
        return values if isinstance(values, Mapping) else {"": values}
    found: dict[str, Any] = {}
    flat: dict[str, Any] | None = None
    for key in keys:
        value = _get(values, key)
        if value is not _MISSING:
            found[key] = value
        elif "*" in key:
            # Flatten once for all keys: there may be as many keys as values.
            flat = _flat(values, "") if flat is None else flat
            found |= {name: item for name, item in flat.items() if fnmatchcase(name, key)}
    return found


def _get(values: Any, key: str) -> Any:
    if isinstance(values, Mapping) and key in values:
        return values[key]
    for part in key.split("."):
        if isinstance(values, Mapping) and part in values:
            values = values[part]
        else:
            return _MISSING
    return values


def _flat(values: Any, prefix: str) -> dict[str, Any]:
    if not isinstance(values, Mapping) or not values:
        return {prefix: values}
    found: dict[str, Any] = {}
    for key, value in values.items():
        found |= _flat(value, f"{prefix}.{key}" if prefix else str(key))
    return found


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Difference]:
    """Return the old and new value of each changed leaf, by its dotted key, sorted."""
    before = {key: leaf for name in old for key, leaf in _flat(old[name], str(name)).items()}
    after = {key: leaf for name in new for key, leaf in _flat(new[name], str(name)).items()}
    return {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if not same_value(before.get(key, _MISSING), after.get(key, _MISSING))
    }
