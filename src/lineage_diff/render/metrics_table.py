"""Changed metrics, ordered by how much they got worse."""

import math
from typing import Any

from lineage_diff.report.change import ModelMetric, ValueChange
from lineage_diff.report.report import Report
from lineage_diff.report.value_text import is_number

# No longer a number, worse, gone, tolerated, unrated, better.
_RANKS = {
    "no-number": 0,
    "worse": 1,
    "missing": 2,
    "tolerated": 3,
    None: 4,
    "unknown": 4,
    "better": 5,
}


def metric_rows(report: Report) -> list[tuple[str, str, ValueChange]]:
    """List the changed metrics as (file, key, change), the most worsened first."""
    notes = {(note.file, note.key): note.note for note in report.metric_notes}
    return sorted(
        ((file, key, change) for file in report.metrics for key, change in _items(report, file)),
        key=lambda row: (
            _RANKS[notes.get((row[0], row[1]))],
            -_share(row[2]["old"], row[2]["new"]),
            row[0],
            row[1],
        ),
    )


def worst_first(metrics: tuple[ModelMetric, ...]) -> list[ModelMetric]:
    """Order a model's metrics, the most worsened first."""
    return sorted(
        metrics,
        key=lambda metric: (
            _RANKS[note_of(metric)],
            -_share(metric.old, metric.new),
            metric.file,
            metric.key,
        ),
    )


def _items(report: Report, file: str) -> list[tuple[str, ValueChange]]:
    return list(report.metrics[file].items())


def note_of(metric: ModelMetric) -> str | None:
    """Return the note on a model's metric; `None` if the change cannot be rated."""
    if metric.better is False and not is_number(metric.new):
        return "no-number"
    if metric.new is None:
        return "missing"
    if metric.better is None:
        return None
    if metric.tolerated:
        return "tolerated"
    return "better" if metric.better else "worse"


def _share(old: Any, new: Any) -> float:
    """Return the relative change of a number; 0.0 if one of the values is not a number."""
    if not is_number(old) or not is_number(new):
        return 0.0
    try:
        return abs(float(new) - float(old)) / abs(float(old)) if old else math.inf
    except OverflowError:
        return math.inf
