"""Write metadata for `datahub ingest`: a list of change proposals, each one aspect of an entity.

The aspects are those of DataHub's metadata model (https://docs.datahub.com/docs/metadata-modeling/
metadata-model). The file source reads the list, whichever version of DataHub is installed.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from lineage_diff.catalog.facts import DatasetFact, Fact, MetricFact, ModelFact, RunFact
from lineage_diff.catalog.grouping import (
    ExportedRun,
    FactReader,
    producers_of_inputs,
    runs_in_force,
)
from lineage_diff.catalog.identity import uuid_of
from lineage_diff.catalog.writers.dataset_names import (
    DatasetName,
    dataset_name,
    repository_namespace,
    short_name,
)
from lineage_diff.catalog.writers.parts import FilePart, cut, json_of, page_of, readable
from lineage_diff.catalog.writers.run_datasets import Datasets, made_datasets, used_datasets
from lineage_diff.lineage.graph import reachable
from lineage_diff.report.json_codec import storable_value

FILE: Final = "datahub.json"
_PLATFORM: Final = "urn:li:dataPlatform:dvc"
_ACTOR: Final = "urn:li:corpuser:lineage-diff"
_PLATFORMS: Final = {"gs": "gcs", "azure": "abs"}
# `datahub.utilities.urn_encoder`, and the sign that it encodes with.
_RESERVED: Final = "%,()␟"
_VALUES: Final = 500
"""Params and metrics of one model or run: more would not be read."""

Aspect = Mapping[str, Any]


def write_datahub(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield the list, one aspect a line."""
    begin = b"[\n"
    for proposal in _Proposals(FactReader(facts)).all():
        yield FilePart(FILE, begin + json_of(storable_value(proposal)))
        begin = b",\n"
    yield FilePart(FILE, b"\n]\n")


