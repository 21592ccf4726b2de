"""The order of changed metrics, and how much they changed in percent."""

from typing import Any

import pytest

from lineage_diff.render.humanize import share
from lineage_diff.render.markdown import markdown
from lineage_diff.render.metrics_table import metric_rows, worst_first
from lineage_diff.report.change import MetricAttribution, MetricNote, ModelMetric
from lineage_diff.report.reasons import Cause
from tests.support.reports import empty


def test_what_got_worse_most_stands_first() -> None:
    values: dict[str, tuple[Any, Any, Any]] = {
        "slightly": (0.9, 0.89, "worse"),
        "gone": (0.9, None, "missing"),
        "much": (0.5, 0.2, "worse"),
        "tolerated": (0.9, 0.1, "tolerated"),
        "nobody-knows": (10, 20, None),
        "better": (1, 100, "better"),
    }
    report = empty(
        metrics={
            "m.json": {key: {"old": old, "new": new} for key, (old, new, _) in values.items()}
        },
        metric_notes=tuple(
            MetricNote("m.json", k, note) for k, (_, _, note) in values.items() if note
        ),
    )
    order = ["much", "slightly", "gone", "tolerated", "nobody-knows", "better"]
    assert [key for _, key, _ in metric_rows(report)] == order
    rows = tuple(
        ModelMetric(
            "m.json",
            key,
            old,
            new,
            better={"worse": False, "tolerated": False, "better": True}.get(note),
            tolerated=note == "tolerated",
        )
        for key, (old, new, note) in sorted(values.items())
    )
    assert [row.key for row in worst_first(rows)] == order


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (0.912, 0.897, "−1.6 %"),
        (0.941, 0.943, "+0.21 %"),
        (10, 20, "+100 %"),
        (1, 13, "+1,200 %"),
        (1.0, 0.0001, "−99.99 %"),
        (1.0, 0.0, "−100 %"),
        (-2.0, -1.0, "+50 %"),
        (0, 1, ""),
        (-1, 1, ""),
        (1, 1, ""),
        (None, 1, ""),
        ("a", "b", ""),
        (True, False, ""),
        (1e300, 1e-300, "−100 %"),
        (1e-300, 1e300, ""),
        (float("nan"), 1.0, ""),
        (5, 5.0000000001, ""),
    ],
)
def test_percent(old: object, new: object, expected: str) -> None:
    assert share(old, new) == expected


DATA = Cause("data", "raw.csv", "modified", size_old=10, size_new=20)
MODELS = ("a.pkl", "b.pkl", "c.pkl")
STAGE = "dvc.yaml:evaluate"
TRAIN = "dvc.yaml:train"


@pytest.mark.parametrize(
    ("move", "told"),
    [
        (
            MetricAttribution("m.json", STAGE, ("a.pkl",), "caused", (DATA,), inputs=3, known=3),
            "`m.json` measures `a.pkl`; changed by `raw.csv` 10 → 20 B",
        ),
        (
            MetricAttribution("m.json", STAGE, MODELS, "caused", (DATA,) * 5, 2, inputs=3, known=2),
            "`m.json` measures `a.pkl`, `b.pkl` and 1 more; changed by "
            + "`raw.csv` 10 → 20 B · " * 4
            + "and 3 more (2 of 3 inputs known)",
        ),
        (
            MetricAttribution(
                "m.json", STAGE, (), "unexplained", inputs=2, known=2, roots=(TRAIN,)
            ),
            "`m.json`: **changed without a cause in the lineage**: `train` ran on the same "
            "inputs with a different result",
        ),
        (
            MetricAttribution("m.json", None, (), "unknown", reason="no-stage"),
            "`m.json`: cause not known: no stage writes the file",
        ),
        (
            MetricAttribution(
                "m.json", STAGE, (), "unknown", inputs=4, known=1, reason="not-locked"
            ),
            "`m.json`: cause not known: the lock files do not record the inputs of its "
            "stage (1 of 4 inputs known)",
        ),
    ],
)
def test_what_moved_a_metric_in_words(move: MetricAttribution, told: str) -> None:
    values = {"m.json": {"accuracy": {"old": 0.9, "new": 0.8, "diff": -0.1}}}
    text = markdown(empty(metrics=values, metric_causes=(move,)))
    assert f"- {told}" in text.splitlines()
