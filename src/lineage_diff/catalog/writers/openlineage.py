"""Write runs as events of OpenLineage, core 2-0-2, one a line.

A run has a START and a COMPLETE event; one whose commit is not certain has COMPLETE alone. Facets
and their versions are those of https://openlineage.io/spec; ours have a schema beside this package.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, lru_cache
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct

from lineage_diff.catalog.facts import (
    CommitFact,
    Fact,
    MetricFact,
    OutputFact,
    ParamFact,
    RunFact,
    RunKind,
    Scalar,
    ValueType,
)
from lineage_diff.catalog.grouping import ExportedRun, FactReader
from lineage_diff.catalog.identity import outside_address
from lineage_diff.catalog.writers.dataset_names import (
    DatasetName,
    dataset_name,
    import_name,
    short_name,
)
from lineage_diff.catalog.writers.openlineage_datasets import (
    LABEL,
    NUMBER,
    SPEC,
    TEXT,
    DatasetWriter,
    Json,
    WrittenDataset,
    form_of,
    standard_facet,
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

_FACET: Final = EVENT_BYTES // 8
"""The bytes of the params, metrics or models in a facet."""

_REMEMBERED: Final = 256
_OWN_SCHEMA: Final = "src/lineage_diff/catalog/openlineage.schema.json"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)")
_NO_DATE: Final = "1970-01-01T00:00:00Z"

Event = dict[str, Any]


def write_openlineage(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield a line for each event."""
    for event in _events(facts):
        yield FilePart(FILE, event + b"\n")


def openlineage_events(facts: Iterable[Fact]) -> Iterator[Event]:
    """Yield the events of all runs, in the order of the history."""
    return map(msgspec.json.decode, _events(facts))


def _events(facts: Iterable[Fact]) -> Iterator[bytes]:
    reader = FactReader(facts)
    writer = _EventWriter(reader)
    for run in reader.runs():
        if run.run.kind != "add":
            yield from writer.events(run)


