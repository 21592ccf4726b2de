"""Write the graph of one commit as a JSON document with a schema."""

import json
from collections.abc import Iterable, Iterator
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.catalog.facts import (
    CommitFact,
    DatasetFact,
    EdgeFact,
    Fact,
    FreshnessFact,
    ImportFact,
    InputFact,
    MetricFact,
    ModelFact,
    OutputFact,
    ParamFact,
    ReasonFact,
    RegisteredFact,
    RepositoryFact,
    RunFact,
    RunKind,
    StageFact,
    UnknownFact,
    UsedKind,
)
from lineage_diff.catalog.writers.parts import FilePart, json_of
from lineage_diff.lineage.lineage import IdentifiedBy
from lineage_diff.lineage.stage import OutKind
from lineage_diff.report.change import Side, Unknown
from lineage_diff.report.json_codec import formatted, has_odd_values, schema_of
from lineage_diff.report.reasons import Freshness, ReasonKind
from lineage_diff.report.report import Tool

FILE = "lineage.json"
SCHEMA_ID = "urn:lineage-diff:dag:1"


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


class DagMaker(Struct, frozen=True):
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
    made_by: tuple[DagMaker, ...]


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


def write_dag(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield the document of one commit."""
    builder = _Builder()
    for fact in facts:
        builder.add(fact)
    dag = builder.dag()
    values = [metric.value for metric in dag.metrics]
    values += [param.value for node in dag.nodes for param in node.params]
    yield FilePart(FILE, formatted(json_of(dag, has_odd_values(values))))


def dag_schema_bytes() -> bytes:
    """Return the bytes of `dag.schema.json`."""
    return formatted(msgspec.json.encode(schema_of(Dag, SCHEMA_ID, "lineage-diff graph")))


class _Builder:
    """Collects the facts of one commit."""

    def __init__(self) -> None:
        self._repository: RepositoryFact | None = None
        self._commits: dict[str, DagCommit] = {}
        self._stages: dict[str, DagNode] = {}
        self._reasons: dict[str, list[DagReason]] = {}
        self._freshness: dict[str, Freshness] = {}
        self._edges: dict[tuple[str, str], list[EdgeFact]] = {}
        self._datasets: dict[str, list[DatasetFact]] = {}
        self._models: list[DagModel] = []
        self._metrics: list[DagMetric] = []
        self._registry: list[DagRegistered] = []
        self._runs: dict[str, RunFact] = {}
        self._inputs: dict[str, list[InputFact]] = {}
        self._outputs: dict[tuple[str, str], Side] = {}
        self._params: dict[str, list[DagParam]] = {}
        self._imports: dict[str, DagImport] = {}
        self._unknowns: list[Unknown] = []

    def add(self, fact: Fact) -> None:
        """Take the next fact."""
        match fact:
            case RepositoryFact():
                self._repository = fact
            case UnknownFact():
                self._unknowns.append(Unknown(fact.subject, fact.reason))
            case CommitFact():
                self._commits[fact.commit] = DagCommit(
                    fact.commit, fact.date, fact.author, fact.subject
                )
            case StageFact():
                self._stages[fact.stage] = _node(fact)
            case EdgeFact():
                self._edges.setdefault((fact.upstream, fact.downstream), []).append(fact)
            case DatasetFact():
                self._datasets.setdefault(fact.stage, []).append(fact)
            case FreshnessFact():
                self._freshness[fact.stage] = fact.freshness
            case ReasonFact():
                reason = DagReason(fact.kind, fact.subject, fact.detail)
                self._reasons.setdefault(fact.stage, []).append(reason)
            case ModelFact():
                self._models.append(_model(fact))
            case RegisteredFact():
                self._registry.append(_registered(fact))
            case _:
                self._add_of_run(fact)

    def _add_of_run(self, fact: Fact) -> None:
        match fact:
            case RunFact():
                self._runs[fact.run] = fact
            case InputFact():
                self._inputs.setdefault(fact.run, []).append(fact)
            case OutputFact():
                self._outputs[fact.run, fact.path] = Side(fact.hash, fact.size, fact.files)
            case ParamFact():
                value = json.loads(str(fact.value)) if fact.type == "json" else fact.value
                self._params.setdefault(fact.run, []).append(DagParam(fact.file, fact.key, value))
            case MetricFact():
                self._metrics.append(DagMetric(fact.file, fact.key, fact.value, fact.models))
            case ImportFact():
                self._imports[fact.run] = DagImport(
                    fact.kind,
                    fact.source,
                    fact.source_repository,
                    fact.path,
                    fact.rev,
                    fact.rev_lock,
                    fact.hash,
                )

    def dag(self) -> Dag:
        """Return the document. Raises `ValueError` for a stream without a repository."""
        repository = self._repository
        if repository is None:
            raise ValueError("the facts do not begin with a repository")
        current = {run.stage: run for run in self._runs.values() if run.current}
        return Dag(
            tool=Tool("lineage-diff", repository.tool_version),
            repository=DagRepository(
                repository.repository, repository.host, repository.name, repository.url
            ),
            rev=repository.rev,
            commit=self._commits[repository.head],
            complete=repository.complete,
            nodes=tuple(
                self._with_run(node, current.get(stage))
                for stage, node in sorted(self._stages.items())
            ),
            edges=tuple(_edge(pair, found) for pair, found in sorted(self._edges.items())),
            models=tuple(self._models),
            metrics=tuple(sorted(self._metrics, key=lambda metric: (metric.file, metric.key))),
            runs=tuple(map(self._run, self._runs.values())),
            registry=tuple(self._registry),
            unknowns=tuple(self._unknowns),
        )

    def _run(self, run: RunFact) -> DagRun:
        commit = self._commits[run.commit]
        return DagRun(run.run, run.stage, commit, run.certain, run.current is True)

    def _with_run(self, node: DagNode, run: RunFact | None) -> DagNode:
        id_ = run.run if run is not None else ""
        return replace(
            node,
            freshness=self._freshness.get(node.id, "unknown"),
            reasons=tuple(self._reasons.get(node.id, ())),
            run=id_ or None,
            deps=tuple(self._deps(id_)),
            outs=tuple(self._out(id_, fact) for fact in self._datasets.get(node.id, ())),
            params=tuple(self._params.get(id_, ())),
            imported=self._imports.get(id_),
        )

    def _deps(self, run: str) -> Iterator[DagDep]:
        by_path: dict[str, list[InputFact]] = {}
        for fact in self._inputs.get(run, ()):
            by_path.setdefault(fact.path, []).append(fact)
        for path, found in by_path.items():
            first = found[0]
            makers = tuple(
                DagMaker(fact.made_by, self._runs[fact.made_by].stage, fact.out, fact.out_hash)
                for fact in found
                if fact.made_by is not None and fact.out is not None
            )
            version = Side(first.hash, first.size, first.files)
            yield DagDep(path, first.kind, first.url, version, makers)

    def _out(self, run: str, fact: DatasetFact) -> DagOut:
        return DagOut(
            fact.path,
            fact.kind,
            fact.cache,
            fact.remote,
            fact.url,
            fact.type,
            fact.desc,
            fact.labels,
            Side(fact.hash, fact.size, fact.files),
            self._outputs.get((run, fact.path), Side(None)),
        )


def _node(fact: StageFact) -> DagNode:
    return DagNode(
        id=fact.stage,
        kind=fact.kind,
        address=fact.address,
        file=fact.file,
        line=fact.line,
        command=fact.command,
        wdir=fact.wdir,
        desc=fact.desc,
        group=fact.group,
        frozen=fact.frozen,
        always_changed=fact.always_changed,
        freshness="unknown",
    )


def _edge(pair: tuple[str, str], found: list[EdgeFact]) -> DagEdge:
    return DagEdge(
        *pair,
        any(fact.is_known_to_dvc for fact in found),
        tuple(DagPaths(fact.dep, fact.out) for fact in found),
    )


def _model(fact: ModelFact) -> DagModel:
    return DagModel(
        fact.path,
        fact.name,
        fact.identified_by,
        fact.stage,
        fact.out,
        fact.desc,
        fact.labels,
        Side(fact.hash, fact.size, fact.files),
    )


def _registered(fact: RegisteredFact) -> DagRegistered:
    return DagRegistered(
        fact.artifact,
        fact.version,
        fact.tag,
        fact.commit,
        fact.stages,
        fact.active,
        fact.path,
        fact.hash,
    )
