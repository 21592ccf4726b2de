"""Find the MLflow runs of a change, and of the answers about the history."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lineage_diff.mlflow.linked_runs import linked_runs
from lineage_diff.mlflow.metric_check import MetricNumber, metric_numbers
from lineage_diff.report.mlflow import NO_RUNS, LinkedRuns

if TYPE_CHECKING:
    from lineage_diff.lineage.lineage import Lineage
    from lineage_diff.report.answers import History, Trace


def has_mlflow() -> bool:
    """Whether an MLflow server is configured."""
    return bool(os.environ.get("MLFLOW_TRACKING_URI", "").strip())


def runs_of_change(commits: Sequence[str], head: "Lineage", names: Sequence[str]) -> LinkedRuns:
    """Find the runs of a change's commits, newest first, and compare their metrics with the head.

    `names` are the tags and params with the commit of a run. Empty without a server.
    """
    return _link_runs(commits, {tuple(commits): metric_numbers(head.metrics)}, names)


def runs_of_answers(
    traces: "Iterable[Trace]",
    histories: "Iterable[History]",
    names: Sequence[str],
) -> LinkedRuns:
    """Ask for the runs of the commits that made the versions of models."""
    numbers: dict[tuple[str, ...], list[MetricNumber]] = {}
    commits = [trace.made.id for trace in traces if trace.made is not None]
    for step in (step for history in histories for step in history.steps):
        if step.commit is not None:
            commits.append(step.commit.id)
            held = numbers.setdefault((step.commit.id,), [])
            held += ((item.file, item.key, item.value) for item in step.metrics)
    return _link_runs(list(dict.fromkeys(commits)), numbers, names)


def _link_runs(
    commits: Sequence[str],
    numbers: Mapping[tuple[str, ...], Iterable[MetricNumber]],
    names: Sequence[str],
) -> LinkedRuns:
    if not commits or not has_mlflow():
        return NO_RUNS
    from lineage_diff.mlflow.lookup import ask_mlflow

    answer = ask_mlflow(commits, names=names)
    return NO_RUNS if answer is None else linked_runs(answer, commits, numbers)
