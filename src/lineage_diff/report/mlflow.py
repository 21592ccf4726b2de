"""MLflow runs that name a commit, and differences between their metrics and Git's."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

from lineage_diff.report.change import Unknown


class MetricDisagreement(Struct, frozen=True):
    """A metric whose value in the commit's metrics file differs from the one in MLflow."""

    run_id: str
    file: str
    key: str
    git: float
    mlflow: float


class LoggedDataset(Struct, frozen=True):
    """A dataset that a run logged as its input. `digest` is MLflow's own, not DVC's hash.

    `source` is its address, without credentials, else the type of source. `context` is its use,
    such as `training`; empty if none was logged.
    """

    name: str
    digest: str
    source: str
    context: str


class LinkedRun(Struct, frozen=True):
    """A run that names a commit, here by its full id. `link` is the URL of the run's page.

    `registered` are the versions of registered models that it made, as MLflow names them:
    `churn/3`, `churn@champion`, `churn/Production`. `logged_models` are the ids (`m-…`) of the
    models that it made in MLflow 3.
    """

    run_id: str
    commit: str
    name: str | None
    status: str | None
    link: str
    registered: tuple[str, ...] = ()
    logged_models: tuple[str, ...] = ()
    datasets: tuple[LoggedDataset, ...] = ()


def runs_by_commit(runs: Iterable[LinkedRun]) -> Mapping[str, list[LinkedRun]]:
    """Return the runs by the id of their commit, in order."""
    found: dict[str, list[LinkedRun]] = {}
    for run in runs:
        found.setdefault(run.commit, []).append(run)
    return found


class LinkedRuns(Struct, frozen=True):
    """Runs, in the order of the commits and then of their start, with what is unknown and why."""

    runs: tuple[LinkedRun, ...] = ()
    disagreements: tuple[MetricDisagreement, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


NO_RUNS = LinkedRuns()