class _EventWriter:
    """Writes the events of runs. What many have in common is encoded once."""

    def __init__(self, reader: FactReader) -> None:
        self._reader = reader
        version = reader.repository.tool_version
        self._producer = f"{ADDRESS}/tree/v{version}"
        self._schemas = f"{ADDRESS}/blob/v{version}/{_OWN_SCHEMA}"
        self._datasets = DatasetWriter(reader, self._producer)
        self._job_type = lru_cache(_REMEMBERED)(self._job_type_of)
        self._description = lru_cache(_REMEMBERED)(self._description_of)
        self._location = lru_cache(_REMEMBERED)(self._location_of)
        self._commit = lru_cache(1)(self._commit_of)
        self._list_form = cache(self._list_form_of)
        self._form = self._form_of_event()

    def events(self, run: ExportedRun) -> Iterator[bytes]:
        """Yield START, the parts of a large COMPLETE as RUNNING, and COMPLETE."""
        parts = _parts(self._inputs(run), self._outputs(run))
        if run.run.certain and run.run.kind == "stage":
            used, made = parts[0]
            named = [item.named for item in used], [item.named for item in made]
            yield self._event(run, b"START", b"{}", b"{}", named)
        of_run, of_job = self._run_facets(run), self._job_facets(run.run)
        for number, (used, made) in enumerate(parts, 1):
            kind = b"COMPLETE" if number == len(parts) else b"RUNNING"
            if len(parts) > 1:
                of_run["lineageDiff_part"] = self._own("Part", number=number, of=len(parts))
            whole = [item.whole for item in used], [item.whole for item in made]
            yield self._event(run, kind, _object(of_run), of_job, whole)

    def _form_of_event(self) -> bytes:
        """Return an event without its values, which it takes by the operator `%`."""
        event = {
            "eventTime": Raw(TEXT),
            "eventType": Raw(b'"\0"'),
            "producer": self._producer,
            "schemaURL": f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
            "run": {"runId": Raw(TEXT), "facets": Raw(TEXT)},
            "job": {
                "namespace": readable(self._reader.repository.repository),
                "name": Raw(TEXT),
                "facets": Raw(TEXT),
            },
            "inputs": Raw(b"[\0]"),
            "outputs": Raw(b"[\0]"),
        }
        return form_of(event)

    def _event(
        self,
        run: ExportedRun,
        kind: bytes,
        of_run: bytes,
        of_job: bytes,
        datasets: tuple[list[bytes], list[bytes]],
    ) -> bytes:
        return self._form % (
            _time_of(run.commit.date),
            kind,
            json_of(run.run.run),
            of_run,
            _job_name(run.run.stage),
            of_job,
            b",".join(datasets[0]),
            b",".join(datasets[1]),
        )

    def _own(self, name: str, /, **fields: Any) -> bytes:
        url = f"{self._schemas}#/$defs/{name}RunFacet"
        return json_of({"_producer": self._producer, "_schemaURL": url, **fields})

    def _facet(self, name: str, schema: str, /, **fields: str | None) -> bytes:
        return json_of(standard_facet(self._producer, name, schema, **fields))

    def _commit_of(self, commit: CommitFact, certain: bool) -> bytes:
        request = {} if commit.pull_request is None else {"pullRequest": commit.pull_request}
        return self._own(
            "Commit",
            commit=commit.commit,
            author=cut(commit.author),
            subject=cut(commit.subject),
            certain=certain,
            **request,
        )

    def _run_facets(self, run: ExportedRun) -> dict[str, bytes]:
        facets = {"lineageDiff_commit": self._commit(run.commit, run.run.certain)}
        if run.params:
            facets["lineageDiff_params"] = self._list("Params", list(map(_param, run.params)))
        if run.metrics:
            facets["lineageDiff_metrics"] = self._list("Metrics", list(map(_metric, run.metrics)))
        models = [self._model(out) for out in run.outputs if out.is_model]
        if models:
            facets["lineageDiff_models"] = self._list("Models", models)
        return facets

    def _list(self, name: str, items: Sequence[Any]) -> bytes:
        return self._list_form(name) % _first_of(items)

    def _list_form_of(self, name: str) -> bytes:
        fields = {name.lower(): Raw(TEXT), "omitted": Raw(NUMBER)}
        url = f"{self._schemas}#/$defs/{name}RunFacet"
        return form_of({"_producer": self._producer, "_schemaURL": url, **fields})

    def _model(self, out: OutputFact) -> Json:
        model = self._reader.models.get(out.path)
        found = {"path": out.path, "hash": out.hash, "name": model.name if model else None}
        shown: Json = {key: cut(text, LABEL) for key, text in found.items() if text is not None}
        versions = [readable(fact.version) for fact in self._reader.registered_as(out)]
        return shown | ({"registered": versions} if versions else {})

    def _job_facets(self, run: RunFact) -> bytes:
        location = b""
        if self._reader.repository.url is not None:
            location = b',"sourceCodeLocation":' + self._location(run.commit, run.file)
        description = self._description(run.stage, run.command)
        return b'{"jobType":%b%b%b}' % (self._job_type(run.kind), location, description)

    def _job_type_of(self, kind: RunKind) -> bytes:
        type_ = "STAGE" if kind == "stage" else "IMPORT"
        fixed = {"processingType": "BATCH", "integration": "DVC", "jobType": type_}
        return self._facet("JobTypeJobFacet", "2-0-4", **fixed)

    def _description_of(self, stage: str, command: str | None) -> bytes:
        """Return the facets of a stage, with a comma before each."""
        found = self._reader.stages.get(stage)
        facets: dict[str, bytes] = {}
        if found is not None and found.desc:
            facets["documentation"] = self._facet(
                "DocumentationJobFacet", "1-1-0", description=cut(found.desc)
            )
        if command:
            facets["sourceCode"] = self._facet(
                "SourceCodeJobFacet", "1-0-1", language="shell", sourceCode=cut(command)
            )
        return b"".join(b',"%b":%b' % (name.encode(), facet) for name, facet in facets.items())

    def _location_of(self, commit: str, file: str) -> bytes:
        repository = self._reader.repository
        return self._facet(
            "SourceCodeLocationJobFacet",
            "1-1-0",
            type="git",
            url=page_of(repository, commit, file),
            repoUrl=repository.url,
            path=readable(file),
            version=commit,
        )

    def _inputs(self, run: ExportedRun) -> list[WrittenDataset]:
        found: dict[DatasetName, WrittenDataset] = {}
        for fact in run.inputs:
            used = self._datasets.used(fact)
            found.setdefault(used.name, used)
            if fact.out is not None and fact.out != fact.path:
                whole = dataset_name(fact.repository, fact.out, outside_address(fact.out))
                if whole not in found:
                    found[whole] = self._datasets.other(whole, fact.out, fact.out_hash)
        if run.imported is not None:
            source = import_name(run.imported)
            version = run.imported.hash or run.imported.rev_lock
            found.setdefault(source, self._datasets.other(source, None, version))
        if not found:
            # A consumer drops a run without inputs; the pipeline itself is one.
            file = run.run.file
            name = dataset_name(run.run.repository, file, None)
            found[name] = self._datasets.other(name, file, None, "code")
        return list(found.values())

    def _outputs(self, run: ExportedRun) -> list[WrittenDataset]:
        found: dict[DatasetName, WrittenDataset] = {}
        for made in map(self._datasets.made, run.outputs):
            found.setdefault(made.name, made)
        return list(found.values())


