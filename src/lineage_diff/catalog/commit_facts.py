"""The facts of the exported commit: stages, edges, datasets, models, freshness, registry."""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff.audit.metrics import metric_values, metrics_files_by_model
from lineage_diff.audit.models import Registered
from lineage_diff.catalog.facts import (
    CommitFact,
    DatasetFact,
    EdgeFact,
    Fact,
    FreshnessFact,
    MetricFact,
    ModelFact,
    ReasonFact,
    RegisteredFact,
    RunKind,
    StageFact,
    UnknownFact,
)
from lineage_diff.catalog.identity import outside_address, shown_path
from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.lineage.graph import build_graph, upstream_of
from lineage_diff.lineage.history import CommitInfo
from lineage_diff.lineage.lineage import Lineage, RegistryArtifact
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.lineage.stage import Command, Stage
from lineage_diff.lineage.version import Version, hash_text

_NO_VERSION = Version(None)


class ExportedCommit(Struct, frozen=True):
    """The exported commit, and what is known of it. `repository` is the key of all facts.

    `made` has its outs by path, `models` its models by path, `owners` those of models by path.
    `addresses` are those of outs that a cloud keeps as files, by path.
    """

    repository: str
    info: CommitInfo
    lineage: Lineage
    made: Mapping[str, TrackedOutput]
    models: Mapping[str, Model]
    freshness: Mapping[str, StageFreshness]
    registry: tuple[RegistryVersion, ...]
    registered: tuple[Registered, ...]
    owners: Mapping[str, tuple[str, ...]]
    addresses: Mapping[str, str]

    @property
    def commit(self) -> str:
        """The id of the commit."""
        return self.lineage.commit


class Selection(Struct, frozen=True):
    """The selected stages and models, by id and path."""

    stages: frozenset[str]
    models: frozenset[str]


def select_models(head: ExportedCommit, paths: frozenset[str]) -> Selection:
    """Return models, with their stages and all upstream of these."""
    graph = build_graph(head.lineage.stages)
    producers = (head.models[path].made for path in paths & head.models.keys())
    stages = [made.stage.id for made in producers if made is not None]
    stages += [head.made[path].stage.id for path in paths if path in head.made]
    return Selection(frozenset(upstream_of(graph, stages)), paths)


def commit_facts(head: ExportedCommit, selected: Selection | None = None) -> Iterator[Fact]:
    """Yield the facts of a commit that are not about runs; of the selected stages and models."""
    yield commit_fact(head.repository, head.info)
    yield from _unreadable(head)
    stages = [stage for stage in head.lineage.stages if _has(selected, stage.id)]
    for stage in stages:
        yield _stage(head, stage)
    yield from _edges(head, stages, selected)
    for path, made in sorted(head.made.items()):
        if _has(selected, made.stage.id):
            yield _dataset(head, path, made)
    yield from _models(head, selected)
    yield from _freshness(head, stages)
    yield from _registered(head, selected)


def commit_fact(repository: str, info: CommitInfo) -> CommitFact:
    """Return the fact of a commit."""
    return CommitFact(
        repository=repository,
        commit=info.id,
        date=info.date,
        author=info.author,
        subject=info.subject,
        pull_request=info.pull_request,
    )


def metric_facts(
    head: ExportedCommit, runs: Mapping[str, str], selected: Selection | None = None
) -> Iterator[MetricFact]:
    """Yield the metrics of the commit; `runs` are the current runs by their outs.

    Of selected models, those that measure them.
    """
    models = models_of_metrics(head)
    for file in sorted(head.lineage.metrics):
        measured = models.get(file, ())
        if selected is None or not selected.models.isdisjoint(measured):
            for found in metric_values([head.lineage.metrics[file]]):
                yield MetricFact(
                    repository=head.repository,
                    commit=head.commit,
                    run=runs.get(file),
                    file=file,
                    key=found.key,
                    value=found.value,
                    models=measured,
                )


def metrics_of_no_run(head: ExportedCommit, selected: Selection | None) -> Iterator[MetricFact]:
    """Yield the metrics of the commit in files that no stage makes; no selected one, if given."""
    for fact in metric_facts(head, {}, selected):
        made = head.made.get(fact.file)
        if made is None or not _has(selected, made.stage.id):
            yield fact


def models_of_metrics(head: ExportedCommit) -> Mapping[str, tuple[str, ...]]:
    """Return the models that each metrics file measures, by the path of the file."""
    found: dict[str, list[str]] = {}
    for model, files in sorted(metrics_files_by_model(head.lineage, head.models).items()):
        for file in files:
            found.setdefault(file, []).append(model)
    return {file: tuple(models) for file, models in found.items()}


def command_text(command: Command) -> str | None:
    """Return a command as text, with the parts of a list on lines of their own."""
    return "\n".join(command) if isinstance(command, tuple) else command


