"""Where MLflow's metrics of runs disagree with those that Git holds at the runs' commits.

A metric is the same on both sides when its key is: `train.auc` of a metrics file is MLflow's
`train.auc` or `train/auc` (a dot in an MLflow key often is a slash, its way to group them). Two
numbers agree within a share of 1e-6 of the larger, or 1e-9: beyond that, JSON and databases write
the same float in other ways.
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
    """Return the numbers in Git that runs have the metric of, and none of them the value.

    Many runs may name a commit, and only one of them was committed: it is enough that one agrees.
    Where several files have a key, as those of several pipelines do, a run's value may be that of
    any of them. Told is the last such run. Sorted by file and key.
    """
    known: defaultdict[str, list[MetricNumber]] = defaultdict(list)
    for number in numbers:
        known[_name(number[1])].append(number)
    logged: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for run in runs:
        for key, value in run.metrics.items():
            logged[_name(key)].append((run.run_id, value))
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


def _name(key: str) -> str:
    return key.replace("/", ".")


def _agree(one: float, two: float) -> bool:
    try:
        if math.isnan(one) or math.isnan(two):
            return math.isnan(one) and math.isnan(two)
        return math.isclose(one, two, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    except OverflowError:
        # An integer beyond all floats.
        return False
