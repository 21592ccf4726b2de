"""Freshness and values, from the modules that know them; unknown where one is not there."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from lineage_diff.compare.change import ValueChanges
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.values import ValuesFile

_ROOM = "lineage_diff.compare"


def freshness(lineage: Lineage) -> Mapping[str, Any]:
    """Return each stage's freshness and reasons by id; nothing where nobody can judge."""
    if find_spec(f"{_ROOM}.freshness") is None:
        return {}
    found: Mapping[str, Any] = import_module(f"{_ROOM}.freshness").freshness(lineage)
    return found


def diff_values(old: Mapping[str, ValuesFile], new: Mapping[str, ValuesFile]) -> ValueChanges:
    """Return the keys whose values differ, by file."""
    if find_spec(f"{_ROOM}.values") is None:
        return {}
    found: ValueChanges = import_module(f"{_ROOM}.values").diff_values(old, new)
    return found
