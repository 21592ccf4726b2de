"""Write the datasets of OpenLineage's events, with their facets.

A history names the same paths in most of its commits, and only version and size differ. So what
stands around these values is encoded once for each path.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final, Literal

from msgspec import Raw, Struct

from lineage_diff.catalog.facts import DatasetFact, InputFact, OutputFact
from lineage_diff.catalog.grouping import FactReader
from lineage_diff.catalog.writers.dataset_names import DatasetName, dataset_name, outside_name
from lineage_diff.catalog.writers.parts import cut, json_of, readable

SPEC: Final = "https://openlineage.io/spec"

LABEL: Final = 1_000
"""Characters of a label, or of the value of a param."""

_TAGS: Final = 100
"""Labels of one dataset: more would not be read."""

_REMEMBERED: Final = 1 << 13
_FORMATS: Final = {"parquet": "parquet", "orc": "orc", "avro": "avro", "json": "json"} | {
    "jsonl": "json",
    "csv": "csv",
    "txt": "text",
    "xml": "xml",
}
_IN_GIT: Final = frozenset(("code", "environment", "params"))
_TOO_LARGE: Final = 2**63
# Where a value stands in a form: no JSON has these bytes.
_TEXT, _NUMBER = b"\0", b"\1"

Json = dict[str, Any]
_Role = Literal["input", "output", "other"]


class WrittenDataset(Struct, frozen=True):
    """A dataset as JSON: `named` has no facets. Annotations are texts of any length."""

    name: DatasetName
    named: Raw
    whole: Raw
    is_annotated: bool


class _Form(Struct, frozen=True):
    """A dataset without its values: `text` takes them by the operator `%`."""

    named: Raw
    text: bytes
    is_annotated: bool


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

    def used(self, fact: InputFact) -> WrittenDataset:
        """Return the dataset of an input."""
        name = dataset_name(fact.repository, fact.path, fact.url)
        return self._dataset(name, fact.path, fact.hash, fact.kind, "input", fact.size, fact.files)

    def made(self, fact: OutputFact) -> WrittenDataset:
        """Return the dataset of an output."""
        name = dataset_name(fact.repository, fact.path, fact.url)
        kind = "model" if fact.is_model else "data"
        return self._dataset(name, fact.path, fact.hash, kind, "output", fact.size, fact.files)

    def other(
        self, name: DatasetName, path: str | None, version: str | None, kind: str = "data"
    ) -> WrittenDataset:
        """Return a dataset that no fact of a run describes."""
        return self._dataset(name, path, version, kind, "other")

    def _dataset(
        self,
        name: DatasetName,
        path: str | None,
        version: str | None,
        kind: str,
        role: _Role,
        size: int | None = None,
        files: int | None = None,
    ) -> WrittenDataset:
        values: tuple[bytes | int, ...] = ()
        type_ = "DATA"
        if version is not None:
            values = (json_of(readable(version)),)
            type_ = "DIRECTORY" if version.endswith(".dir") else "DATA"
        if size is not None and size < _TOO_LARGE:
            values += (size,)
        else:
            size = None
        if files is not None and files < _TOO_LARGE:
            values += (files,)
        else:
            files = None
        known = version is not None, size is not None, files is not None
        form = self._form(name, path, kind, type_, role, known)
        return WrittenDataset(name, form.named, Raw(form.text % values), form.is_annotated)

    def _form_of(
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
        text = json_of(whole).replace(b"%", b"%%").replace(_TEXT, b"%b").replace(_NUMBER, b"%d")
        return _Form(Raw(json_of(named)), text, bool(annotations))

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
            value = Raw(_TEXT)
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
        fields = dict.fromkeys(counts, Raw(_NUMBER))
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


def _tags(declared: DatasetFact) -> Iterator[Json]:
    for label in declared.labels:
        yield {"key": "label", "value": cut(label, LABEL), "source": "DVC"}
    if declared.type:
        yield {"key": "type", "value": cut(declared.type, LABEL), "source": "DVC"}
