from typing import Any

import pytest

from lineage_diff.lineage.mlflow import MlflowRun
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.mlflow.metric_check import metric_disagreements, metric_numbers
from lineage_diff.report.mlflow import MetricDisagreement

FILE = "metrics.json"


def _found(mlflow: dict[str, float], files: dict[str, Any]) -> list[tuple[str, str, float, float]]:
    metrics = {path: ValuesFile(path, values) for path, values in files.items()}
    found = metric_disagreements([MlflowRun("r", "1", metrics=mlflow)], metric_numbers(metrics))
    assert all(item.run_id == "r" for item in found)
    return [(item.file, item.key, item.git, item.mlflow) for item in found]


AGREE: list[tuple[float, Any]] = [
    (0.5, 0.5),
    (3.0, 3),
    (0.1 + 0.2, 0.3),
    (1_000_000.5, 1_000_000),
    (1e-10, 0),
    (float("nan"), float("nan")),
    (float("inf"), float("inf")),
    (0.5, "0.5"),
    (0.5, True),
    (0.5, None),
    (0.5, [0.4]),
]
DIFFER: list[tuple[float, Any]] = [
    (0.5, 0.50001),
    (1_000_002.0, 1_000_000),
    (1e-8, 0),
    (float("nan"), 0.5),
    (0.5, float("nan")),
    (float("inf"), 1e308),
    (0.5, -0.5),
    (1e308, 10**400),
]


@pytest.mark.parametrize(("mlflow", "git"), AGREE)
def test_values_that_agree_or_are_no_numbers(mlflow: float, git: Any) -> None:
    assert _found({"auc": mlflow}, {FILE: {"auc": git}}) == []


@pytest.mark.parametrize(("mlflow", "git"), DIFFER)
def test_values_that_differ(mlflow: float, git: Any) -> None:
    assert repr(_found({"auc": mlflow}, {FILE: {"auc": git}})) == repr([(FILE, "auc", git, mlflow)])


NESTED = {"train": {"auc": 0.5}, "a.b": 1, "auc": 0.7, "deep/key": 2}


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("train.auc", ("train.auc", 0.5)),
        ("train/auc", ("train.auc", 0.5)),
        ("a.b", ("a.b", 1)),
        ("deep/key", ("deep/key", 2)),
        ("deep.key", ("deep/key", 2)),
        ("auc", ("auc", 0.7)),
        ("AUC", None),
        ("train", None),
        ("val/auc", None),
    ],
)
def test_the_same_key(key: str, expected: tuple[str, float] | None) -> None:
    found = _found({key: 9.0}, {FILE: NESTED})
    assert found == ([] if expected is None else [(FILE, *expected, 9.0)])


def test_a_value_of_any_file_will_do() -> None:
    files = {"a.json": {"auc": 0.5}, "b.json": {"auc": 0.7}, "c.json": {"loss": 1}}
    assert _found({"auc": 0.7}, files) == []
    assert _found({"auc": 0.9}, files) == [("a.json", "auc", 0.5, 0.9), ("b.json", "auc", 0.7, 0.9)]


def test_files_that_tell_nothing_disagree_with_nothing() -> None:
    metrics = {
        "cached.json": ValuesFile("cached.json", None, "kept in DVC's cache", cached=True),
        "number.json": ValuesFile("number.json", 0.5),
    }
    run = MlflowRun("r", "1", metrics={"": 1, "auc": 1})
    assert metric_disagreements([run], metric_numbers(metrics)) == ()


def test_it_is_enough_that_one_run_agrees() -> None:
    runs = [
        MlflowRun("b", "1", metrics={"loss": 2, "auc": 0.9}),
        MlflowRun("a", "1", metrics={"auc": 0.4}),
        MlflowRun("c", "1", metrics={"auc": 0.5, "loss": 3}),
    ]
    numbers = list(metric_numbers({FILE: ValuesFile(FILE, {"loss": 1, "auc": 0.5})}))
    assert metric_disagreements(runs, numbers) == (MetricDisagreement("c", FILE, "loss", 1, 3),)
    assert metric_disagreements(runs[:2], numbers) == (
        MetricDisagreement("a", FILE, "auc", 0.5, 0.4),
        MetricDisagreement("b", FILE, "loss", 1, 2),
    )


def test_runs_of_several_pipelines_disagree_with_none_of_them() -> None:
    runs = [MlflowRun("a", "1", metrics={"auc": 0.5}), MlflowRun("b", "1", metrics={"auc": 0.7})]
    files = {"a.json": {"auc": 0.5}, "b.json": {"auc": 0.7}, "c.json": {"auc": 0.9}}
    numbers = list(metric_numbers({name: ValuesFile(name, held) for name, held in files.items()}))
    assert metric_disagreements(runs, numbers) == ()
