"""Write the datasets of OpenLineage's events, with their facets.

A history names the same paths in most of its commits, and only version and size differ. So what
stands around these values is encoded once for each path.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, Literal

from msgspec import Raw, Struct

from lineage_diff.catalog.facts import DatasetFact, InputFact, OutputFact, UsedKind
from lineage_diff.catalog.grouping import FactReader
from lineage_diff.catalog.writers.dataset_names import DatasetName, dataset_name, outside_name
from lineage_diff.catalog.writers.parts import cut, json_of, readable

SPEC: Final = "https://openlineage.io/spec"

LABEL: Final = 1_000
"""Characters of a label, or of the value of a param."""

_TAGS: Final = 100
"""Labels of one dataset: more would not be read."""

_REMEMBERED: Final = 1 << 13
_FILES: Final = 1 << 12
_FORMATS: Final = {"parquet": "parquet", "orc": "orc", "avro": "avro", "json": "json"} | {
    "jsonl": "json",
    "csv": "csv",
    "txt": "text",
    "xml": "xml",
}
_IN_GIT: Final = frozenset(("code", "environment", "params"))
_TOO_LARGE: Final = 2**63
# Where a value stands in a form: no JSON has these bytes.
TEXT: Final = b"\0"
NUMBER: Final = b"\1"

Json = dict[str, Any]
_Role = Literal["input", "output", "other"]
_Kind = UsedKind | Literal["model"]


class WrittenDataset(Struct, frozen=True):
    """A dataset as JSON: `named` has no facets. Annotations are texts of any length."""

    name: DatasetName
    named: bytes
    whole: bytes
    is_annotated: bool


class _Form(Struct, frozen=True):
    """A dataset without its values: `text` takes them by the operator `%`."""

    name: DatasetName
    named: bytes
    text: bytes
    is_annotated: bool


def form_of(value: Json) -> bytes:
    """Return JSON that takes its values by the operator `%`, as bytes and as numbers.

    Their places have `TEXT` and `NUMBER`.
    """
    return json_of(value).replace(b"%", b"%%").replace(TEXT, b"%b").replace(NUMBER, b"%d")


def standard_facet(producer: str, name: str, schema: str, /, **fields: Any) -> Json:
    """Return a facet of OpenLineage's own, by the version of its `schema`."""
    url = f"{SPEC}/facets/{schema}/{name}.json#/$defs/{name}"
    return {"_producer": producer, "_schemaURL": url, **fields}


