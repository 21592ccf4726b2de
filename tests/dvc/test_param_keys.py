"""The part of a params file that stages take, held against DVC's own reading."""

import json
from pathlib import Path
from typing import Any

import pytest
from dvc.dependency.param import read_param_file
from dvc_objects.fs import localfs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage_diff.dvc.metrics_and_params import pick

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
