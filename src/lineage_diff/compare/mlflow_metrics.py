"""Where MLflow's metrics of a run disagree with those that Git holds at the run's commit.

A metric is the same on both sides when its key is: `train.auc` of a metrics file is MLflow's
`train.auc` or `train/auc` (a dot in an MLflow key often is a slash, its way to group them). Two
numbers agree within a share of 1e-6 of the larger, or 1e-9: beyond that, JSON and databases write
the same float in other ways.
"""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from lineage_diff.compare.values import diff_values
from lineage_diff.lineage.mlflow import MlflowRun
from lineage_diff.lineage.values import ValuesFile

RELATIVE = 1e-6
ABSOLUTE = 1e-9


@dataclass(frozen=True, slots=True)
class MetricDisagreement:
    """A metric that has one value in a metrics file of the commit, and another in MLflow."""

    run_id: str
    file: str
    key: str
    git: float
    mlflow: float


def metric_disagreements(
    runs: Iterable[MlflowRun],
    metrics: Mapping[str, ValuesFile],
    files: Collection[str] | None = None,
) -> tuple[MetricDisagreement, ...]:
    """Compare runs of one commit with its metrics files, or with those of `files` only.

    Where several files have a key, as those of several pipelines do, a run's value may be that of
    any of them: it disagrees when it is in none. Sorted by run, file and key.
    """
    looked_at = {path: file for path, file in metrics.items() if files is None or path in files}
    values: defaultdict[str, list[tuple[str, str, float]]] = defaultdict(list)
    for path, keys in diff_values({}, looked_at).items():
        for key, change in keys.items():
            number = change["new"]
            if key and isinstance(number, int | float) and not isinstance(number, bool):
                values[_name(key)].append((path, key, number))
    found = [
        MetricDisagreement(run.run_id, path, key, number, run.metrics[name])
        for run in runs
        for name in run.metrics
        if not any(_agree(held, run.metrics[name]) for _, _, held in values.get(_name(name), ()))
        for path, key, number in values.get(_name(name), ())
    ]
    return tuple(sorted(found, key=lambda item: (item.run_id, item.file, item.key)))


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
