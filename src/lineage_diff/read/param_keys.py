"""The part of a params file that stages take, as DVC shows it (`dvc.dependency.param`)."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from lineage_diff.read.work_budget import PARAMS, WorkBudget

_GLOB = frozenset("*?[")
_DPATH_STEPS = 10


def pick(values: Any, keys: Sequence[str], work: WorkBudget | None = None) -> Any:
    """Return the values at the dotted `keys`, nested as in the file; all values without keys.

    Keys that are not plain, or lie inside one another, are left to `dpath`, which DVC uses: with
    globs, list indexes and merged lists it has a meaning of its own. Raises `TypeError` and
    `ValueError` as `dpath` does for what it cannot search, `TooMuchWorkError` for a search of all
    values for too many keys.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return values
    work = work or WorkBudget()
    work.spend(sum(map(len, wanted)), PARAMS)
    paths = [key.split(".") for key in wanted]
    if _apart(paths) and not any(_GLOB & set(key) for key in wanted):
        picked: dict[str, Any] = {}
        if all(_copy(values, path, picked) for path in paths):
            return picked
    # It goes through all values for each key, and compares each part.
    parts = sum(map(len, paths)) + len(paths)
    work.spend(_DPATH_STEPS * parts * count_values(values), PARAMS)
    return _with_dpath(values, wanted)


def _apart(paths: list[list[str]]) -> bool:
    """Whether no key lies inside another."""
    # Sorted, a key stands right before the first of those that lie inside it.
    ordered = sorted(paths)
    return not any(two[: len(one)] == one for one, two in pairwise(ordered))


def _copy(values: Any, path: list[str], into: dict[str, Any]) -> bool:
    """Copy one plain key; whether it was found by mappings' own keys alone."""
    for part in path[:-1]:
        if not isinstance(values, dict) or not part or part not in values:
            return False
        values = values[part]
        into = into.setdefault(part, {})
    if not isinstance(values, dict) or path[-1] not in values:
        return False
    into[path[-1]] = values[path[-1]]
    return True


def count_values(values: Any) -> int:
    """Return how many values there are to search, containers among them."""
    if isinstance(values, dict):
        return 1 + sum(map(count_values, values.values()))
    return 1 + sum(map(count_values, values)) if isinstance(values, list) else 1


def _with_dpath(values: Any, keys: list[str]) -> Any:
    from copy import deepcopy

    from dpath import merge, search

    picked: dict[str, Any] = {}
    for key in keys:
        merge(picked, deepcopy(search(values, key, separator=".")), separator=".")
    return picked
