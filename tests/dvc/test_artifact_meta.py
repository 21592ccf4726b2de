"""The `meta` of an artifact as JSON, within a limit."""

from typing import Any

import pytest

from lineage_diff.dvc.pipeline.artifact_meta import TOO_LARGE, meta_json
from lineage_diff.parsing.yaml_loader import load_any_yaml

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 5)
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ({}, "{}"),
        ({"b": 1, "a": [True, None, 1.5, "é"]}, '{"a": [true, null, 1.5, "é"], "b": 1}'),
        ({1: float("nan"), None: 2}, '{"1": "nan", "None": 2}'),
        ("text", '"text"'),
        ("x" * 2_000_000, TOO_LARGE),
    ],
)
def test_meta_as_json(value: Any, expected: str | None) -> None:
    assert meta_json(value) == expected


def test_aliases_that_repeat_a_value_a_hundred_thousand_times() -> None:
    assert meta_json(load_any_yaml(BOMB, "dvc.yaml")) == TOO_LARGE


def test_a_value_that_holds_itself() -> None:
    value: dict[str, Any] = {}
    value["self"] = value
    assert meta_json(value) == TOO_LARGE
