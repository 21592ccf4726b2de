"""Differences of values, held against DVC's own functions."""

import json
import math
from typing import Any

import pytest
from dvc.utils.diff import diff, format_dict
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.diff.values import diff_values
from lineage_diff.lineage.values import ValuesFile

names = st.text("abc", min_size=1, max_size=2)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("ab.1")
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3)
)
files = st.dictionaries(
    names,
    st.dictionaries(names, values, max_size=4)
    | st.integers()
    | st.text("ab1{")
    | st.lists(values.filter(bool), min_size=1, max_size=2),
    max_size=2,
)


def as_dvc(side: dict[str, Any]) -> dict[str, Any]:
    return dict(format_dict({path: {"data": held} for path, held in side.items()}))


def as_files(side: dict[str, Any]) -> dict[str, ValuesFile]:
    return {path: ValuesFile(path, held) for path, held in side.items()}


@given(files, files)
def test_values_differ_as_for_dvc(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert diff_values(as_files(old), as_files(new)) == diff(as_dvc(old), as_dvc(new))


@given(files)
def test_nothing_differs_from_itself(side: dict[str, Any]) -> None:
    assert diff_values(as_files(side), as_files(json.loads(json.dumps(side)))) == {}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"m": {"a": 1}}, {"m": {"a": 2}}, {"m": {"a": {"old": 1, "new": 2, "diff": 1}}}),
        ({"m": {"a": 1}}, {"m": {"a": 1.0}}, {}),
        ({"m": {"a": {"b": 1}}}, {}, {"m": {"a.b": {"old": 1, "new": None}}}),
        ({"m": {"a": [1]}}, {"m": {"a": [2]}}, {"m": {"a": {"old": "[1]", "new": "[2]"}}}),
        ({"m": 1}, {"m": 3}, {"m": {"": {"old": 1, "new": 3, "diff": 2}}}),
        ({"m": {"a": 1}}, {"m": 2}, {"m": {"a": {"old": 1, "new": "unable to parse"}}}),
        ({"m": 2}, {"m": {"a": 1}}, {"m": {"a": {"old": "unable to parse", "new": 1}}}),
        ({"m": [1]}, {"m": [2]}, {"m": {"": {"old": 1, "new": 2, "diff": 1}}}),
        ({"m": [1, 2]}, {"m": [1]}, {"m": {"": {"old": [1, 2], "new": [1]}}}),
        ({"m": {"a": 10**400}}, {"m": {"a": 0.5}}, {"m": {"a": {"old": 10**400, "new": 0.5}}}),
        ({"m": "[" * 9000}, {"m": "x"}, {"m": {"": {"old": "[" * 9000, "new": "x"}}}),
        (
            {"m": {"a": set("zyxw")}},
            {"m": {"a": [{"k": {"b", "a"}}]}},
            {"m": {"a": {"old": "{'w', 'x', 'y', 'z'}", "new": "[{'k': {'a', 'b'}}]"}}},
        ),
        ({"m": {"a": (1, 2)}}, {"m": {"a": (1,)}}, {"m": {"a": {"old": [1, 2], "new": [1]}}}),
    ],
)
def test_the_shape_is_that_of_dvc(old: Any, new: Any, expected: Any) -> None:
    assert diff_values(as_files(old), as_files(new)) == expected


def test_nan_has_always_changed() -> None:
    side = as_files({"m": {"loss": math.nan}})
    other = as_files({"m": {"loss": math.nan}})
    assert list(diff_values(side, other)["m"]) == ["loss"]
    assert list(diff_values(side, side)["m"]) == ["loss"]


def test_a_name_that_two_keys_share_loses_neither() -> None:
    old = as_files({"m": {"a.b": 1, "a": {"b": 2}}})
    new = as_files({"m": {"a.b": 3, "a": {"b": 2}}})
    assert diff_values(old, new) == {"m": {"a.b": {"old": "[1, 2]", "new": "[3, 2]"}}}


def test_what_a_commit_cannot_tell_counts_as_empty() -> None:
    cached = {"m": ValuesFile("m", None, "kept in the cache", cached=True)}
    assert diff_values(cached, cached) == {}
