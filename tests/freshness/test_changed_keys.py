"""The keys that differ inside two values of a param."""

from math import nan
from typing import Any

import pytest

from lineage_diff.diff.params import differences
from lineage_diff.freshness.changed_keys import (
    MOST_KEYS,
    TooManyValuesError,
    Visits,
    changed_keys,
    expand_reasons,
    keys_or_whole,
)
from lineage_diff.report.reasons import KeyChange, Reason

ROW = tuple[str, str, Any, Any]


def _nested(depth: int, value: int) -> Any:
    return {"k": _nested(depth - 1, value)} if depth else value


CASES: list[tuple[Any, Any, list[ROW]]] = [
    ({"a": 1, "b": 2}, {"a": 1, "b": 3}, [("m.b", "modified", 2, 3)]),
    ({"a": {"x": {"y": 1}}}, {"a": {"x": {"y": 2}}}, [("m.a.x.y", "modified", 1, 2)]),
    ({"a": 1}, {"a": 1, "b": 0}, [("m.b", "added", None, 0)]),
    ({"a": 1, "b": 0}, {"a": 1}, [("m.b", "removed", 0, None)]),
    ({"a": None}, {"a": 1}, [("m.a", "modified", None, 1)]),
    ({}, {"a": None}, [("m.a", "added", None, None)]),
    # Types.
    ({"a": 1}, {"a": "1"}, [("m.a", "modified", 1, "1")]),
    ({"a": 1}, {"a": 1.0}, []),
    ({"a": 1}, {"a": {"x": 1}}, [("m.a", "modified", 1, {"x": 1})]),
    ({"a": {"x": 1}}, {"a": [1]}, [("m.a", "modified", {"x": 1}, [1])]),
    ({"a": (1, 2)}, {"a": [1, 2]}, []),
    ({"a": nan}, {"a": nan}, []),
    ({"a": nan}, {"a": 1}, [("m.a", "modified", nan, 1)]),
    # Empty mappings and lists.
    ({"a": {}}, {"a": {"x": 1}}, [("m.a.x", "added", None, 1)]),
    ({"a": {"x": 1}}, {"a": {}}, [("m.a.x", "removed", 1, None)]),
    ({}, {"a": {}}, [("m.a", "added", None, {})]),
    (
        {},
        {"a": {"x": 1, "y": {"z": 2}}},
        [("m.a.x", "added", None, 1), ("m.a.y.z", "added", None, 2)],
    ),
    ({"a": []}, {"a": [1]}, [("m.a.0", "added", None, 1)]),
    ({"a": []}, {"a": {}}, [("m.a", "modified", [], {})]),
    # Lists.
    ([64, 32], [128, 32], [("m.0", "modified", 64, 128)]),
    ([1, 2], [1, 2, 3], [("m.2", "added", None, 3)]),
    ([1, 2, 3], [2, 3], [("m.0", "removed", 1, None)]),
    ([1, 3], [1, 2, 3], [("m.1", "added", None, 2)]),
    ([1, 1], [1], [("m.1", "removed", 1, None)]),
    (
        [{"units": 8}, {"units": 4, "act": "relu"}],
        [{"units": 8}, {"units": 5, "act": "relu"}],
        [("m.1.units", "modified", 4, 5)],
    ),
    ([{"units": 8}], [{"units": 8}, {"units": 4}], [("m.1.units", "added", None, 4)]),
    ([1, 2], [3], [("m.0", "modified", 1, 3), ("m.1", "removed", 2, None)]),
    (
        [0] * 11,
        [0] * 2 + [1] + [0] * 7 + [2],
        [("m.2", "modified", 0, 1), ("m.10", "modified", 0, 2)],
    ),
    # Names.
    ({"größe": "ä"}, {"größe": "ö"}, [("m.größe", "modified", "ä", "ö")]),
    ({1: 0, "1": 0}, {1: 1, "1": 0}, [("m.1", "modified", 0, 1)]),
    ({"a.b": 1}, {"a.b": 2}, [("m.a.b", "modified", 1, 2)]),
    (
        {"a.b": 1, "a": {"b": 1}},
        {"a.b": 2, "a": {"b": 3}},
        [("m.a.b", "modified", 1, 3), ('m."a.b"', "modified", 1, 2)],
    ),
    ({"": 1}, {"": 2}, [("m.", "modified", 1, 2)]),
    # Whole values.
    (1, 2, [("m", "modified", 1, 2)]),
    ({"a": 1}, {"a": 1}, []),
]


@pytest.mark.parametrize(("old", "new", "rows"), CASES)
def test_keys_that_differ(old: Any, new: Any, rows: list[ROW]) -> None:
    found = changed_keys(old, new, Visits(), "m")
    assert repr([(item.subject, item.change, item.old, item.new) for item in found]) == repr(rows)


def test_values_far_below_differ_as_a_whole() -> None:
    (item,) = changed_keys(_nested(90, 1), _nested(90, 2), Visits(), "m")
    assert item.subject == "m" + ".k" * 20
    assert item.new == _nested(70, 2)


def _changed(old: Any, new: Any) -> Reason:
    reason = Reason("param-changed", "p:m", new, old, file="p")
    return expand_reasons([reason], Visits())[0]


def test_ten_thousand_keys_are_counted() -> None:
    old = {f"k{n:05}": n for n in range(10_000)}
    reason = _changed(old, {key: value + 1 for key, value in old.items()})
    assert [key.subject for key in reason.keys] == [f"p:m.k{n:05}" for n in range(MOST_KEYS)]
    assert reason.omitted_keys == 10_000 - MOST_KEYS


@pytest.mark.parametrize(
    ("old", "new"), [(1, 2), ({"a": 1}, 1), (1, {"a": 1}), ({"a": nan, "b": 1}, {"b": 1, "a": nan})]
)
def test_a_reason_without_keys_inside_stays(old: Any, new: Any) -> None:
    assert _changed(old, new) == Reason("param-changed", "p:m", new, old, file="p")


def test_past_the_bound_a_value_differs_as_a_whole() -> None:
    old, new = {"a": 1, "b": 2}, {"a": 1, "b": 3}
    with pytest.raises(TooManyValuesError):
        changed_keys(old, new, Visits(3), "m")
    assert keys_or_whole(old, new, Visits(3), "m") == [KeyChange("m", "modified", old, new)]
    reason = Reason("param-changed", "p:m", new, old)
    assert expand_reasons([reason], Visits(3)) == (reason,)


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        # Two keys of a stage reach the same value: it changed once.
        ({"m": {"a": 1}, "m.a": 1}, {"m": {"a": 2}, "m.a": 2}, ["m.a"]),
        ({"m": {"a": 1}, "m.a": 1}, {"m": {"a": 2}, "m.a": 3}, ['"m.a"', "m.a"]),
        ({"m": [1, {"x": 1}]}, {"m": [1, {"x": 2}]}, ["m.1.x"]),
        ({}, {"m": {"a": 1, "b": 2}}, ["m.a", "m.b"]),
        ({"": 1}, {"": 2}, [""]),
    ],
)
def test_changes_of_a_file(old: Any, new: Any, names: list[str]) -> None:
    assert list(differences(old, new)) == names