class DatasetWriter:
    """Writes datasets of the facts that a reader reads."""

    def __init__(self, reader: FactReader, producer: str) -> None:
        self._reader = reader
        self._producer = producer
        self._form = lru_cache(_REMEMBERED)(self._form_of)
        self._form_by_name = lru_cache(_REMEMBERED)(self._form_by_name_of)
        self._file = lru_cache(_FILES)(self._dataset)

    def used(self, fact: InputFact) -> WrittenDataset:
        """Return the dataset of an input."""
        # A script is the same in most runs. What is declared may have long annotations.
        dataset = self._dataset if fact.path in self._reader.datasets else self._file
        version = fact.hash, fact.size, fact.files
        return dataset(fact.repository, fact.path, fact.url, fact.kind, "input", *version)

    def made(self, fact: OutputFact) -> WrittenDataset:
        """Return the dataset of an output."""
        kind: _Kind = "model" if fact.is_model else "data"
        version = fact.hash, fact.size, fact.files
        return self._dataset(fact.repository, fact.path, fact.url, kind, "output", *version)

    def other(
        self, name: DatasetName, path: str | None, version: str | None, kind: UsedKind = "data"
    ) -> WrittenDataset:
        """Return a dataset that no fact of a run describes."""
        values = () if version is None else (json_of(readable(version)),)
        known = version is not None, False, False
        form = self._form_by_name(name, path, kind, _sub_type(version), "other", known)
        return _filled(form, values)

    def _dataset(
        self,
        repository: str,
        path: str,
        url: str | None,
        kind: _Kind,
        role: _Role,
        version: str | None,
        size: int | None,
        files: int | None,
    ) -> WrittenDataset:
        values: tuple[bytes | int, ...] = ()
        if version is not None:
            values = (json_of(readable(version)),)
        has_size = size is not None and size < _TOO_LARGE
        if size is not None and has_size:
            values += (size,)
        has_files = files is not None and files < _TOO_LARGE
        if files is not None and has_files:
            values += (files,)
        known = version is not None, has_size, has_files
        form = self._form(repository, path, url, kind, _sub_type(version), role, known)
        return _filled(form, values)

    def _form_of(
        self,
        repository: str,
        path: str,
        url: str | None,
        kind: _Kind,
        sub_type: str,
        role: _Role,
        known: tuple[bool, bool, bool],
    ) -> _Form:
        name = dataset_name(repository, path, url)
        return self._form_by_name(name, path, kind, sub_type, role, known)

    def _form_by_name_of(
        self,
        name: DatasetName,
        path: str | None,
        kind: str,
        sub_type: str,
        role: _Role,
        known: tuple[bool, bool, bool],
    ) -> _Form:
        """Return the form of a dataset whose version, size and number of files are `known`."""
        named = {"namespace": name.namespace, "name": name.name}
        declared = self._reader.datasets.get(path) if path is not None else None
        annotations = self._annotations(declared) if declared is not None else {}
        has_version, *has_counts = known
        facets = self._facets(path, kind, sub_type, declared, has_version) | annotations
        counts = [key for key, has in zip(("size", "fileCount"), has_counts, strict=True) if has]
        whole = {**named, "facets": facets, **self._statistics(role, counts)}
        return _Form(name, json_of(named), form_of(whole), bool(annotations))

    def _facets(
        self,
        path: str | None,
        kind: str,
        sub_type: str,
        declared: DatasetFact | None,
        has_version: bool,
    ) -> Json:
        is_model = kind == "model" or (path is not None and path in self._reader.models)
        sub_type = kind.upper() if kind in _IN_GIT else sub_type
        type_ = {"datasetType": "MODEL" if is_model else "FILE", "subType": sub_type}
        facets = {"datasetType": self._facet("DatasetTypeDatasetFacet", "1-0-1", **type_)}
        if has_version:
            value = Raw(TEXT)
            facets["version"] = self._facet(
                "DatasetVersionDatasetFacet", "1-0-1", datasetVersion=value
            )
        if path is not None:
            facets["storage"] = self._storage(path, kind, declared)
            address = self._reader.cloud_url(path)
            if address is not None:
                facets["symlinks"] = self._symlinks(outside_name(address))
        return facets

    def _statistics(self, role: _Role, counts: Iterable[str]) -> Json:
        fields = dict.fromkeys(counts, Raw(NUMBER))
        if not fields:
            return {}
        if role == "input":
            found = self._facet("InputStatisticsInputDatasetFacet", "1-0-0", **fields)
            return {"inputFacets": {"inputStatistics": found}}
        found = self._facet("OutputStatisticsOutputDatasetFacet", "1-0-2", **fields)
        return {"outputFacets": {"outputStatistics": found}}

    def _storage(self, path: str, kind: str, declared: DatasetFact | None) -> Json:
        in_git = kind in _IN_GIT and declared is None
        layer = "git" if in_git or (declared is not None and not declared.cache) else "dvc"
        file_format = _FORMATS.get(path.rpartition(".")[2].lower())
        fields = {} if file_format is None else {"fileFormat": file_format}
        return self._facet("StorageDatasetFacet", "1-0-1", storageLayer=layer, **fields)

    def _symlinks(self, name: DatasetName) -> Json:
        """Return the name that Spark and Airflow give to the file."""
        found = {"namespace": name.namespace, "name": name.name, "type": "LOCATION"}
        return self._facet("SymlinksDatasetFacet", "1-0-1", identifiers=[found])

    def _annotations(self, declared: DatasetFact) -> Json:
        facets: Json = {}
        if declared.desc:
            text = cut(declared.desc)
            facets["documentation"] = self._facet(
                "DocumentationDatasetFacet", "1-1-0", description=text
            )
        tags = list(_tags(declared))[:_TAGS]
        if tags:
            facets["tags"] = self._facet("TagsDatasetFacet", "1-0-0", tags=tags)
        return facets

    def _facet(self, name: str, schema: str, /, **fields: Any) -> Json:
        return standard_facet(self._producer, name, schema, **fields)


def _sub_type(version: str | None) -> str:
    return "DIRECTORY" if version is not None and version.endswith(".dir") else "DATA"


def _filled(form: _Form, values: tuple[bytes | int, ...]) -> WrittenDataset:
    return WrittenDataset(form.name, form.named, form.text % values, form.is_annotated)


def _tags(declared: DatasetFact) -> Iterator[Json]:
    for label in declared.labels:
        yield {"key": "label", "value": cut(label, LABEL), "source": "DVC"}
    if declared.type:
        yield {"key": "type", "value": cut(declared.type, LABEL), "source": "DVC"}
