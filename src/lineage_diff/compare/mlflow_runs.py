"""The MLflow runs of some commits, as a report tells them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage_diff.compare.mlflow_metrics import (
    MetricDisagreement,
    MetricNumber,
    metric_disagreements,
)
from lineage_diff.compare.unknown import Unknown

if TYPE_CHECKING:
    from lineage_diff.lineage.mlflow import MlflowAnswer, MlflowModelVersion, MlflowRun


@dataclass(frozen=True, slots=True)
class LinkedRun:
    """A run that names a commit, given by its full id. `link` leads to the run's page.

    `registered` are the versions of registered models that it made, as MLflow names them:
    `churn/3`, `churn@champion`, `churn/Production`.
    """

    run_id: str
    commit: str
    name: str | None
    status: str | None
    link: str
    registered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkedRuns:
    """Runs, in the order of the commits and then of their start; what is not known, and why."""

    runs: tuple[LinkedRun, ...] = ()
    disagreements: tuple[MetricDisagreement, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


NO_RUNS = LinkedRuns()


def linked_runs(
    answer: "MlflowAnswer",
    asked: Sequence[str],
    numbers: Mapping[tuple[str, ...], Iterable[MetricNumber]],
) -> LinkedRuns:
    """Return what a server knows of the commits that it was asked for.

    `numbers` are metrics in Git by the commits that they hold for, whose runs are looked at
    together.
    """
    runs = tuple(
        LinkedRun(
            run.run_id,
            commit,
            run.name,
            run.status,
            run.link,
            tuple(name for version in run.versions for name in _names(version)),
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
