"""The differences between two lineages: plain data, in the published shape of the report.

Changed values of metrics and params have the shape of DVC's JSON.
"""

import shlex
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

from msgspec import Struct, field

from lineage_diff.lineage.version import Version, hash_text
from lineage_diff.report.graph import Graph
from lineage_diff.report.pushed import PushedOut
from lineage_diff.report.reasons import Cause, Freshness, Reason

# With more targets, `--all-pipelines` is easier to read than the list.
_MANY_TARGETS = 4
LONG_COMMAND = 300
# A longer command is not shown.
_LONGEST_COMMAND = 4_000


class Side(Struct, frozen=True):
    """One version of a path. `hash` is `algorithm:value` as DVC writes it; `size` in bytes."""

    hash: str | None
    size: int | None = None
    nfiles: int | None = None


class Unknown(Struct, frozen=True):
    """A subject that cannot be decided from Git objects alone, with the reason."""

    subject: str
    reason: str


class ValueChange(TypedDict):
    """One key of a metrics or params file, as `dvc metrics diff --json` writes it."""

    old: Any
    new: Any
    diff: NotRequired[int | float]


ValueChanges = Mapping[str, Mapping[str, ValueChange]]


def same_value(old: Any, new: Any) -> bool:
    """Whether two values are equal, or both NaN.

    DVC lists a change from NaN to NaN, because no NaN equals another for Python's `==`.
    """
    return bool(old == new) or (type(old) is type(new) and repr(old) == repr(new))


def flat(changes: ValueChanges) -> list[tuple[str, str, ValueChange]]:
    """List params or metrics as (file, key, change), in order."""
    return [
        (file, key, changes[file][key]) for file in sorted(changes) for key in sorted(changes[file])
    ]


def without_same(changes: ValueChanges) -> ValueChanges:
    """Return the changes without those between two NaN, and without files that then have none."""
    if not any(same_value(*_sides(item)) for keys in changes.values() for item in keys.values()):
        return changes
    left = {
        file: {key: item for key, item in keys.items() if not same_value(*_sides(item))}
        for file, keys in changes.items()
    }
    return {file: keys for file, keys in left.items() if keys}


def _sides(change: ValueChange) -> tuple[Any, Any]:
    return change["old"], change["new"]


Existence = Literal["added", "removed", "modified", "unchanged"]


class MetricNoise(Struct, frozen=True):
    """The noise of a metric from run to run, in its own unit, by `runs` earlier values.

    `spread` is `None` if there are too few of them.
    """

    spread: float | None
    runs: int


class ModelMetric(Struct, frozen=True):
    """A changed metric that measures a model. `better` is `None` if the direction is unknown.

    `tolerated` is true if it got worse within the policy's tolerance, or within its `noise`, if
    that was looked up."""

    file: str
    key: str
    old: Any
    new: Any
    diff: int | float | None = None
    better: bool | None = None
    tolerated: bool = False
    noise: MetricNoise | None = None


class InUse(Struct, frozen=True):
    """A registered version of a model that is in a stage, such as `prod`; `tag` registers it.

    In MLflow, `stages` are its aliases and its stage, and `tag` is its address.
    """

    version: str
    stages: tuple[str, ...]
    tag: str
    registry: Literal["git", "mlflow"] = "git"


class ModelChange(Struct, frozen=True):
    """The change of one model. `renamed_from` is its old path if `change` is `moved`.

    `edited`: its file in Git differs and no lock does, so no recorded run made it.
    `recorded`: it has a version for the first time. `unrecorded`: no lock has its version any more.

    `causes` are the nearest ones; `omitted_causes` counts the others.
    `in_use` are its registered versions that are in a stage, whichever version the commits have.
    `measured` is false if no metrics file measures it."""

    path: str
    name: str | None
    stage: str | None
    pipeline: str | None
    identified_by: Literal["artifact", "annotation", "config", "convention"]
    change: Literal[
        "added", "removed", "retrained", "edited", "moved", "recorded", "unrecorded", "unchanged"
    ]
    freshness: Freshness
    affected: bool
    old: Side | None
    new: Side | None
    causes: tuple[Cause, ...] = ()
    metrics: tuple[ModelMetric, ...] = ()
    renamed_from: str | None = None
    stale_before: bool | None = None
    omitted_causes: int = 0
    in_use: tuple[InUse, ...] = ()
    measured: bool = True


