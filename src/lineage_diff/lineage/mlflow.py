"""Runs and registered versions of an MLflow tracking server, and the tags that name a commit."""

from collections.abc import Mapping

from msgspec import Struct, field


class MlflowModelVersion(Struct, frozen=True):
    """A version of a registered model. `version` is MLflow's number, as text.

    `stage` is one of MLflow's fixed stages (`Staging`, `Production`, `Archived`), `None` for
    its `None`. `source` is MLflow's address of the artifacts, without credentials.
    """

    name: str
    version: str
    stage: str | None = None
    aliases: tuple[str, ...] = ()
    run_id: str | None = None
    source: str | None = None


class MlflowDataset(Struct, frozen=True, order=True):
    """A dataset that a run logged as its input (`mlflow.log_input`).

    `digest` is MLflow's own, not DVC's hash. `source` is its address, without credentials, else
    the type of source. `context` is its use, such as `training`, empty if none was logged.
    """

    name: str
    digest: str
    source: str
    context: str


class MlflowRun(Struct, frozen=True):
    """A run, with the latest value of each metric.

    `commit` is the value of the first tag or param in `COMMIT_NAMES` order that the run has, so it
    may be abbreviated; `None` if it has none. `started` is in milliseconds since 1970. `link` is
    the URL of the run's page, without credentials. `datasets` are its logged inputs, and
    `logged_models` the ids of the models that it made in MLflow 3. `tags` are those that begin with
    `OURS`.
    """

    run_id: str
    experiment_id: str
    experiment: str | None = None
    name: str | None = None
    status: str | None = None
    started: int | None = None
    commit: str | None = None
    metrics: Mapping[str, float] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    versions: tuple[MlflowModelVersion, ...] = ()
    datasets: tuple[MlflowDataset, ...] = ()
    logged_models: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


class MlflowAnswer(Struct, frozen=True):
    """The server's answer; all mappings sorted, their runs by start and id.

    `runs` are by full commit id, without commits that have no run; `versions` by the requested
    reference (`models:/churn/3`), without references unknown to the server; `origins` is the run
    that made each version. If a reference is unknown, `names` lists the registered models, and
    `references` those that its model has: by aliases, stages and the latest versions.
    `unavailable` is the reason, a sentence without its full stop, why the rest of the answer is
    missing: absent items are then unknown, not nonexistent.
    """

    runs: Mapping[str, tuple[MlflowRun, ...]] = field(default_factory=dict)
    versions: Mapping[str, MlflowModelVersion] = field(default_factory=dict)
    origins: Mapping[str, MlflowRun] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    unavailable: str | None = None


class MlflowUsed(Struct, frozen=True):
    """A version of a registered model that has aliases or is in a stage: its `stages`.

    `commit` is that of its run, maybe abbreviated, and `model` the path that `lineage-diff mlflow
    tag` wrote onto the run; `None` if unknown. `before_run` is whether the commit is only the one
    that was checked out when the run began. `metrics` are the latest values of the run.
    """

    name: str
    version: str
    stages: tuple[str, ...]
    commit: str | None = None
    model: str | None = None
    before_run: bool = False
    metrics: Mapping[str, float] = field(default_factory=dict)


class MlflowUse(Struct, frozen=True):
    """The versions in use; `unavailable` is the reason if others may be missing."""

    versions: tuple[MlflowUsed, ...] = ()
    unavailable: str | None = None


CHECKED_OUT = "mlflow.source.git.commit"
"""The tag of MLflow's own with the commit that was checked out when a run began."""

COMMIT_NAMES = ("dvc_commit", CHECKED_OUT)
"""Tags and params that name a run's commit; the first one that a run has counts.

Teams that use DVC log the first; MLflow logs the second for a script in a Git work tree."""

OURS = "lineage_diff."
"""Prefix of the tags that `lineage-diff mlflow tag` writes."""