def _has(selected: Selection | None, stage: str) -> bool:
    return selected is None or stage in selected.stages


def _unreadable(head: ExportedCommit) -> Iterator[UnknownFact]:
    reasons = {item.pipeline: item.message for item in head.lineage.problems if item.pipeline}
    for file in sorted({*head.lineage.unreadable, *reasons}):
        yield UnknownFact(
            repository=head.repository,
            commit=head.commit,
            subject=file,
            reason=reasons.get(file, "it cannot be read"),
        )


def _stage(head: ExportedCommit, stage: Stage) -> StageFact:
    return StageFact(
        repository=head.repository,
        commit=head.commit,
        stage=stage.id,
        kind=_kind(stage),
        file=stage.file,
        line=stage.line,
        name=stage.name,
        address=stage.address,
        command=command_text(stage.cmd),
        wdir=stage.wdir,
        desc=stage.desc,
        group=stage.group,
        frozen=stage.frozen,
        always_changed=stage.always_changed,
        is_locked=stage.lock is not None,
    )


def _kind(stage: Stage) -> RunKind:
    if stage.imported is not None:
        return "import"
    return "add" if stage.is_dvcfile and stage.cmd is None else "stage"


def _edges(
    head: ExportedCommit, stages: list[Stage], selected: Selection | None
) -> Iterator[EdgeFact]:
    graph = build_graph(head.lineage.stages)
    for stage in stages:
        from_repository = stage.imported is not None and stage.imported.kind == "repo"
        for link in sorted(graph.upstream[stage.id], key=lambda link: (link.stage, link.dep)):
            if _has(selected, link.stage):
                yield EdgeFact(
                    repository=head.repository,
                    commit=head.commit,
                    upstream=link.stage,
                    downstream=stage.id,
                    dep=shown_path(link.dep),
                    out=shown_path(link.out),
                    is_known_to_dvc=link.is_known_to_dvc and not from_repository,
                )


def _dataset(head: ExportedCommit, path: str, made: TrackedOutput) -> DatasetFact:
    out, version = made.out, made.version or _NO_VERSION
    return DatasetFact(
        repository=head.repository,
        commit=head.commit,
        path=shown_path(path),
        stage=made.stage.id,
        kind=out.kind,
        cache=out.cache,
        remote=out.remote,
        url=outside_address(out.path),
        cloud_url=outside_address(head.addresses.get(path, "")),
        type=out.type,
        desc=out.desc,
        labels=out.labels,
        hash=hash_text(version),
        size=version.size,
        files=version.nfiles,
    )


def _models(head: ExportedCommit, selected: Selection | None) -> Iterator[ModelFact]:
    artifacts = {item.path: item for item in head.lineage.artifacts if item.type == "model"}
    metrics = metrics_files_by_model(head.lineage, head.models)
    for path, model in sorted(head.models.items()):
        if selected is None or path in selected.models:
            yield _model(head, model, artifacts.get(path), metrics.get(path, ()))


def _model(
    head: ExportedCommit, model: Model, artifact: RegistryArtifact | None, metrics: Iterable[str]
) -> ModelFact:
    made = model.made
    own = made is not None and made.out.path == model.path
    version = (made.version if made is not None and own else None) or _NO_VERSION
    return ModelFact(
        repository=head.repository,
        commit=head.commit,
        path=model.path,
        name=model.name,
        identified_by=model.identified_by,
        out=made.out.path if made is not None else None,
        stage=made.stage.id if made is not None else None,
        desc=artifact.desc if artifact is not None else None,
        labels=artifact.labels if artifact is not None else (),
        meta=artifact.meta if artifact is not None else None,
        hash=hash_text(version),
        size=version.size,
        files=version.nfiles,
        metrics=tuple(sorted(metrics)),
        owners=head.owners.get(model.path, ()),
    )


def _freshness(head: ExportedCommit, stages: list[Stage]) -> Iterator[Fact]:
    for stage in stages:
        found = head.freshness.get(stage.id)
        if found is None:
            continue
        key = {"repository": head.repository, "commit": head.commit, "stage": stage.id}
        yield FreshnessFact(**key, freshness=found.freshness)
        for reason in found.reasons:
            yield ReasonFact(
                **key, kind=reason.kind, subject=shown_path(reason.subject), detail=reason.detail
            )


def _registered(head: ExportedCommit, selected: Selection | None) -> Iterator[RegisteredFact]:
    resolved = {item.version.tag: item for item in head.registered}
    for version in head.registry:
        found = resolved.get(version.tag)
        path = found.path if found is not None else None
        if selected is None or path in selected.models:
            yield RegisteredFact(
                repository=head.repository,
                commit=version.commit,
                artifact=version.artifact,
                version=version.version,
                tag=version.tag,
                stages=version.stages,
                active=version.active,
                path=path,
                hash=found.hash if found is not None else None,
            )
