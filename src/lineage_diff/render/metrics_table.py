"""Changed metrics, ordered by how much they got worse, and the notes on metrics."""

import math
from collections.abc import Mapping
from typing import Any

from lineage_diff.report.change import MetricNoise, MetricNote, ModelMetric, ValueChange
from lineage_diff.report.report import Report
from lineage_diff.report.value_text import is_number

# The file and key of a metric; the key is `None` for all of the file.
MetricName = tuple[str, str | None]

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
    notes = notes_by_metric(report)
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


def notes_by_metric(report: Report) -> Mapping[MetricName, str]:
    """Return the note of each metric that has one."""
    return {(note.file, note.key): note.note for note in report.metric_notes}


def noise_by_metric(report: Report) -> Mapping[MetricName, MetricNoise]:
    """Return the noise of the metrics that got worse."""
    return {
        (note.file, note.key): note.noise for note in report.metric_notes if note.noise is not None
    }


def open_notes(report: Report) -> tuple[MetricNote, ...]:
    """Return the notes on metrics that are in no list of changes: missing or unknown."""
    return tuple(
        note
        for note in report.metric_notes
        if note.note in ("missing", "unknown") and note.key not in report.metrics.get(note.file, {})
    )


def _share(old: Any, new: Any) -> float:
    """Return the relative change of a number; 0.0 if one of the values is not a number."""
    if not is_number(old) or not is_number(new):
        return 0.0
    try:
        return abs(float(new) - float(old)) / abs(float(old)) if old else math.inf
    except OverflowError:
        return math.inf