class _Proposals:
    """The aspects of the exported commit."""

    def __init__(self, reader: FactReader) -> None:
        self._reader = reader
        self._repository = readable(reader.repository.repository)
        self._container = f"urn:li:container:{uuid_of('container', self._repository)}"
        self._runs: dict[str, ExportedRun] = {}
        self._in_force: Mapping[str, RunFact] = {}
        self._measures: dict[str, list[MetricFact]] = {}
        self._named: dict[DatasetName, str | None] = {}

    def all(self) -> Iterator[Aspect]:
        """Yield the repository, the runs with their stages, the datasets and the models."""
        yield from self._repository_aspects()
        flows: set[str] = set()
        for run in self._reader.runs():
            self._runs[run.run.run] = run
            used, made = used_datasets(run), made_datasets(run)
            self._named |= made if run.run.current else {}
            for name, version in {**used, **made}.items():
                self._named.setdefault(name, version)
            if run.run.kind != "add":
                yield from self._stage(run, used, made, flows)
                yield from self._run(run, used, made)
        runs = self._runs.values()
        self._in_force = runs_in_force((run.run, run.outputs) for run in runs)
        for fact in (*self._reader.metrics, *(fact for run in runs for fact in run.metrics)):
            for path in fact.models:
                self._measures.setdefault(path, []).append(fact)
        for model in self._reader.models.values():
            yield from self._model(model)
        for name in sorted(self._named):
            yield from self._dataset(name)

    def _repository_aspects(self) -> Iterator[Aspect]:
        repository = self._reader.repository
        yield _aspect(
            "container",
            self._container,
            "containerProperties",
            name=repository.name or self._repository,
            customProperties={"commit": repository.head},
            **_optional(externalUrl=repository.url),
        )
        yield _aspect("container", self._container, "subTypes", typeNames=["Repository"])
        yield _aspect("container", self._container, "dataPlatformInstance", platform=_PLATFORM)

    def _flow(self, file: str) -> str:
        return f"urn:li:dataFlow:(dvc,{_encoded(f'{self._repository}/{short_name(file)}')},PROD)"

    def _job(self, run: ExportedRun) -> str:
        stage = self._reader.stages.get(run.run.stage)
        name = run.run.stage.removeprefix(f"{run.run.file}:") if stage is None else stage.name
        return (
            f"urn:li:dataJob:({self._flow(run.run.file)},{_encoded(short_name(name or 'import'))})"
        )

    def _stage(
        self, run: ExportedRun, used: Datasets, made: Datasets, flows: set[str]
    ) -> Iterator[Aspect]:
        if not run.run.current:
            return
        file, stage = run.run.file, self._reader.stages.get(run.run.stage)
        flow, job = self._flow(file), self._job(run)
        if flow not in flows:
            flows.add(flow)
            yield _aspect(
                "dataFlow",
                flow,
                "dataFlowInfo",
                name=short_name(file),
                **_optional(externalUrl=self._page(run.run.commit, file)),
            )
        yield _aspect(
            "dataJob",
            job,
            "dataJobInfo",
            name=short_name(self._reader.title_of(run.run)),
            type="COMMAND",
            customProperties={"command": cut(run.run.command or "")},
            **_optional(
                description=cut(stage.desc) if stage is not None and stage.desc else None,
                externalUrl=self._page(run.run.commit, file),
            ),
        )
        yield _aspect(
            "dataJob",
            job,
            "dataJobInputOutput",
            inputDatasets=[_dataset_urn(name) for name in used],
            outputDatasets=[_dataset_urn(name) for name in made],
        )

    def _run(self, run: ExportedRun, used: Datasets, made: Datasets) -> Iterator[Aspect]:
        urn, when = _run_urn(run.run.run), _milliseconds(run.commit.date)
        yield _aspect(
            "dataProcessInstance",
            urn,
            "dataProcessInstanceProperties",
            name=f"{short_name(run.run.stage)} {run.run.commit[:12]}",
            created={"time": when, "actor": _ACTOR},
            customProperties={"commit": run.run.commit},
            **_optional(externalUrl=self._page(run.run.commit, run.run.file)),
        )
        above = sorted(producers_of_inputs(run.inputs))
        yield _aspect(
            "dataProcessInstance",
            urn,
            "dataProcessInstanceRelationships",
            upstreamInstances=[_run_urn(id_) for id_ in above if self._is_instance(id_)],
            **_optional(parentTemplate=self._job(run) if run.run.current else None),
        )
        for name, datasets in (("Input", used), ("Output", made)):
            urns = [_dataset_urn(item) for item in datasets]
            fields = {f"{name.lower()}s": urns}
            yield _aspect("dataProcessInstance", urn, f"dataProcessInstance{name}", **fields)
        yield _aspect(
            "dataProcessInstance",
            urn,
            "dataProcessInstanceRunEvent",
            timestampMillis=when,
            status="COMPLETE",
            result={"type": "SUCCESS", "nativeResultType": "dvc"},
        )
        if run.params or run.metrics:
            yield _aspect(
                "dataProcessInstance",
                urn,
                "mlTrainingRunProperties",
                id=run.run.run,
                hyperParams=_params([run]),
                trainingMetrics=_metrics(run.metrics),
            )

    def _is_instance(self, run: str) -> bool:
        known = self._runs.get(run)
        return known is None or known.run.kind != "add"

    def _model(self, model: ModelFact) -> Iterator[Aspect]:
        name = dataset_name(model.repository, model.path, None)
        urn = f"urn:li:mlModel:({_PLATFORM},{_encoded(_path_of(name))},PROD)"
        own = self._run_that_made(model)
        behind = self._behind(own) if own is not None else []
        versions = [item.version for item in self._reader.registered_as(model)]
        yield _aspect(
            "mlModel",
            urn,
            "mlModelProperties",
            name=short_name(model.name or model.path),
            customProperties=_texts(
                path=model.path,
                hash=model.hash,
                size=model.size,
                files=model.files,
                commit=model.commit,
                registered=", ".join(versions) or None,
            ),
            hyperParams=_params(behind),
            trainingMetrics=_metrics(self._measures.get(model.path, ())),
            trainingJobs=[_run_urn(own.run.run)] if own is not None else [],
            tags=[readable(label)[:_VALUES] for label in model.labels[:_VALUES]],
            **_optional(
                description=cut(model.desc) if model.desc else None,
                version={"versionTag": versions[-1]} if versions else None,
                externalUrl=self._page(model.commit, model.path),
            ),
        )
        yield _aspect("mlModel", urn, "container", container=self._container)
        data = dict.fromkeys(item for run in behind for item in _data_of(run))
        if data:
            yield _aspect(
                "mlModel",
                urn,
                "mlModelTrainingData",
                trainingData=[{"dataset": _dataset_urn(item)} for item in data],
            )

    def _run_that_made(self, model: ModelFact) -> ExportedRun | None:
        found = self._in_force.get(model.out) if model.out is not None else None
        return self._runs[found.run] if found is not None else None

    def _behind(self, run: ExportedRun) -> list[ExportedRun]:
        return [self._runs[id_] for id_ in reachable((run.run.run,), self._before)]

    def _before(self, run: str) -> list[str]:
        return [id_ for id_ in producers_of_inputs(self._runs[run].inputs) if id_ in self._runs]

    def _dataset(self, name: DatasetName) -> Iterator[Aspect]:
        urn = _dataset_urn(name)
        inside = name.namespace == repository_namespace(self._reader.repository.repository)
        declared = self._reader.datasets.get(name.name) if inside else None
        page = self._page(self._reader.repository.head, name.name) if inside else None
        yield _aspect(
            "dataset",
            urn,
            "datasetProperties",
            name=name.name.rpartition("/")[2] or name.name,
            qualifiedName=f"{name.namespace}/{name.name.removeprefix('/')}",
            customProperties=_dataset_facts(self._named[name], declared),
            tags=[],
            **_optional(
                description=cut(declared.desc) if declared is not None and declared.desc else None,
                externalUrl=page,
            ),
        )
        if inside:
            yield _aspect("dataset", urn, "container", container=self._container)

    def _page(self, commit: str, path: str) -> str | None:
        return page_of(self._reader.repository, commit, path)


