"""What an MLflow tracking server knows: runs, registered versions, and how they name a commit.

The tags and params of MLflow's runs that name a commit, and those that we write.
"""

from collections.abc import Mapping

from msgspec import Struct, field


class MlflowModelVersion(Struct, frozen=True):
    """A version of a registered model. `version` is MLflow's number, as it writes it.

    `stage` is the one of MLflow's fixed stages (`Staging`, `Production`, `Archived`), `None` for
    its `None`. `source` is where the artifacts are, as MLflow knows it, without any credentials.
    """

    name: str
    version: str
    stage: str | None = None
    aliases: tuple[str, ...] = ()
    run_id: str | None = None
    source: str | None = None


class MlflowRun(Struct, frozen=True):
    """A run, with the latest value of each metric.

    `commit` is what the run says by the first of the names for it, so it may be abbreviated;
    `None` when it says nothing. `started` is in milliseconds since 1970. `link` leads to the run's
    page and holds no credentials. `tags` are those that begin with `mlflow_names.OURS`.
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
    tags: Mapping[str, str] = field(default_factory=dict)
    link: str = ""


class MlflowAnswer(Struct, frozen=True):
    """What the server answered; all mappings sorted, their runs by start and id.

    `runs` are by the full ids of the commits asked, without those that have none; `versions` by
    the references asked (`models:/churn/3`), without those that the server does not know, and
    `origins` the run that made each. Where a reference is not known, `names` are those of the
    registered models. `unavailable` says, in a sentence without its full stop, why the rest of
    the answer is missing: then what is absent is unknown, not nothing.
    """

    runs: Mapping[str, tuple[MlflowRun, ...]] = field(default_factory=dict)
    versions: Mapping[str, MlflowModelVersion] = field(default_factory=dict)
    origins: Mapping[str, MlflowRun] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    unavailable: str | None = None


COMMIT_NAMES = ("dvc_commit", "mlflow.source.git.commit")
"""Tags and params that name a run's commit, the first that a run has counts: what teams that use
DVC log by themselves, and what MLflow logs when a script is run from a Git work tree."""

OURS = "lineage_diff."
"""What the names of the tags that `lineage-diff mlflow tag` writes begin with."""
