"""The values that differ, from the module that knows them."""

from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec

from lineage_diff.compare.change import ValueChanges
from lineage_diff.lineage.values import ValuesFile

_ROOM = "lineage_diff.compare"


def diff_values(old: Mapping[str, ValuesFile], new: Mapping[str, ValuesFile]) -> ValueChanges:
    """Return the keys whose values differ, by file."""
    if find_spec(f"{_ROOM}.values") is None:
        return {}
    found: ValueChanges = import_module(f"{_ROOM}.values").diff_values(old, new)
    return found
