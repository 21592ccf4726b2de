"""Write requests for Alation's lineage API, version 2, one a file.

A path leads from the inputs of a run through its stage, a dataflow, to its outputs:
https://developer.alation.com/dev/docs/lineage-overview. A request has at most 100 paths, and each
path here has one dataflow of the ten that are allowed.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Final

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.grouping import ExportedRun, FactReader
from lineage_diff.catalog.writers.dataset_names import DatasetName, short_name
from lineage_diff.catalog.writers.parts import FilePart, cut, json_of
from lineage_diff.catalog.writers.run_datasets import Datasets, current_links

PATHS: Final = 100
"""Paths of one request."""


def write_alation(facts: Iterable[Fact]) -> Iterator[FilePart]:
    """Yield the requests, to be sent in the order of their names."""
    reader = FactReader(facts)
    links = current_links(reader)
    number = 0
    while batch := list(islice(links, PATHS)):
        number += 1
        request = {
            "dataflow_objects": [_dataflow(reader, run) for run, _, _ in batch],
            "paths": [_path(run, used, made) for run, used, made in batch],
        }
        yield FilePart(f"lineage-{number:05}.json", json_of(request) + b"\n")


def _key(run: ExportedRun) -> str:
    return f"api/{short_name(run.run.repository)}/{short_name(run.run.stage)}"


def _dataflow(reader: FactReader, run: ExportedRun) -> dict[str, Any]:
    stage = reader.stages.get(run.run.stage)
    description = f"Recorded by commit {run.run.commit}."
    if stage is not None and stage.desc:
        description = f"{cut(stage.desc)}\n{description}"
    return {
        "external_id": _key(run),
        "title": short_name(reader.title_of(run.run)),
        "description": description,
        "content": cut(run.run.command or ""),
        "group_name": short_name(run.run.repository),
    }


def _path(run: ExportedRun, used: Datasets, made: Datasets) -> list[list[dict[str, str]]]:
    return [_objects(used), [{"otype": "dataflow", "key": _key(run)}], _objects(made)]


def _objects(datasets: Iterable[DatasetName]) -> list[dict[str, str]]:
    return [
        {"otype": "external", "key": f"{item.namespace}/{item.name.removeprefix('/')}"}
        for item in datasets
    ]
