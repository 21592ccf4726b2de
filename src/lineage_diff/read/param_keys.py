"""The part of a params file that stages take, as DVC shows it (`dvc.dependency.param`)."""

from collections.abc import Sequence
from typing import Any

_GLOB = frozenset("*?[")


def pick(values: Any, keys: Sequence[str]) -> Any:
    """Return the values at the dotted `keys`, nested as in the file; all values without keys.

    Keys that are not plain, or lie inside one another, are left to `dpath`, which DVC uses: with
    globs, list indexes and merged lists it has a meaning of its own. Raises `TypeError` and
    `ValueError` as `dpath` does for what it cannot search.
    """
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return values
    paths = [key.split(".") for key in wanted]
    if _apart(paths) and not any(_GLOB & set(key) for key in wanted):
        picked: dict[str, Any] = {}
        if all(_copy(values, path, picked) for path in paths):
            return picked
    return _with_dpath(values, wanted)


def _apart(paths: list[list[str]]) -> bool:
    """Whether no key lies inside another."""
    known = {tuple(path) for path in paths}
    return not any(tuple(path[:end]) in known for path in paths for end in range(1, len(path)))


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


def _with_dpath(values: Any, keys: list[str]) -> Any:
    from copy import deepcopy

    from dpath import merge, search

    picked: dict[str, Any] = {}
    for key in keys:
        merge(picked, deepcopy(search(values, key, separator=".")), separator=".")
    return picked
