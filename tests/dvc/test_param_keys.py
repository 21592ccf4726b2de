"""The part of a params file that stages take, held against DVC's own reading."""

import json
from pathlib import Path
from typing import Any

import pytest
from dvc.dependency.param import read_param_file
from dvc_objects.fs import localfs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_diff.dvc.metrics_and_params import pick, select_params
from lineage_diff.limits import Limits
from lineage_diff.parsing.work_budget import WorkBudget

PARAMS: dict[str, Any] = {
    "train": {"epochs": 10, "layers": [1, 2, {"size": 3}], "opt": {"lr": 0.1, "name": "sgd"}},
    "seed": 7,
    "empty": {},
    "none": None,
    "moons_a": {"n": 1},
    "moons_b": {"n": 2},
}


def of_dvc(folder: Path, values: Any, keys: list[str]) -> Any:
    file = folder / "params.json"
    file.write_text(json.dumps(values))
    return read_param_file(localfs, str(file), keys)


@pytest.mark.parametrize(
    "keys",
    [
        [],
        ["seed"],
        ["train"],
        ["train.epochs", "seed"],
        ["train.opt.lr", "train.opt.name"],
        ["train", "train.opt"],
        ["train.layers", "train.layers.0"],
        ["train.layers.1"],
        ["train.layers.2.size"],
        ["moons*"],
        ["moons_[ab].n"],
        ["no.such", "seed"],
        ["empty", "none"],
        ["seed.deeper"],
    ],
)
def test_keys_are_looked_up_as_by_dvc(tmp_path: Path, keys: list[str]) -> None:
    assert pick(PARAMS, keys) == of_dvc(tmp_path, PARAMS, keys)


names = st.sampled_from(["a", "b", "c"])
trees = st.recursive(
    st.integers() | st.lists(st.integers(), max_size=2),
    lambda inner: st.dictionaries(names, inner, min_size=1, max_size=3),
    max_leaves=8,
)
keys = st.lists(st.lists(names, min_size=1, max_size=3).map(".".join), max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(names, trees, min_size=1, max_size=3), keys)
def test_any_keys_are_looked_up_as_by_dvc(
    tmp_path: Path, values: dict[str, Any], keys: list[str]
) -> None:
    try:
        expected = of_dvc(tmp_path, values, keys)
    except (TypeError, ValueError, KeyError) as error:
        with pytest.raises(type(error)):
            pick(values, keys)
        return
    assert pick(values, keys) == expected


SMALL = {"a": 1, "b": [1, 2]}
LOOKING_UP = "looking up the params that stages name"
READING = "reading all the files of a commit that hold values"


@pytest.mark.parametrize(
    ("values", "keys", "steps", "found"),
    [
        (SMALL, [], 100, SMALL),
        (SMALL, [], 3, READING),
        (SMALL, ["a"], 1, {"a": 1}),
        (SMALL, ["a"], 0, LOOKING_UP),
        (SMALL, ["a*"], 1_000, {"a": 1}),
        (SMALL, ["a*"], 100, LOOKING_UP),
        ({"": 1, "ab": 2}, ["a*"], 1_000, {"ab": 2}),
        ({"": 1, "ab": 2}, ["*"], 1_000, {"": 1, "ab": 2}),
    ],
)
def test_a_params_file_is_unknown_where_its_keys_cannot_be_looked_up(
    values: Any, keys: list[str], steps: int, found: Any
) -> None:
    work = WorkBudget(Limits(work_steps=steps))
    selected = select_params("p.yaml", values, keys, work, int("a*" in keys))
    assert (selected.path, selected.unreadable) == ("p.yaml", isinstance(found, str))
    if isinstance(found, str):
        assert selected.values is None
        assert str(selected.unknown).startswith(found)
    else:
        assert (selected.values, selected.unknown) == (found, None)
