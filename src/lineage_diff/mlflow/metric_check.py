"""Find disagreements between the metrics of MLflow runs and those in Git at the runs' commits.

Metrics are matched by key: `train.auc` of a metrics file is MLflow's `train.auc` or `train/auc`
(MLflow groups metrics by slashes). Two numbers agree within a share of 1e-6 of the larger, or
1e-9: JSON and databases may write the same float in ways that differ by less.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lineage_diff.lineage.values import ValuesFile, values_by_key
from lineage_diff.report.mlflow import MetricDisagreement

if TYPE_CHECKING:
    from lineage_diff.lineage.mlflow import MlflowRun


RELATIVE = 1e-6
ABSOLUTE = 1e-9

MetricNumber = tuple[str, str, float]
"""A file, a key in it, and its number."""


def metric_numbers(metrics: Mapping[str, ValuesFile]) -> Iterable[MetricNumber]:
    """Yield the numbers of metrics files, by file and key."""
    for path in sorted(metrics):
        for key, number in values_by_key(metrics[path]).items():
            if key and isinstance(number, int | float) and not isinstance(number, bool):
                yield path, key, number


def metric_disagreements(
    runs: "Sequence[MlflowRun]", numbers: Iterable[MetricNumber]
) -> tuple[MetricDisagreement, ...]:
    """Return the numbers in Git whose metric runs have, but with other values.

    Several runs may have the same commit, and only one of them was committed: one agreeing run is
    enough. If several files have a key, as in several pipelines, a run's value may belong to any
    of them. The last such run is reported. Sorted by file and key.
    """
    known: defaultdict[str, list[MetricNumber]] = defaultdict(list)
    for number in numbers:
        known[metric_name(number[1])].append(number)
    logged: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for run in runs:
        for key, value in run.metrics.items():
            logged[metric_name(key)].append((run.run_id, value))
    found = [
        MetricDisagreement(run_id, path, key, held, value)
        for name in known.keys() & logged.keys()
        for run_id, value in _of_no_file(logged[name], known[name])[-1:]
        for path, key, held in known[name]
        if not any(_agree(held, other) for _, other in logged[name])
    ]
    return tuple(sorted(found, key=lambda item: (item.file, item.key)))


def _of_no_file(
    logged: Iterable[tuple[str, float]], known: Sequence[MetricNumber]
) -> list[tuple[str, float]]:
    return [item for item in logged if not any(_agree(held, item[1]) for _, _, held in known)]


def metric_name(key: str) -> str:
    """Return a metric's key in one form: MLflow groups by slashes, metrics files by dots."""
    return key.replace("/", ".")


def _agree(one: float, two: float) -> bool:
    try:
        if math.isnan(one) or math.isnan(two):
            return math.isnan(one) and math.isnan(two)
        return math.isclose(one, two, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    except OverflowError:
        # An integer beyond the range of floats.
        return False
