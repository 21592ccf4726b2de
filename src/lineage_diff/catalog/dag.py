"""The published document of the graph of one commit, schema version 1."""

from typing import Any, Literal

from msgspec import Struct

from lineage_diff.catalog.facts import RunKind, UsedKind
from lineage_diff.lineage.lineage import IdentifiedBy
from lineage_diff.lineage.stage import OutKind
from lineage_diff.report.change import Side, Unknown
from lineage_diff.report.reasons import Freshness, ReasonKind
from lineage_diff.report.report import Tool


class DagRepository(Struct, frozen=True):
    """The repository; `id` is its host and name, or `commit:` and the id of its first commit."""

    id: str
    host: str | None
    name: str | None
    url: str | None


class DagCommit(Struct, frozen=True):
    """A commit. `date` is the author's, in ISO 8601 with an offset from UTC."""

    id: str
    date: str
    author: str
    subject: str


class DagRun(Struct, frozen=True):
    """A run of a stage, or the record of a `.dvc` file, by the commit that recorded it.

    It is not `certain` if the clone is shallow and an earlier commit may have recorded it.
    """

    id: str
    stage: str
    commit: DagCommit
    certain: bool
    current: bool


class DagProducer(Struct, frozen=True):
    """An out of an earlier run: the dep's path, a folder around it, or a path inside it."""

    run: str
    stage: str
    path: str
    hash: str | None


class DagDep(Struct, frozen=True):
    """A dep or params file of a run, with the version that it used and the runs behind it."""

    path: str
    kind: UsedKind
    url: str | None
    version: Side
    made_by: tuple[DagProducer, ...]


class DagOut(Struct, frozen=True):
    """An out of a stage, with its version at the commit and the one that the run recorded."""

    path: str
    kind: OutKind
    cache: bool
    remote: str | None
    url: str | None
    type: str | None
    desc: str | None
    labels: tuple[str, ...]
    version: Side
    recorded: Side


class DagParam(Struct, frozen=True):
    """A param that the run used."""

    file: str
    key: str
    value: Any


class DagMetric(Struct, frozen=True):
    """A number in a metrics file; one that is not finite is a string."""

    file: str
    key: str
    value: Any
    models: tuple[str, ...]


class DagImport(Struct, frozen=True):
    """The source of an import."""

    kind: Literal["repo", "url", "db", "dataset"]
    source: str
    source_repository: str | None
    path: str | None
    rev: str | None
    rev_lock: str | None
    hash: str | None


class DagReason(Struct, frozen=True):
    """A reason why a stage is stale or unknown, or a note."""

    kind: ReasonKind
    subject: str
    detail: str | None


class DagNode(Struct, frozen=True, kw_only=True):
    """A stage or `.dvc` file. `run` is the id of the run in force, `None` if none is recorded."""

    id: str
    kind: RunKind
    address: str
    file: str
    line: int | None
    command: str | None
    wdir: str
    desc: str | None
    group: str | None
    frozen: bool
    always_changed: bool
    freshness: Freshness
    reasons: tuple[DagReason, ...] = ()
    run: str | None = None
    deps: tuple[DagDep, ...] = ()
    outs: tuple[DagOut, ...] = ()
    params: tuple[DagParam, ...] = ()
    imported: DagImport | None = None


class DagPaths(Struct, frozen=True):
    """A dep of the downstream stage, and the out that overlaps it."""

    dep: str
    out: str


class DagEdge(Struct, frozen=True):
    """An edge between two nodes. `is_known_to_dvc` is false for one that `dvc dag` lacks."""

    upstream: str
    downstream: str
    is_known_to_dvc: bool
    paths: tuple[DagPaths, ...]


class DagModel(Struct, frozen=True):
    """A model. `stage` and `out` are `None` if Git alone tracks it."""

    path: str
    name: str | None
    identified_by: IdentifiedBy
    stage: str | None
    out: str | None
    desc: str | None
    labels: tuple[str, ...]
    version: Side


class DagRegistered(Struct, frozen=True):
    """A version in the registry of Git tags, with its stages of today."""

    artifact: str
    version: str
    tag: str
    commit: str
    stages: tuple[str, ...]
    active: bool
    path: str | None
    hash: str | None


class Dag(Struct, frozen=True, kw_only=True):
    """The graph of one commit. Every key is always present; lists are sorted; unknown is `None`.

    `runs` are those in force and the earlier ones behind them.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: DagRepository
    rev: str
    commit: DagCommit
    complete: bool
    nodes: tuple[DagNode, ...]
    edges: tuple[DagEdge, ...]
    models: tuple[DagModel, ...]
    metrics: tuple[DagMetric, ...]
    runs: tuple[DagRun, ...]
    registry: tuple[DagRegistered, ...]
    unknowns: tuple[Unknown, ...]
