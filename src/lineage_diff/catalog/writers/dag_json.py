"""Write the graph of one commit as a JSON document with a schema."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from lineage_diff.catalog.collected import CollectedFacts, collect, group
from lineage_diff.catalog.dag import (
    Dag,
    DagCommit,
    DagDep,
    DagEdge,
    DagImport,
    DagMetric,
    DagModel,
    DagNode,
    DagOut,
    DagParam,
    DagPaths,
    DagProducer,
    DagReason,
    DagRegistered,
    DagRepository,
    DagRun,
)
from lineage_diff.catalog.facts import (
    CommitFact,
    DatasetFact,
    EdgeFact,
    Fact,
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
    StageFact,
)
from lineage_diff.catalog.writers.parts import FilePart, json_of
from lineage_diff.project import NAME
from lineage_diff.report.change import Side, Unknown
from lineage_diff.report.json_codec import formatted, has_odd_values
from lineage_diff.report.report import Tool

FILE: Final = "lineage.json"


def write_dag(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield the document of one commit."""
    dag = _dag(collect(facts))
    values = [metric.value for metric in dag.metrics]
    values += [param.value for node in dag.nodes for param in node.params]
    yield FilePart(FILE, formatted(json_of(dag, has_odd_values(values))))


def _dag(facts: CollectedFacts) -> Dag:
    """Return the graph of the exported commit."""
    repository = facts.repository
    edges = group(facts.edges, lambda fact: (fact.upstream, fact.downstream))
    metrics = sorted(facts.metrics, key=lambda fact: (fact.file, fact.key))
    return Dag(
        tool=Tool(NAME, repository.tool_version),
        repository=_repository(repository),
        rev=repository.rev,
        commit=_commit(facts.head),
        complete=repository.complete,
        nodes=tuple(_nodes(facts)),
        edges=tuple(_edge(pair, found) for pair, found in sorted(edges.items())),
        models=tuple(map(_model, facts.models)),
        metrics=tuple(map(_metric, metrics)),
        runs=tuple(_run(run, facts.commits[run.commit]) for run in facts.runs.values()),
        registry=tuple(map(_registered, facts.registered)),
        unknowns=tuple(Unknown(fact.subject, fact.reason) for fact in facts.unknowns),
    )


def _nodes(facts: CollectedFacts) -> Iterator[DagNode]:
    runs = {run.stage: run for run in facts.runs.values() if run.current}
    declared = (fact for found in facts.datasets.values() for fact in found)
    outs = group(declared, lambda fact: fact.stage)
    for id_, stage in sorted(facts.stages.items()):
        run = runs.get(id_)
        yield _node(facts, stage, run, facts.reasons.get(id_, ()), outs.get(id_, ()))


def _node(
    facts: CollectedFacts,
    stage: StageFact,
    run: RunFact | None,
    reasons: Iterable[ReasonFact],
    outs: Iterable[DatasetFact],
) -> DagNode:
    id_ = run.run if run is not None else ""
    freshness = facts.freshness.get(stage.stage)
    imported = facts.imports.get(id_)
    recorded = {out.path: out for out in facts.outputs.get(id_, ())}
    return DagNode(
        id=stage.stage,
        kind=stage.kind,
        address=stage.address,
        file=stage.file,
        line=stage.line,
        command=stage.command,
        wdir=stage.wdir,
        desc=stage.desc,
        group=stage.group,
        frozen=stage.frozen,
        always_changed=stage.always_changed,
        freshness=freshness.freshness if freshness is not None else "unknown",
        reasons=tuple(DagReason(fact.kind, fact.subject, fact.detail) for fact in reasons),
        run=id_ or None,
        deps=tuple(_deps(facts.inputs.get(id_, ()), facts.runs)),
        outs=tuple(_out(fact, recorded.get(fact.path)) for fact in outs),
        params=tuple(map(_param, facts.params.get(id_, ()))),
        imported=_import(imported) if imported is not None else None,
    )


def _deps(inputs: Iterable[InputFact], runs: Mapping[str, RunFact]) -> Iterator[DagDep]:
    for path, found in group(inputs, lambda fact: fact.path).items():
        producers = tuple(
            DagProducer(fact.made_by, runs[fact.made_by].stage, fact.out, fact.out_hash)
            for fact in found
            if fact.made_by is not None and fact.out is not None
        )
        yield DagDep(path, found[0].kind, found[0].url, _side(found[0]), producers)


def _out(fact: DatasetFact, recorded: OutputFact | None) -> DagOut:
    return DagOut(
        fact.path,
        fact.kind,
        fact.cache,
        fact.remote,
        fact.url,
        fact.type,
        fact.desc,
        fact.labels,
        _side(fact),
        _side(recorded) if recorded is not None else Side(None),
    )


def _side(fact: DatasetFact | ModelFact | InputFact | OutputFact) -> Side:
    return Side(fact.hash, fact.size, fact.files)


def _param(fact: ParamFact) -> DagParam:
    value: Any = json.loads(str(fact.value)) if fact.type == "json" else fact.value
    return DagParam(fact.file, fact.key, value)


def _metric(fact: MetricFact) -> DagMetric:
    return DagMetric(fact.file, fact.key, fact.value, fact.models)


def _import(fact: ImportFact) -> DagImport:
    return DagImport(
        fact.kind,
        fact.source,
        fact.source_repository,
        fact.path,
        fact.rev,
        fact.rev_lock,
        fact.hash,
    )


def _repository(fact: RepositoryFact) -> DagRepository:
    return DagRepository(fact.repository, fact.host, fact.name, fact.url)


def _commit(fact: CommitFact) -> DagCommit:
    return DagCommit(fact.commit, fact.date, fact.author, fact.subject)


def _run(run: RunFact, commit: CommitFact) -> DagRun:
    return DagRun(run.run, run.stage, _commit(commit), run.certain, run.current is True)


def _edge(pair: tuple[str, str], found: tuple[EdgeFact, ...]) -> DagEdge:
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
        _side(fact),
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