class ModelCard(Struct, frozen=True):
    """What a pipeline says of a model for people, and whom to ask.

    `desc`, `labels`, `owners`, `consumers`, `licence` and `card` are those of the entry of
    `artifacts` and its `meta`. `asked` are the code owners of the base if the pipeline names no
    owner, `None` if it does. `mentions` are those of them that the comment notifies: only where the
    configuration asks for it, and never an owner that the change itself names.
    """

    path: str
    name: str | None = None
    desc: str | None = None
    labels: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    consumers: tuple[str, ...] = ()
    licence: str | None = None
    card: str | None = None
    asked: tuple[str, ...] | None = None
    mentions: tuple[str, ...] = ()


class ElsewhereUse(Struct, frozen=True):
    """Models of another repository that were made from what a change touches.

    `in_use` counts those with a version in one of the `stages` of its registry.
    """

    repository: str
    models: int
    in_use: int
    stages: tuple[str, ...]


class UsedElsewhere(Struct, frozen=True):
    """Who imports what a change touches, by the tables of the organization.

    `uncertain` counts models that have equal content only, `undecided` the imports whose version
    the tables do not know. `version` of the tables was written at
    `time`, in ISO 8601, in UTC.
    """

    repositories: tuple[ElsewhereUse, ...]
    uncertain: int
    undecided: int
    version: int
    time: str | None

    @property
    def models(self) -> int:
        """The number of models."""
        return sum(use.models for use in self.repositories)

    @property
    def in_use(self) -> int:
        """The number of models with a version in a stage."""
        return sum(use.in_use for use in self.repositories)

    @property
    def stages(self) -> tuple[str, ...]:
        """The stages in which versions of them are."""
        return tuple(sorted({stage for use in self.repositories for stage in use.stages}))


class StageChange(Struct, frozen=True):
    """The change of one stage. `name` is its id, `pipeline:name`; `renamed_from` is its old id.

    `reasons` are those for which it is stale or unknown. `stale_before`: whether it was stale at
    the merge base and, if it still is, at the tip of the base branch; `None` if unknown."""

    name: str
    pipeline: str
    change: Literal["added", "removed", "renamed", "modified", "unchanged"]
    changed: tuple[str, ...] = ()
    freshness: Freshness = "unknown"
    reasons: tuple[Reason, ...] = ()
    renamed_from: str | None = None
    stale_before: bool | None = None


class FileChange(Struct, frozen=True):
    """The change of one file in a directory that DVC tracks. Paths start at the root."""

    path: str
    change: Literal["added", "removed", "modified", "renamed"]
    renamed_from: str | None = None


class FilesChange(Struct, frozen=True):
    """Counts of the changed files of a directory, with some `examples` of each kind, by path.

    `unknown` is the reason if a listing is not available.
    """

    added: int = 0
    removed: int = 0
    modified: int = 0
    renamed: int = 0
    examples: tuple[FileChange, ...] = ()
    unknown: str | None = None


class DataChange(Struct, frozen=True):
    """A changed version of an out of a stage or `.dvc` file.

    `files` are the changed files of a directory, if its listings were requested.
    """

    path: str
    change: Literal["added", "removed", "modified", "renamed", "rehashed"]
    old: Side | None
    new: Side | None
    tracked_by: Literal["stage", "dvc", "git"]
    renamed_from: str | None = None
    files: FilesChange | None = None


class PipelineChange(Struct, frozen=True):
    """One `dvc.yaml`. `stages` counts its stages at the head (at the base if it was removed)."""

    path: str
    stages: int
    change: Existence


