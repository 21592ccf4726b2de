"""The answers to the questions of an audit: plain data, in the shape that the report publishes."""

from typing import Any, Literal

from msgspec import Struct

from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.models import IdentifiedBy
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.report.change import Side
from lineage_diff.report.reasons import Cause, Freshness, Reason

InputKind = Literal["data", "import", "code", "environment"]


class RunStep(Struct, frozen=True):
    """A run behind a model. `made` is the first commit with what it wrote; unknown is `None`.

    `deps` and `outs` are the paths that it recorded.
    """

    stage: str
    command: Any
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    made: CommitInfo | None


class Input(Struct, frozen=True):
    """A source of a model. `since` is the first commit in a row with this value, as its user
    recorded it; `None` where the history was cut before. `source` and `rev` say where an import
    came from; `via` are the stages from its user down to the model's.
    """

    kind: InputKind
    path: str
    version: Side
    since: CommitInfo | None
    source: str | None = None
    rev: str | None = None
    via: tuple[str, ...] = ()


class ParamUsed(Struct, frozen=True):
    """A param that a run behind the model took, by `file:key`."""

    key: str
    value: Any
    stage: str
    since: CommitInfo | None


class MetricValue(Struct, frozen=True):
    """A metric that measures a model."""

    file: str
    key: str
    value: Any


class Trace(Struct, frozen=True):
    """Where one version of a model came from: the runs, the nearest first, and their inputs.

    `commit` is the one that was asked about. `made` is the commit that brought this version;
    `None` where the history was cut before, or no run is recorded. `freshness` is how its stage
    stands at `commit`, with the `reasons`, and `freshness_then` how it stood at `made`: `None`
    where that was not looked at.
    """

    path: str
    name: str | None
    commit: str
    stage: str | None
    identified_by: IdentifiedBy | None
    version: Side
    made: CommitInfo | None
    freshness: Freshness
    freshness_then: Freshness | None = None
    reasons: tuple[Reason, ...] = ()
    runs: tuple[RunStep, ...] = ()
    inputs: tuple[Input, ...] = ()
    params: tuple[ParamUsed, ...] = ()
    metrics: tuple[MetricValue, ...] = ()
    registered: tuple[RegistryVersion, ...] = ()


class HistoryStep(Struct, frozen=True):
    """One version of a path, and how it came from the one before it. `path` is what it was then.

    `commit` is `None` where the history was cut before the version was made; `old_value` and
    `value` are a metric's. `beside` says that it is of another line of commits than the first
    parents: a branch, merged or not.
    """

    commit: CommitInfo | None
    path: str
    change: Literal["added", "retrained", "moved", "removed", "changed"]
    stage: str | None
    old: Side
    new: Side
    causes: tuple[Cause, ...] = ()
    metrics: tuple[MetricValue, ...] = ()
    registered: tuple[RegistryVersion, ...] = ()
    old_value: Any = None
    value: Any = None
    beside: bool = False


class History(Struct, frozen=True):
    """The versions of a model, or the values of a metric (`key`), the newest first."""

    path: str
    key: str | None
    steps: tuple[HistoryStep, ...]


class MadeFrom(Struct, frozen=True):
    """A version of a model that was made from what was asked.

    `first` is the commit that brought it, `last` the one that replaced it; no `last` means that it
    is the present one.
    """

    version: Side
    first: CommitInfo | None
    last: CommitInfo | None
    via: tuple[str, ...]
    registered: tuple[RegistryVersion, ...] = ()


class ImpactedModel(Struct, frozen=True):
    """A model with versions made from what was asked, the newest first.

    `clean_since` is the commit since when the present version is not; `None` while it is.
    """

    path: str
    name: str | None
    versions: tuple[MadeFrom, ...]
    clean_since: CommitInfo | None = None

    @property
    def is_current(self) -> bool:
        """Whether the present version was made from it."""
        return any(version.last is None for version in self.versions)


class Impact(Struct, frozen=True):
    """Which models were made from a path, or from a version of it by its hashes."""

    subject: str
    path: str | None
    hashes: tuple[str, ...]
    models: tuple[ImpactedModel, ...]


class Retrained(Struct, frozen=True):
    """Whether a model was made again after a commit changed a path: the answer, and since when."""

    path: str
    name: str | None
    answer: Literal["yes", "not yet", "not affected", "unknown"]
    commit: CommitInfo | None = None


class Fix(Struct, frozen=True):
    """Which models were made again after a commit changed what is at a path.

    Where it surely did not change it, `untouched` is true, and `changed_by` are the newest commits
    that did.
    """

    path: str
    since: CommitInfo
    models: tuple[Retrained, ...]
    untouched: bool = False
    changed_by: tuple[CommitInfo, ...] = ()
