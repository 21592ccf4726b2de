"""The lineage of one commit: its pipelines, stages, metrics and params.

Also the problems found while reading its DVC files, and DVC files hidden from DVC.
"""

from collections.abc import Mapping
from typing import Any, Literal

from msgspec import Struct, field

from lineage_diff.lineage.stage import LockEntry, Stage
from lineage_diff.lineage.values import ValuesFile


class Problem(Struct, frozen=True):
    """A file that could not be read as DVC would read it, or only in part.

    `rule` names the rule that reports it (`invalid-pipeline`, `duplicate-key`, `lock-conflict`,
    `overlapping-outs`, `cycle`, `legacy-lock`, …), `message` says what, `hint` how to fix it.
    `pipeline` is the file whose stages are missing because of it, `None` when nothing is missing.
    `line` counts from 1. `stage` is the only stage of it that is missing, or the entry that
    several are generated from; `None` where it may be any.
    """

    rule: str
    file: str
    message: str
    hint: str
    line: int | None = None
    pipeline: str | None = None
    stage: str | None = None


IdentifiedBy = Literal["artifact", "annotation", "config", "convention"]
"""What names an out as a model."""


class RegistryArtifact(Struct, frozen=True):
    """An entry of `artifacts` in a `dvc.yaml`: a path and its name in the registry.

    `meta` is its free mapping, as JSON with sorted keys; `None` if it has none.
    """

    name: str
    path: str
    file: str
    type: str | None = None
    desc: str | None = None
    labels: tuple[str, ...] = ()
    line: int | None = None
    meta: str | None = None


class PlotDefinition(Struct, frozen=True):
    """An entry of a `dvc.yaml`'s top-level `plots`: a path or a name, and its properties.

    Both as written; paths are relative to the folder of `file`.
    """

    file: str
    name: str
    props: Mapping[str, Any]


class PlotSource(Struct, frozen=True):
    """A data file or folder of a `dvc.yaml`'s `plots`.

    `oid` is its Git id, `None` if Git does not track it.
    """

    path: str
    file: str
    oid: str | None = None


class Pipeline(Struct, frozen=True):
    """One `dvc.yaml` with its lock. `orphans` are lock entries without a stage."""

    file: str
    stages: tuple[str, ...]
    lock_file: str | None = None
    lock_schema: str | None = None
    orphans: Mapping[str, LockEntry] = field(default_factory=dict)


class Lineage(Struct, frozen=True):
    """The content of the DVC files of one commit: stages sorted by id, the rest by path.

    `metrics` and `params` are the files that `dvc metrics show` and `dvc params show` would read.
    `unreadable` are the pipelines left out, with their reason in `problems`. `unread` are the ids
    of stages that are in a file that cannot be read, taken from another commit.
    """

    commit: str
    pipelines: tuple[Pipeline, ...] = ()
    stages: tuple[Stage, ...] = ()
    artifacts: tuple[RegistryArtifact, ...] = ()
    plots: tuple[PlotSource, ...] = ()
    plot_definitions: tuple[PlotDefinition, ...] = ()
    metrics: Mapping[str, ValuesFile] = field(default_factory=dict)
    params: Mapping[str, ValuesFile] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    unreadable: tuple[str, ...] = ()
    unread: frozenset[str] = frozenset()


class Hidden(Struct, frozen=True):
    """A DVC file that DVC read at the base and cannot read at the head, with the cause.

    `ignored`: the file is there and `place` (a `.dvcignore`, or the file itself) excludes it.
    `renamed`: `place` has the same stages or data under a name that DVC does not read.
    `replaced`: `place`, the file or a folder above it, is a link or a submodule, or a folder.
    `lock-left`: the file is gone or empty, and `place`, its lock, is still there.
    `line` counts from 1, `None` if unknown.
    """

    file: str
    how: Literal["ignored", "renamed", "replaced", "lock-left"]
    place: str
    line: int | None = None


class Kept(Struct, frozen=True):
    """Where the head keeps what a stage of the base made: the path of its largest file.

    `is_folder`: it was a folder, of which at least half is kept. `by` is what keeps it. Unless
    `is_sure`, `path` is a directory that only DVC's cache lists, so nothing shows what it holds.
    """

    path: str
    is_folder: bool
    by: Literal["Git", "DVC"]
    is_sure: bool = True