@lru_cache(1)
def _time_of(date: str) -> bytes:
    return json_of(date if _DATE.fullmatch(date) else _NO_DATE)


@lru_cache(_REMEMBERED)
def _job_name(stage: str) -> bytes:
    return json_of(short_name(stage))


def _object(fields: dict[str, bytes]) -> bytes:
    """Return an object of JSON from values that are JSON; the names are plain."""
    return b"{%b}" % b",".join(b'"%b":%b' % (name.encode(), fields[name]) for name in fields)


_Datasets = Sequence[WrittenDataset]


def _parts(inputs: _Datasets, outputs: _Datasets) -> list[tuple[_Datasets, _Datasets]]:
    """Split the datasets of a run into parts that each fit into an event.

    Each pair of an input and an output is in one part: some consumers link those of one event only.
    """
    datasets = (*inputs, *outputs)
    if len(datasets) <= _FEW and not any(item.is_annotated for item in datasets):
        return [(inputs, outputs)]
    return [
        (used, made)
        for used in list(_chunks(inputs, _PART)) or [[]]
        for made in list(_chunks(outputs, _PART)) or [[]]
    ]


def _chunks(items: _Datasets, most: int) -> Iterator[list[WrittenDataset]]:
    """Split datasets into lists of at most so many bytes of JSON, or of one."""
    chunk: list[WrittenDataset] = []
    size = 0
    for item in items:
        more = len(item.whole)
        if chunk and size + more > most:
            yield chunk
            chunk, size = [], 0
        chunk.append(item)
        size += more
    if chunk:
        yield chunk


def _first_of(items: Sequence[Any]) -> tuple[bytes, int]:
    """Return the first items that fit into a facet, at least one, and the number of the others."""
    text = json_of(items)
    if len(text) <= _FACET:
        return text, 0
    size = 0
    for number, item in enumerate(items):
        size += len(json_of(item))
        if number and size > _FACET:
            return json_of(items[:number]), len(items) - number
    return text, 0


class _Param(Struct, frozen=True, gc=False):
    """A param in a facet."""

    file: str
    key: str
    type: ValueType
    value: Scalar


def _param(fact: ParamFact) -> _Param:
    value = cut(fact.value, LABEL) if isinstance(fact.value, str) else fact.value
    return _Param(_label(fact.file), _label(fact.key), fact.type, value)


@lru_cache(_REMEMBERED)
def _label(text: str) -> str:
    return cut(text, LABEL)


def _metric(fact: MetricFact) -> Json:
    value = storable_value(fact.value)
    return {
        "file": cut(fact.file, LABEL),
        "key": cut(fact.key, LABEL),
        "value": cut(value, LABEL) if isinstance(value, str) else value,
    }