class PlotChange(Struct, frozen=True):
    """A data file of plots, with its version at base and head."""

    id: str
    base: Side | None
    head: Side | None


class MetricNote(Struct, frozen=True):
    """A note on a metric besides its two values.

    `noise` was looked up for a metric that got worse, without a tolerance of its own.
    `no-number`: it was a number, and is now NaN, infinite, a text, a truth value, a list or
    `null`.
    """

    file: str
    key: str | None
    note: Literal["better", "worse", "tolerated", "no-number", "missing", "unknown"]
    reason: str | None = None
    noise: MetricNoise | None = None


UnexplainedReason = Literal[
    "no-stage", "not-recorded", "not-locked", "runs-always", "keeps-results"
]


class MetricAttribution(Struct, frozen=True):
    """The explanation of the changed metrics of one file.

    `stage` writes the file, `None` if no stage does; `models` are the paths of the models that it
    measures. `causes` are the nearest ones, as for a model. `inputs` counts the transitive inputs
    of the stage (deps that no stage makes, tracked data, params files), `known` those whose version
    both commits record. `explanation` is `unexplained` if the stages in `roots` ran on equal inputs
    and wrote different results; `unknown` if this cannot be decided, with the reason in `reason`:
    no stage writes the file (`no-stage`), its run is `not-recorded`, its inputs are `not-locked`,
    the stage `runs-always`, or it continues from its last results (`keeps-results`).
    """

    file: str
    stage: str | None
    models: tuple[str, ...]
    explanation: Literal["caused", "unexplained", "unknown"]
    causes: tuple[Cause, ...] = ()
    omitted_causes: int = 0
    inputs: int = 0
    known: int = 0
    roots: tuple[str, ...] = ()
    reason: UnexplainedReason | None = None


class LeftOut(Struct, frozen=True):
    """A stale stage, by its id, that the advice does not run.

    `no-outs`: it has no outs. `no-model`: only another stage outdates it, and no model or metric
    comes from it.
    """

    stage: str
    reason: Literal["no-outs", "no-model"]


class ReproAdvice(Struct, frozen=True):
    """The fewest `targets` of `dvc repro` that make the head's models and metrics fresh.

    A target is a stage, or a `foreach` or `matrix` entry with all its stages. `all_pipelines` is
    true if a run of all stale stages does the same.
    """

    targets: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    all_pipelines: bool = False

    @property
    def command(self) -> str:
        """The command in one line for a shell; empty if there is none, or it is too long."""
        command = shlex.join(("dvc", "repro", *self.targets)) if self.targets else ""
        long = len(self.targets) > _MANY_TARGETS or len(command) > LONG_COMMAND
        if long and self.all_pipelines:
            return "dvc repro --all-pipelines"
        return command if len(command) <= _LONGEST_COMMAND else ""


class Change(Struct, frozen=True):
    """All differences. `models` and `stages` include unchanged ones; the rest only changes.

    `pushed` are the versions that were looked for in the remote: those that the change introduces.
    `cards` are those of the models that it affects, as far as something is known of them.
    """

    pipelines: tuple[PipelineChange, ...] = ()
    models: tuple[ModelChange, ...] = ()
    stages: tuple[StageChange, ...] = ()
    data: tuple[DataChange, ...] = ()
    params: ValueChanges = field(default_factory=dict)
    metrics: ValueChanges = field(default_factory=dict)
    metric_notes: tuple[MetricNote, ...] = ()
    metric_causes: tuple[MetricAttribution, ...] = ()
    plots: tuple[PlotChange, ...] = ()
    graph: Graph = field(default_factory=Graph)
    repro: ReproAdvice = field(default_factory=ReproAdvice)
    pushed: tuple[PushedOut, ...] = ()
    cards: tuple[ModelCard, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


_NO_SIDE = Side(None)


def side(version: Version | None) -> Side:
    """Convert a version for the report; no version becomes one without a hash."""
    if version is None:
        return _NO_SIDE
    return Side(hash_text(version), version.size, version.nfiles)