def _aspect(entity: str, urn: str, name: str, /, **fields: Any) -> Aspect:
    return {
        "entityType": entity,
        "entityUrn": urn,
        "changeType": "UPSERT",
        "aspectName": name,
        "aspect": {"json": fields},
    }


def _optional(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _texts(**fields: Any) -> dict[str, str]:
    return {name: readable(str(value)) for name, value in fields.items() if value is not None}


def _dataset_facts(version: str | None, declared: DatasetFact | None) -> dict[str, str]:
    if declared is None:
        return _texts(hash=version)
    return _texts(
        hash=declared.hash or version,
        size=declared.size,
        files=declared.files,
        type=declared.type,
        labels=", ".join(declared.labels) or None,
        cache="DVC" if declared.cache else "Git",
        remote=declared.remote,
    )


def _data_of(run: ExportedRun) -> Iterator[DatasetName]:
    """Yield the data that a run used, and the sources of an import; no code."""
    for fact in run.inputs:
        if fact.kind in ("data", "import"):
            yield dataset_name(fact.repository, fact.path, fact.url)
    if run.imported is not None:
        yield from used_datasets(run)


def _params(runs: Iterable[ExportedRun]) -> list[dict[str, str]]:
    found = {f"{fact.file}:{fact.key}": fact for run in runs for fact in run.params}
    return [
        {"name": short_name(name), "value": cut(_value(found[name].value))}
        for name in sorted(found)[:_VALUES]
    ]


def _metrics(facts: Iterable[MetricFact]) -> list[dict[str, str]]:
    found = {f"{fact.file}:{fact.key}": fact.value for fact in facts}
    return [
        {"name": short_name(name), "value": _value(found[name])} for name in sorted(found)[:_VALUES]
    ]


def _value(value: object) -> str:
    """Return a value as JSON has it."""
    return value if isinstance(value, str) else json_of(storable_value(value)).decode()


def _path_of(name: DatasetName) -> str:
    place = name.namespace.partition("://")[2]
    return f"{place}/{name.name.removeprefix('/')}" if place else name.name


def _dataset_urn(name: DatasetName) -> str:
    scheme = name.namespace.partition("://")[0]
    platform = _PLATFORMS.get(scheme, scheme)
    return f"urn:li:dataset:(urn:li:dataPlatform:{platform},{_encoded(_path_of(name))},PROD)"


def _run_urn(run: str) -> str:
    return f"urn:li:dataProcessInstance:{run}"


def _encoded(text: str) -> str:
    return "".join(quote(char) if char in _RESERVED else char for char in text)


def _milliseconds(date: str) -> int:
    try:
        return int(datetime.fromisoformat(date).astimezone(UTC).timestamp() * 1_000)
    except (ValueError, OverflowError):
        return 0
