"""A lineage: everything that one commit says about how its data and models are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lineage_diff.lineage.content import Content
from lineage_diff.lineage.problem import Problem
from lineage_diff.lineage.stage import LockEntry, Stage
from lineage_diff.lineage.values import ValuesFile

if TYPE_CHECKING:
    from lineage_diff.lineage.listing import Listing
    from lineage_diff.lineage.locked_at import LockedAt
    from lineage_diff.lineage.plot import PlotDefinition, PlotSource
    from lineage_diff.lineage.uses import Silence, UncommittedCode, Uses


@dataclass(frozen=True, slots=True)
class RegistryArtifact:
    """An entry of `artifacts` in a `dvc.yaml`: a name in the registry for a path."""

    name: str
    path: str
    file: str
    type: str | None = None
    desc: str | None = None
    labels: tuple[str, ...] = ()
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One `dvc.yaml` with its lock. `orphans` are lock entries that no stage has."""

    file: str
    stages: tuple[str, ...]
    lock_file: str | None = None
    lock_schema: str | None = None
    orphans: Mapping[str, LockEntry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lineage:
    """All of it, sorted: stages by id, the rest by path.

    `contents` holds, by path, what Git tracks at each dep and out of a stage that no other
    stage and no `.dvc` file makes. `metrics` and `params` are the files that `dvc metrics show`
    and `dvc params show` would read. `unreadable` are the pipelines left out, with their reason
    in `problems`. `uses` holds, by stage, what commands and scripts use, for the stages that were
    looked at; `uncommitted` the scripts in locks that no commit holds; `silences` the comments
    that silence rules; `configuration` the blob ids of this tool's own files, by path, and
    `configuration_at` what is read for those that links lead to, by path as well;
    `fetch_settings`, by DVC configuration, a hash of what says where data is fetched. `locked_at`
    holds, by stage, what the history tells of those that this commit alone cannot judge;
    `value_lines`, by metrics or params file, the line of each key, for the files asked for.
    `git_ignored` are the deps, and the outs that DVC does not keep, that Git does not hold and
    ignores. `listings` are those of directories that DVC keeps, by path, where they were fetched.
    """

    commit: str
    pipelines: tuple[Pipeline, ...] = ()
    stages: tuple[Stage, ...] = ()
    artifacts: tuple[RegistryArtifact, ...] = ()
    plots: "tuple[PlotSource, ...]" = ()
    plot_definitions: "tuple[PlotDefinition, ...]" = ()
    metrics: Mapping[str, ValuesFile] = field(default_factory=dict)
    params: Mapping[str, ValuesFile] = field(default_factory=dict)
    contents: Mapping[str, Content] = field(default_factory=dict)
    git_ignored: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    unreadable: tuple[str, ...] = ()
    uses: "Mapping[str, Uses]" = field(default_factory=dict)
    uncommitted: "tuple[UncommittedCode, ...]" = ()
    silences: "tuple[Silence, ...]" = ()
    configuration: Mapping[str, str] = field(default_factory=dict)
    configuration_at: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    fetch_settings: Mapping[str, str] = field(default_factory=dict)
    locked_at: "Mapping[str, LockedAt]" = field(default_factory=dict)
    value_lines: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    listings: "Mapping[str, Listing]" = field(default_factory=dict)
