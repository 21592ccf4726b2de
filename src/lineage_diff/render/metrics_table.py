"""Changed metrics in the order of what got worse most."""

import math
from typing import Any

from lineage_diff.render.humanize import is_number
from lineage_diff.report.change import ModelMetric, ValueChange
from lineage_diff.report.report import Report

# Worse, gone, worse as tolerated, neither better nor worse as far as anybody can tell, better.
_RANKS = {"worse": 0, "missing": 1, "tolerated": 2, None: 3, "unknown": 3, "better": 4}


def metric_rows(report: Report) -> list[tuple[str, str, ValueChange]]:
    """List the changed metrics as (file, key, change): what got worse most stands first."""
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
    """Order a model's metrics in the same way."""
    return sorted(
        metrics,
        key=lambda metric: (
            _RANKS[_note(metric)],
            -_share(metric.old, metric.new),
            metric.file,
            metric.key,
        ),
    )


def _items(report: Report, file: str) -> list[tuple[str, ValueChange]]:
    return list(report.metrics[file].items())


def _note(metric: ModelMetric) -> str | None:
    if metric.new is None:
        return "missing"
    if metric.better is None:
        return None
    if metric.tolerated:
        return "tolerated"
    return "better" if metric.better else "worse"


def _share(old: Any, new: Any) -> float:
    """Return by how much of itself a number changed; 0 for what is no number."""
    if not is_number(old) or not is_number(new):
        return 0.0
    try:
        return abs(float(new) - float(old)) / abs(float(old)) if old else math.inf
    except OverflowError:
        return math.inf
