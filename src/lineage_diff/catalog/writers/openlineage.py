"""Write runs as events of OpenLineage, core 2-0-2, one a line.

A run has a START and a COMPLETE event; one whose commit is not certain has COMPLETE alone. Facets
and their versions are those of https://openlineage.io/spec; ours have a schema beside this package.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from lineage_diff.catalog.facts import DatasetFact, Fact, InputFact, OutputFact
from lineage_diff.catalog.grouping import ExportedRun, FactReader, registrations_of
from lineage_diff.catalog.identity import outside_address
from lineage_diff.catalog.writers.dataset_names import (
    DatasetName,
    dataset_name,
    import_name,
    outside_name,
    short_name,
)
from lineage_diff.catalog.writers.parts import FilePart, cut, json_of, page_of, readable
from lineage_diff.project import ADDRESS
from lineage_diff.report.json_codec import storable_value

FILE: Final = "openlineage.ndjson"
EVENT_BYTES: Final = 4_000_000
"""The largest event that is written: Google's consumer refuses those of more than 5 MB."""

_PART: Final = EVENT_BYTES // 4
"""The bytes of the inputs, and of the outputs, in one part of an event."""

_FEW: Final = 30
"""Datasets without annotations that surely fit into one part: each has some 30 kB at most."""

_ANNOTATIONS: Final = frozenset(("documentation", "tags"))
_FACET: Final = EVENT_BYTES // 8
"""The bytes of the params, metrics or models in a facet."""

_TAGS: Final = 100
"""Labels of one dataset: more would not be read."""

_VALUE: Final = 1_000
"""Characters of the value of a param."""

_SPEC: Final = "https://openlineage.io/spec"
_OWN_SCHEMA: Final = "src/lineage_diff/catalog/openlineage.schema.json"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
_NO_DATE: Final = "1970-01-01T00:00:00Z"
_FORMATS: Final = {"parquet": "parquet", "orc": "orc", "avro": "avro", "json": "json"} | {
    "jsonl": "json",
    "csv": "csv",
    "txt": "text",
    "xml": "xml",
}

Event = dict[str, Any]


