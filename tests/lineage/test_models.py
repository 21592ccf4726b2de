"""What counts as a model by its path alone, and which way a metric is better."""

import pytest

from lineage_diff.diff.metric_direction import assess
from lineage_diff.lineage.models import by_convention
from lineage_diff.lineage.policy import MetricPolicy, Policy


@pytest.mark.parametrize(
    "path",
    [
        "model.pkl",
        "models/churn",
        "out/best.onnx",
        "a/model",
        "checkpoints/epoch1.h5",
        "clf.joblib",
    ],
)
def test_a_model(path: str) -> None:
    assert by_convention(path)


@pytest.mark.parametrize(
    "path",
    [
        "data.pkl",
        "models/report.html",
        "features.h5",
        "modelled.csv",
        "predictions.pt",
        "data/x.bin",
    ],
)
def test_no_model(path: str) -> None:
    assert not by_convention(path)


POLICY = Policy(metrics=(MetricPolicy("churn.*", "higher", 0.1, relative=True),))


@pytest.mark.parametrize(
    ("key", "old", "new", "expected"),
    [
        ("accuracy", 0.9, 0.8, (False, False)),
        ("val.loss", 0.9, 0.8, (True, False)),
        ("logLoss", 1, 2, (False, False)),
        ("lossless", 1, 2, (None, False)),
        ("f1", 1, 1, (None, False)),
        ("churn.x", 1.0, 0.95, (False, True)),
        ("churn.x", 1.0, 0.5, (False, False)),
        ("accuracy", float("nan"), 0.5, (None, False)),
        ("accuracy", "a", 0.5, (None, False)),
    ],
)
def test_which_way_is_better(key: str, old: object, new: object, expected: object) -> None:
    assert assess("metrics.json", key, old, new, POLICY) == expected
