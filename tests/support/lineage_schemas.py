"""OpenLineage's schemas and ours, which validate events."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs

from lineage_diff.catalog.writers.openlineage import Event

OURS = Path(__file__).parents[2] / "src/lineage_diff/catalog/openlineage.schema.json"
CORE = "https://openlineage.io/spec/2-0-2/OpenLineage.json"


class Specification:
    """OpenLineage's schemas and ours: of events, and of each facet by its `_schemaURL`."""

    def __init__(self, folder: Path) -> None:
        files = [folder / "OpenLineage.json", *sorted((folder / "facets").glob("*.json"))]
        self._schemas = {schema["$id"]: schema for schema in map(_load, files)}
        self._registry = jsonschema_rs.Registry(list(self._schemas.items()))
        self._known: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def check(self, event: Event) -> None:
        """Fail unless the event and each of its facets is valid."""
        self._validate(f"{CORE}#/$defs/RunEvent", event)
        for key, facet in _facets(event):
            self._validate(_schema_url(key, facet["_schemaURL"]), facet)

    def _validate(self, url: str, value: Any) -> None:
        if url not in self._known:
            self._known[url] = self._validator(url)
        self._known[url].validate(value)

    def _validator(self, url: str) -> jsonschema_rs.Draft202012Validator:
        file, _, name = url.partition("#/$defs/")
        if file == str(OURS):
            schema = _load(OURS)["$defs"][name]
        else:
            assert name in self._schemas[file]["$defs"]
            schema = {"$ref": url}
        return jsonschema_rs.Draft202012Validator(
            schema, registry=self._registry, validate_formats=True
        )


def _load(file: Path) -> Any:
    return json.loads(file.read_bytes())


def _schema_url(key: str, url: str) -> str:
    """Return the address of a facet's schema; ours is the file of this checkout."""
    if key.startswith("lineageDiff_"):
        path, _, name = url.partition("#")
        assert path.endswith("src/lineage_diff/catalog/openlineage.schema.json")
        return f"{OURS}#{name}"
    return url


def _facets(event: Event) -> Iterator[tuple[str, Event]]:
    for holder in (event["run"], event["job"]):
        yield from holder["facets"].items()
    for dataset in (*event["inputs"], *event["outputs"]):
        for name in ("facets", "inputFacets", "outputFacets"):
            yield from dataset.get(name, {}).items()