def write_openlineage(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield a line for each event."""
    for event in openlineage_events(facts):
        yield FilePart(FILE, json_of(event) + b"\n")


def openlineage_events(facts: Iterable[Fact]) -> Iterator[Event]:
    """Yield the events of all runs, in the order of the history."""
    reader = FactReader(facts)
    for run in reader.runs():
        if run.run.kind != "add":
            yield from _RunEvents(reader, run).events()


class _RunEvents:
    """The events of one run."""

    def __init__(self, reader: FactReader, run: ExportedRun) -> None:
        self._reader = reader
        self._run = run
        version = reader.repository.tool_version
        self._producer = f"{ADDRESS}/tree/v{version}"
        self._schemas = f"{ADDRESS}/blob/v{version}/{_OWN_SCHEMA}"

    def events(self) -> Iterator[Event]:
        """Yield START, the parts of a large COMPLETE as RUNNING, and COMPLETE."""
        inputs, outputs = self._inputs(), self._outputs()
        parts = list(_parts(inputs, outputs))
        if self._run.run.certain and self._run.run.kind == "stage":
            yield self._event("START", {}, {}, *map(_bare, parts[0]))
        for number, (used, made) in enumerate(parts, 1):
            kind = "COMPLETE" if number == len(parts) else "RUNNING"
            facets = self._run_facets()
            if len(parts) > 1:
                facets["lineageDiff_part"] = self._own("Part", number=number, of=len(parts))
            yield self._event(kind, facets, self._job_facets(), used, made)

    def _event(
        self, kind: str, run: Event, job: Event, inputs: list[Event], outputs: list[Event]
    ) -> Event:
        date = self._run.commit.date
        return {
            "eventTime": date if _DATE.fullmatch(date) else _NO_DATE,
            "eventType": kind,
            "producer": self._producer,
            "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": self._run.run.run, "facets": run},
            "job": {
                "namespace": readable(self._run.run.repository),
                "name": short_name(self._run.run.stage),
                "facets": job,
            },
            "inputs": inputs,
            "outputs": outputs,
        }

    def _facet(self, name: str, schema: str, /, **fields: Any) -> Event:
        url = f"{_SPEC}/facets/{schema}/{name}.json#/$defs/{name}"
        return {"_producer": self._producer, "_schemaURL": url, **fields}

    def _own(self, name: str, /, **fields: Any) -> Event:
        url = f"{self._schemas}#/$defs/{name}RunFacet"
        return {"_producer": self._producer, "_schemaURL": url, **fields}

    def _run_facets(self) -> Event:
        run, commit = self._run, self._run.commit
        facets = {
            "lineageDiff_commit": self._own(
                "Commit",
                commit=commit.commit,
                author=cut(commit.author),
                subject=cut(commit.subject),
                certain=run.run.certain,
                **({} if commit.pull_request is None else {"pullRequest": commit.pull_request}),
            )
        }
        params = [
            {"file": p.file, "key": p.key, "type": p.type, "value": p.value} for p in run.params
        ]
        metrics = [
            {"file": item.file, "key": item.key, "value": _number(item.value)}
            for item in run.metrics
        ]
        models = [self._model(out) for out in run.outputs if out.is_model]
        for name, found in (("Params", params), ("Metrics", metrics), ("Models", models)):
            if found:
                kept = next(_chunks(list(map(_shortened, found)), _FACET))
                key = name.lower()
                omitted = len(found) - len(kept)
                facets[f"lineageDiff_{key}"] = self._own(name, **{key: kept, "omitted": omitted})
        return facets

    def _model(self, out: OutputFact) -> Event:
        model = self._reader.models.get(out.path)
        found = {"path": out.path, "hash": out.hash, "name": model.name if model else None}
        versions = [
            readable(fact.version) for fact in registrations_of(out, self._reader.registered)
        ]
        return {key: value for key, value in found.items() if value is not None} | (
            {"registered": versions} if versions else {}
        )

    def _job_facets(self) -> Event:
        run = self._run.run
        facets = {
            "jobType": self._facet(
                "JobTypeJobFacet",
                "2-0-4",
                processingType="BATCH",
                integration="DVC",
                jobType="STAGE" if run.kind == "stage" else "IMPORT",
            )
        }
        repository = self._reader.repository
        page = page_of(repository, run.commit, run.file)
        if page is not None:
            facets["sourceCodeLocation"] = self._facet(
                "SourceCodeLocationJobFacet",
                "1-1-0",
                type="git",
                url=page,
                repoUrl=repository.url,
                path=readable(run.file),
                version=run.commit,
            )
        stage = self._reader.stages.get(run.stage)
        if stage is not None and stage.desc:
            facets["documentation"] = self._facet(
                "DocumentationJobFacet", "1-1-0", description=cut(stage.desc)
            )
        if run.command:
            facets["sourceCode"] = self._facet(
                "SourceCodeJobFacet", "1-0-1", language="shell", sourceCode=cut(run.command)
            )
        return facets

    def _inputs(self) -> list[Event]:
        found: dict[DatasetName, Event] = {}
        for fact in self._run.inputs:
            name = dataset_name(fact.repository, fact.path, fact.url)
            found.setdefault(name, self._input(name, fact))
            if fact.out is not None and fact.out != fact.path:
                whole = dataset_name(fact.repository, fact.out, outside_address(fact.out))
                found.setdefault(whole, self._dataset(whole, fact.out, fact.out_hash))
        if self._run.imported is not None:
            source = import_name(self._run.imported)
            version = self._run.imported.hash or self._run.imported.rev_lock
            found.setdefault(source, self._dataset(source, None, version))
        if not found:
            # A consumer drops a run without inputs; the pipeline itself is one.
            file = self._run.run.file
            name = dataset_name(self._run.run.repository, file, None)
            found[name] = self._dataset(name, file, None, "code")
        return list(found.values())

    def _input(self, name: DatasetName, fact: InputFact) -> Event:
        dataset = self._dataset(name, fact.path, fact.hash, fact.kind)
        counts = _counts(fact.size, fact.files)
        if counts:
            statistics = self._facet("InputStatisticsInputDatasetFacet", "1-0-0", **counts)
            dataset["inputFacets"] = {"inputStatistics": statistics}
        return dataset

    def _outputs(self) -> list[Event]:
        found: dict[DatasetName, Event] = {}
        for fact in self._run.outputs:
            name = dataset_name(fact.repository, fact.path, fact.url)
            kind = "model" if fact.is_model else "data"
            dataset = self._dataset(name, fact.path, fact.hash, kind)
            counts = _counts(fact.size, fact.files)
            if counts:
                statistics = self._facet("OutputStatisticsOutputDatasetFacet", "1-0-2", **counts)
                dataset["outputFacets"] = {"outputStatistics": statistics}
            found.setdefault(name, dataset)
        return list(found.values())

    def _dataset(
        self, name: DatasetName, path: str | None, version: str | None, kind: str = "data"
    ) -> Event:
        declared = self._reader.datasets.get(path) if path is not None else None
        is_model = kind == "model" or (path is not None and path in self._reader.models)
        facets = {
            "datasetType": self._facet(
                "DatasetTypeDatasetFacet",
                "1-0-1",
                datasetType="MODEL" if is_model else "FILE",
                subType=_sub_type(kind, version),
            )
        }
        if version is not None:
            text = readable(version)
            facets["version"] = self._facet(
                "DatasetVersionDatasetFacet", "1-0-1", datasetVersion=text
            )
        if path is not None:
            facets["storage"] = self._storage(path, kind, declared)
            address = self._reader.cloud_url(path)
            if address is not None:
                facets["symlinks"] = self._symlinks(outside_name(address))
        if declared is not None:
            facets |= self._annotations(declared)
        return {"namespace": name.namespace, "name": name.name, "facets": facets}

    def _storage(self, path: str, kind: str, declared: DatasetFact | None) -> Event:
        in_git = kind in ("code", "environment", "params") and declared is None
        layer = "git" if in_git or (declared is not None and not declared.cache) else "dvc"
        file_format = _FORMATS.get(path.rpartition(".")[2].lower())
        fields = {} if file_format is None else {"fileFormat": file_format}
        return self._facet("StorageDatasetFacet", "1-0-1", storageLayer=layer, **fields)

    def _symlinks(self, name: DatasetName) -> Event:
        """Return the name that Spark and Airflow give to the file."""
        found = {"namespace": name.namespace, "name": name.name, "type": "LOCATION"}
        return self._facet("SymlinksDatasetFacet", "1-0-1", identifiers=[found])

    def _annotations(self, declared: DatasetFact) -> Event:
        facets: Event = {}
        if declared.desc:
            text = cut(declared.desc)
            facets["documentation"] = self._facet(
                "DocumentationDatasetFacet", "1-1-0", description=text
            )
        tags = [("label", label) for label in declared.labels]
        tags += [("type", declared.type)] if declared.type else []
        if tags:
            listed = [
                {"key": key, "value": cut(value, _VALUE), "source": "DVC"}
                for key, value in tags[:_TAGS]
            ]
            facets["tags"] = self._facet("TagsDatasetFacet", "1-0-0", tags=listed)
        return facets


def _sub_type(kind: str, version: str | None) -> str:
    if kind in ("code", "environment", "params"):
        return kind.upper()
    return "DIRECTORY" if version is not None and version.endswith(".dir") else "DATA"


def _counts(size: int | None, files: int | None) -> Event:
    found = {"size": size, "fileCount": files}
    return {name: value for name, value in found.items() if value is not None and value < 2**63}


def _bare(datasets: list[Event]) -> list[Event]:
    """Return datasets without facets, for the START event."""
    return [{"namespace": item["namespace"], "name": item["name"]} for item in datasets]


def _parts(inputs: list[Event], outputs: list[Event]) -> Iterator[tuple[list[Event], list[Event]]]:
    """Split the datasets of a run into parts that each fit into an event.

    Each pair of an input and an output is in one part: some consumers link those of one event only.
    """
    if len(inputs) + len(outputs) <= _FEW and not any(map(_is_annotated, (*inputs, *outputs))):
        yield inputs, outputs
        return
    for used in list(_chunks(inputs, _PART)) or [[]]:
        for made in list(_chunks(outputs, _PART)) or [[]]:
            yield used, made


def _is_annotated(dataset: Event) -> bool:
    """Return whether a dataset has texts of any length besides its name."""
    return not _ANNOTATIONS.isdisjoint(dataset["facets"])


def _number(value: float) -> float | str:
    """Return a number that JSON can hold, or its text."""
    stored: float | str = storable_value(value)
    return stored


def _chunks(items: list[Event], most: int) -> Iterator[list[Event]]:
    """Split items into lists of at most so many bytes of JSON, or of one item."""
    chunk: list[Event] = []
    size = 0
    for item in items:
        more = len(json_of(item))
        if chunk and size + more > most:
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += more
    if chunk:
        yield chunk


def _shortened(item: Event) -> Event:
    return {
        key: cut(value, _VALUE) if isinstance(value, str) else value for key, value in item.items()
    }
