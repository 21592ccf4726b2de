"""The answers of an audit: plain data, in the published shape of the report."""

from typing import Any, Literal

from msgspec import Struct

from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.lineage import IdentifiedBy
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.report.change import Side
from lineage_diff.report.reasons import Cause, Freshness, Reason

InputKind = Literal["data", "import", "code", "environment"]


class RecordedFile(Struct, frozen=True):
    """A dep or out of a run, with the version that the run recorded."""

    path: str
    version: Side


class RunStep(Struct, frozen=True):
    """An upstream run of a model. `deps` and `outs` are sorted by path.

    `made` is the first commit that records this run with this version of the out by which it is
    traced, `None` if unknown. A run on other inputs that makes the same is another one.
    """

    stage: str
    command: Any
    deps: tuple[RecordedFile, ...]
    outs: tuple[RecordedFile, ...]
    made: CommitInfo | None


class Input(Struct, frozen=True):
    """A source of a model.

    `since` is the commit from which on the stage that uses it has recorded this version without a
    break; `None` if the history is truncated before. `source` and `rev` are those of an import;
    `via` are the stages from the one that uses it down to the model's.
    """

    kind: InputKind
    path: str
    version: Side
    since: CommitInfo | None
    source: str | None = None
    rev: str | None = None
    via: tuple[str, ...] = ()


class ParamUsed(Struct, frozen=True):
    """A param that an upstream run of the model used, by `file:key`."""

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
    """The provenance of one version of a model: its runs, nearest first, and their inputs.

    `commit` is the requested one. `made` is the commit that introduced this version; `None` if the
    history is truncated before, or no run is recorded. `freshness` is that of its stage at
    `commit`, with the `reasons`; `freshness_then` is that at `made`, `None` if it was not checked.
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
    """One version of a path, and its change from the previous one. `path` is the one at that time.

    `commit` is `None` if the history is truncated before the version; `old_value` and `value` are
    a metric's. `beside` is true if the commit is not on the path of first parents but on another
    branch, merged or not.
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
    """A version of a model that was made from the requested path or version.

    `first` is the commit that introduced it, `last` the one that replaced it; the current version
    has no `last`.
    """

    version: Side
    first: CommitInfo | None
    last: CommitInfo | None
    via: tuple[str, ...]
    registered: tuple[RegistryVersion, ...] = ()


class ImpactedModel(Struct, frozen=True):
    """A model with versions made from the requested path or version, newest first.

    `clean_since` is the commit from which on the model is no longer made from it; `None` while the
    current version is.
    """

    path: str
    name: str | None
    versions: tuple[MadeFrom, ...]
    clean_since: CommitInfo | None = None

    @property
    def is_current(self) -> bool:
        """Whether the current version was made from it."""
        return any(version.last is None for version in self.versions)


class RenamedPath(Struct, frozen=True):
    """A path that a commit gave another name."""

    old: str
    new: str
    commit: CommitInfo


class Impact(Struct, frozen=True):
    """The models made from a path under all its names, or from a version of it by its hashes.

    `renames` are those of the path, oldest first, without the `omitted_renames` oldest ones.
    """

    subject: str
    path: str | None
    hashes: tuple[str, ...]
    models: tuple[ImpactedModel, ...]
    renames: tuple[RenamedPath, ...] = ()
    omitted_renames: int = 0


class Retrained(Struct, frozen=True):
    """Whether a model was retrained after a commit changed a path, and in which commit."""

    path: str
    name: str | None
    answer: Literal["yes", "not-yet", "not-affected", "unknown"]
    commit: CommitInfo | None = None


class Fix(Struct, frozen=True):
    """The models of a path, and whether each was retrained after a commit changed the path.

    `untouched` is true if the commit surely did not change it; `changed_by` are then the newest
    commits that did. `renames` are as in `Impact`.
    """

    path: str
    since: CommitInfo
    models: tuple[Retrained, ...]
    untouched: bool = False
    changed_by: tuple[CommitInfo, ...] = ()
    renames: tuple[RenamedPath, ...] = ()
    omitted_renames: int = 0


class RemakeObstacle(Struct, frozen=True):
    """A reason why a version cannot be made again, or why this is unknown.

    `not-pushed`, `not-asked`: the remote lacks the version of the path `subject`, or was not asked,
    with the reason in `detail`. `not-tracked`: neither Git nor DVC has it. `stale`, `not-known`:
    the stage `subject` was stale at the commit, or its freshness is not known. `imported`,
    `outside`: `subject` comes from another repository, named in `detail`, or from outside of this
    one, where it is not looked for.
    """

    kind: Literal[
        "not-pushed", "not-asked", "not-tracked", "stale", "not-known", "imported", "outside"
    ]
    subject: str
    detail: str | None = None


class Remake(Struct, frozen=True):
    """Whether a version of a model is stored, and whether it can be made again.

    `version` is its tag in the registry, `None` for the version of the audited commit, and `stages`
    those that it is in. `stored` is `kept-in-git` if Git has it. It can be made again if it was
    fresh at its commit, and every source is in Git or in the remote: `sources` counts those that
    DVC keeps. `obstacles` are the reasons for another `answer` than `yes`.
    """

    path: str
    commit: str
    answer: Literal["yes", "no", "unknown"]
    stored: Literal["pushed", "missing", "unknown", "kept-in-git"]
    sources: int
    version: str | None = None
    stages: tuple[str, ...] = ()
    obstacles: tuple[RemakeObstacle, ...] = ()
