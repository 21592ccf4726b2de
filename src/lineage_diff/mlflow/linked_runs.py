"""Build the report's list of MLflow runs linked with commits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lineage_diff.mlflow.metric_check import MetricNumber, metric_disagreements
from lineage_diff.report.change import Unknown
from lineage_diff.report.mlflow import LinkedRun, LinkedRuns, LoggedDataset

if TYPE_CHECKING:
    from lineage_diff.lineage.mlflow import MlflowAnswer, MlflowModelVersion, MlflowRun


def linked_runs(
    answer: "MlflowAnswer",
    asked: Sequence[str],
    numbers: Mapping[tuple[str, ...], Iterable[MetricNumber]],
) -> LinkedRuns:
    """Return the runs of the `asked` commits, and their disagreements with metrics in Git.

    `numbers` are metrics in Git by their commits; the runs of these commits are compared together.
    """
    runs = tuple(
        LinkedRun(
            run.run_id,
            commit,
            run.name,
            run.status,
            run.link,
            tuple(name for version in run.versions for name in _names(version)),
            run.logged_models,
            tuple(
                LoggedDataset(item.name, item.digest, item.source, item.context)
                for item in run.datasets
            ),
        )
        for commit in asked
        for run in answer.runs.get(commit, ())
    )
    disagreements = tuple(
        item
        for commits, held in numbers.items()
        for item in metric_disagreements(_by_start(answer, commits), held)
    )
    missing = () if answer.unavailable is None else (Unknown("MLflow", answer.unavailable),)
    return LinkedRuns(runs, tuple(dict.fromkeys(disagreements)), missing)


def _by_start(answer: "MlflowAnswer", commits: Iterable[str]) -> "list[MlflowRun]":
    runs = (run for commit in commits for run in answer.runs.get(commit, ()))
    return sorted(runs, key=lambda run: (run.started or 0, run.run_id))


def _names(version: "MlflowModelVersion") -> Iterable[str]:
    yield f"{version.name}/{version.version}"
    yield from (f"{version.name}@{alias}" for alias in version.aliases)
    if version.stage is not None:
        yield f"{version.name}/{version.stage}"
