"""What counts as a model by its path alone, and which way a metric is better."""

import pytest

from lineage_diff.diff.metric_direction import HIGHER, LOWER, assess, direction
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
        "Model.PKL",
        ".model",
        "m.onnx",
        "my-model.tar.gz",
        "best_model2.bin",
        "weights/a",
        "a/Models/b.bin",
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
        "model.csv",
        "a.model.bin",
        "models.d/x.bin",
        "weights/a.csv",
        "models/vocab.bin",
        "model_scores.pkl",
        "remodel.pkl",
    ],
)
def test_no_model(path: str) -> None:
    assert not by_convention(path)


POLICY = Policy(
    metrics=(
        MetricPolicy("churn.*", "higher", 0.1, relative=True),
        MetricPolicy("drift", "lower"),
        MetricPolicy("metrics.json:all.rank", "lower"),
        MetricPolicy("fixed.*", "higher", 0.01),
        MetricPolicy("exact.*", "higher", 0.0),
    )
)


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
        ("drift", 1, 2, (False, False)),
        ("val.drift", 1, 2, (False, False)),
        ("a.val.drift", 1, 2, (False, False)),
        ("drift.val", 1, 2, (None, False)),
        ("all.rank", 1, 2, (False, False)),
        ("some.rank", 1, 2, (None, False)),
        # Decimal numbers: the difference is exactly the tolerance.
        ("fixed.x", 0.90, 0.89, (False, True)),
        ("fixed.x", 1000.3, 1000.29, (False, True)),
        ("fixed.x", 0.90, 0.8899999, (False, False)),
        ("exact.x", 0.3, 0.1 + 0.1 + 0.1 - 1e-16, (False, False)),
        ("accuracy", 0.9, 0.8991, (False, True)),
        ("accuracy", 0.9, 0.89909, (False, False)),
        ("accuracy", float("nan"), 0.5, (None, False)),
        ("accuracy", "a", 0.5, (None, False)),
    ],
)
def test_which_way_is_better(key: str, old: object, new: object, expected: object) -> None:
    assert assess("metrics.json", key, old, new, POLICY) == expected


UP, DOWN = "higher", "lower"


@pytest.mark.parametrize(
    ("key", "way"),
    [
        *((word, UP) for word in sorted(HIGHER)),
        *((word, DOWN) for word in sorted(LOWER)),
        ("test.map", UP),
        ("map.test", UP),
        ("map.test.x", None),
        ("ValAUROC", UP),
        ("val_auc", UP),
        ("log_loss", DOWN),
        ("cross_entropy", DOWN),
        ("crossentropy", DOWN),
        ("entropy", None),
        ("log", None),
        ("precision_loss", None),
        ("score_error", None),
        ("accuracy.loss", DOWN),
        ("loss.accuracy", UP),
        ("mapping", None),
    ],
)
def test_the_words_of_a_key_tell_the_direction(key: str, way: str | None) -> None:
    assert direction("metrics.json", key, Policy()) == (way, None)


def test_each_direction_has_its_usual_words() -> None:
    for word in ("accuracy", "auc", "f1", "score", "map", "iou", "bleu", "hits", "recall"):
        assert word in HIGHER
    for word in ("loss", "error", "rmse", "mape", "perplexity", "wer", "deviance"):
        assert word in LOWER


ENTRIES = Policy(
    metrics=(
        MetricPolicy("churn.*", "higher", 0.1, relative=True),
        MetricPolicy("m.json:cost", "lower", 2.0),
        MetricPolicy("last", "lower"),
        MetricPolicy("accuracy", None, 0.5),
        MetricPolicy("*", "higher"),
    )
)


@pytest.mark.parametrize(
    ("file", "key", "way", "entry"),
    [
        ("m.json", "churn.x", UP, 0),
        ("m.json", "cost", DOWN, 1),
        ("n.json", "cost", UP, 4),
        ("n.json", "deep.last", DOWN, 2),
        ("n.json", "accuracy", UP, 3),
        ("n.json", "loss", UP, 4),
    ],
)
def test_the_first_entry_that_matches_decides(file: str, key: str, way: str, entry: int) -> None:
    assert direction(file, key, ENTRIES) == (way, ENTRIES.metrics[entry])
