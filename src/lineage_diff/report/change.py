"""What differs between two lineages: plain data, in the shape that the report publishes.

One version of a path, in the shape that the report publishes.

What cannot be told of a change.

Changed values of metrics and params, in DVC's shape.
"""

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

from msgspec import Struct, field

from lineage_diff.lineage.version import Version
from lineage_diff.report.graph import Graph
from lineage_diff.report.reasons import Cause, Freshness, Reason


class Side(Struct, frozen=True):
    """One version of a path. `hash` is `algorithm:value` as DVC writes it; `size` in bytes."""

    hash: str | None
    size: int | None = None
    nfiles: int | None = None


class Unknown(Struct, frozen=True):
    """Something that Git objects alone cannot tell, and why."""

    subject: str
    reason: str


class ValueChange(TypedDict):
    """One key of a metrics or params file, as `dvc metrics diff --json` writes it."""

    old: Any
    new: Any
    diff: NotRequired[int | float]


ValueChanges = Mapping[str, Mapping[str, ValueChange]]


def same_value(old: Any, new: Any) -> bool:
    """Whether two values are one for a reader: equal, or NaN where the other has NaN.

    DVC lists NaN as a change of NaN, for Python's `==` calls no NaN equal to another.
    """
    return bool(old == new) or (type(old) is type(new) and repr(old) == repr(new))


def without_same(changes: ValueChanges) -> ValueChanges:
    """Return the changes without those that a reader sees none in; no file without any."""
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


class ModelMetric(Struct, frozen=True):
    """A changed metric that measures a model. `better` is `None` where nobody can tell.

    `tolerated` is true when it got worse within what the policy allows."""

    file: str
    key: str
    old: Any
    new: Any
    diff: int | float | None = None
    better: bool | None = None
    tolerated: bool = False


class ModelChange(Struct, frozen=True):
    """What happened to one model. `renamed_from` is its old path when `change` is `moved`.

    `edited` is another file in Git, and its lock the same: no recorded run made it. `recorded` has
    a version for the first time; of what is `unrecorded` no lock says it any more.

    `causes` are the nearest; `more_causes` counts those farther away that are not listed."""

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
    more_causes: int = 0


class StageChange(Struct, frozen=True):
    """One stage. `name` is its id, `pipeline:name`; `reasons` say why it is stale or unknown.
    `renamed_from` is its old id. `stale_before` says whether it was stale at the merge base and,
    where it still is, at the tip of the base branch; `None` where they cannot tell."""

    name: str
    pipeline: str
    change: Literal["added", "removed", "renamed", "modified", "unchanged"]
    changed: tuple[str, ...] = ()
    freshness: Freshness = "unknown"
    reasons: tuple[Reason, ...] = ()
    renamed_from: str | None = None
    stale_before: bool | None = None


class FileChange(Struct, frozen=True):
    """One file inside a directory that DVC keeps. Paths are the repository's."""

    path: str
    change: Literal["added", "removed", "modified", "renamed"]
    renamed_from: str | None = None


class FilesChange(Struct, frozen=True):
    """How many files of a directory differ, with some `examples` of each kind, by path.

    `unknown` says why its listings tell nothing.
    """

    added: int = 0
    removed: int = 0
    modified: int = 0
    renamed: int = 0
    examples: tuple[FileChange, ...] = ()
    unknown: str | None = None


class DataChange(Struct, frozen=True):
    """One out of a stage or `.dvc` file whose version differs.

    `files` tells of the files inside a directory, where its listings were asked for.
    """

    path: str
    change: Literal["added", "removed", "modified", "renamed", "rehashed"]
    old: Side | None
    new: Side | None
    tracked_by: Literal["stage", "dvc", "git"]
    renamed_from: str | None = None
    files: FilesChange | None = None


class PipelineChange(Struct, frozen=True):
    """One `dvc.yaml`. `stages` counts those at the head (at the base when it was removed)."""

    path: str
    stages: int
    change: Existence


class PlotChange(Struct, frozen=True):
    """A file that plots draw from, with its version on both sides."""

    id: str
    base: Side | None
    head: Side | None


class MetricNote(Struct, frozen=True):
    """What a reader must know of a metric besides its two values.

    `no-number` was a number and is none any more, but NaN, infinite, a text, a truth value, a list
    or `null`.
    """

    file: str
    key: str | None
    note: Literal["better", "worse", "tolerated", "no-number", "missing", "unknown"]
    reason: str | None = None


NotTold = Literal["no-stage", "not-recorded", "not-locked", "runs-always", "keeps-results"]


class MetricMove(Struct, frozen=True):
    """What moved the changed metrics of one file.

    `stage` writes it, `None` where no stage does; `models` are the paths of those that it measures.
    `causes` are the nearest, as a model has them. `inputs` counts what the stage is made from in
    the end (deps that no stage makes, tracked data, params files), `known` those of which both
    commits tell the version. `by` is `unexplained` where the stages in `roots` ran on the same and
    made something else; `unknown` where that cannot be told, and `why` says what is missing:
    `no-stage` writes the file, its run is `not-recorded` or its inputs `not-locked`, the stage
    `runs-always` or goes on from its last results (`keeps-results`).
    """

    file: str
    stage: str | None
    models: tuple[str, ...]
    by: Literal["caused", "unexplained", "unknown"]
    causes: tuple[Cause, ...] = ()
    more_causes: int = 0
    inputs: int = 0
    known: int = 0
    roots: tuple[str, ...] = ()
    why: NotTold | None = None


class LeftOut(Struct, frozen=True):
    """A stale stage, by its id, that the advice does not run: it has no outs, or it is outdated
    by another one alone, and no model or metric comes from it."""

    stage: str
    why: Literal["no-outs", "no-model"]


class ReproAdvice(Struct, frozen=True):
    """What makes the head's models and metrics fresh: the fewest `targets` of `dvc repro`.

    `all_pipelines` says whether to run whatever is stale would do the same.
    """

    targets: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    all_pipelines: bool = False


class Change(Struct, frozen=True):
    """All that differs. `models` and `stages` list unchanged ones too; the rest only changes."""

    pipelines: tuple[PipelineChange, ...] = ()
    models: tuple[ModelChange, ...] = ()
    stages: tuple[StageChange, ...] = ()
    data: tuple[DataChange, ...] = ()
    params: ValueChanges = field(default_factory=dict)
    metrics: ValueChanges = field(default_factory=dict)
    metric_notes: tuple[MetricNote, ...] = ()
    metric_moves: tuple[MetricMove, ...] = ()
    plots: tuple[PlotChange, ...] = ()
    graph: Graph = field(default_factory=Graph)
    repro: ReproAdvice = field(default_factory=ReproAdvice)
    unknowns: tuple[Unknown, ...] = ()


def side(version: Version | None) -> Side:
    """Write a version for the report; no version is one without a hash."""
    if version is None:
        return Side(None)
    return Side(str(version.hash) if version.hash else None, version.size, version.nfiles)
