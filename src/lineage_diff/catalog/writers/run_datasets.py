"""The datasets that a run used and made, as links between named datasets need them."""

from collections.abc import Iterator

from lineage_diff.catalog.grouping import ExportedRun, FactReader
from lineage_diff.catalog.identity import outside_address
from lineage_diff.catalog.writers.dataset_names import (
    DatasetName,
    dataset_name,
    import_name,
)

Datasets = dict[DatasetName, str | None]
"""The version of each dataset, `None` if it is not recorded."""


def used_datasets(run: ExportedRun) -> Datasets:
    """Return the deps of a run, the outs that overlap them, and the source of an import."""
    found: Datasets = {}
    for fact in run.inputs:
        found.setdefault(dataset_name(fact.repository, fact.path, fact.url), fact.hash)
        if fact.out is not None:
            name = dataset_name(fact.repository, fact.out, outside_address(fact.out))
            found.setdefault(name, fact.out_hash)
    if run.imported is not None:
        found[import_name(run.imported)] = run.imported.hash or run.imported.rev_lock
    return found


def made_datasets(run: ExportedRun) -> Datasets:
    """Return the outs of a run."""
    return {dataset_name(fact.repository, fact.path, fact.url): fact.hash for fact in run.outputs}


def current_links(reader: FactReader) -> Iterator[tuple[ExportedRun, Datasets, Datasets]]:
    """Yield the runs in force that used something and made something, with both."""
    for run in reader.runs():
        used, made = used_datasets(run), made_datasets(run)
        if run.run.current and run.run.kind != "add" and used and made:
            yield run, used, made
