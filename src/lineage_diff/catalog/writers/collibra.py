"""Write the batch definition of Collibra's custom technical lineage, version 3.

`metadata.json` names the types of assets, `lineage.json` the links, `source_codes/` the commands:
https://productresources.collibra.com/docs/collibra/latest/Content/CollibraDataLineage/
CustomTechnicalLineage/ref_custom-lineage-json-file.htm
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.grouping import FactReader
from lineage_diff.catalog.writers.dataset_names import DatasetName
from lineage_diff.catalog.writers.parts import FilePart, json_of, readable
from lineage_diff.catalog.writers.run_datasets import current_links
from lineage_diff.project import NAME
from lineage_diff.text import visible_lines

# The types that every installation has.
_TYPES: Final = {
    "System": "00000000-0000-0000-0000-000000031302",
    "Directory": "00000000-0000-0000-0000-000000031303",
    "File": "00000000-0000-0000-0000-000000031304",
}
_LINEAGE: Final = "lineage.json"


def write_collibra(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield the files of the folder. Each input is linked with each output of its run."""
    reader = FactReader(facts)
    yield FilePart("metadata.json", json_of(_metadata()) + b"\n")
    begin = b"[\n"
    for run, used, made in current_links(reader):
        code = f"source_codes/{run.run.run}.sh"
        command = visible_lines(readable(run.run.command or ""))
        yield FilePart(code, f"{command}\n".encode())
        for source, source_version in used.items():
            for target, target_version in made.items():
                link = {
                    "src": _asset(source, source_version),
                    "trg": _asset(target, target_version),
                    "source_code": {
                        "path": code,
                        "transformation_display_name": readable(reader.title_of(run.run)),
                    },
                }
                yield FilePart(_LINEAGE, begin + json_of(link))
                begin = b",\n"
    yield FilePart(_LINEAGE, b"\n]\n" if begin == b",\n" else b"[]\n")


def _metadata() -> dict[str, Any]:
    return {
        "version": 3,
        "application_name": NAME,
        "asset_types": {name: {"uuid": uuid} for name, uuid in _TYPES.items()},
    }


def _asset(dataset: DatasetName, version: str | None) -> dict[str, Any]:
    folder, _, name = dataset.name.rpartition("/")
    is_folder = version is not None and version.endswith(".dir")
    return {
        "nodes": [{"name": dataset.namespace, "type": "System"}],
        "parent": {"name": folder or "/", "type": "Directory"},
        "leaf": {"name": name or "/", "type": "Directory" if is_folder else "File"},
    }
