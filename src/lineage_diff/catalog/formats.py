"""The table of export formats.

The command line imports this module to list the formats. So it imports neither the writers, which
are resolved when they are called, nor msgspec.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

ScopeName = Literal["commit", "history"]


class ExportFormat(NamedTuple):
    """A format of an export.

    `writer` is a function, by name for `pkgutil.resolve_name`, that takes the facts and yields
    `FilePart`s. Without `is_folder`, all are of one file. `scopes` are the exports that it can
    hold. `sender` is a function that sends the facts to the system that the environment names, with
    the packages of `extra`, and returns the number of `sent` things; `None` if only files are
    written. A writer with `specs` also takes one of these versions of its specification, the first
    by default. With `reads_files`, the facts include the files in Git. Without `has_freshness`, it
    writes none of the stages, so a history is read without. A file that `has_lines` may be joined
    with another one.
    """

    writer: str
    help: str
    scopes: tuple[ScopeName, ...] = ("commit", "history")
    is_folder: bool = False
    extra: str | None = None
    sender: str | None = None
    sent: str = "events"
    specs: tuple[str, ...] = ()
    reads_files: bool = False
    has_freshness: bool = False
    has_lines: bool = False


EXPORT_FORMATS: Mapping[str, ExportFormat] = {
    "json": ExportFormat(
        "lineage_diff.catalog.writers.dag_json:write_dag",
        "the graph of one commit: stages, edges, versions, params, metrics",
        ("commit",),
        has_freshness=True,
    ),
    "openlineage": ExportFormat(
        "lineage_diff.catalog.writers.openlineage:write_openlineage",
        "events of the runs, for every consumer of OpenLineage",
        sender="lineage_diff.app.export.send_openlineage:send_events",
        extra="openlineage",
        has_lines=True,
    ),
    "datahub": ExportFormat(
        "lineage_diff.catalog.writers.datahub:write_datahub",
        "a file for `datahub ingest`: models, training data, runs",
        ("commit",),
        sender="lineage_diff.app.export.send_datahub:send_metadata",
        sent="aspects",
    ),
    "collibra": ExportFormat(
        "lineage_diff.catalog.writers.collibra:write_collibra",
        "a folder with the batch definition of a custom technical lineage",
        ("commit",),
        is_folder=True,
    ),
    "alation": ExportFormat(
        "lineage_diff.catalog.writers.alation:write_alation",
        "a folder with requests for the lineage API",
        ("commit",),
        is_folder=True,
    ),
    "facts": ExportFormat(
        "lineage_diff.catalog.writers.fact_lines:write_fact_lines",
        "every fact, one a line of JSON",
        has_freshness=True,
        has_lines=True,
    ),
    "cyclonedx": ExportFormat(
        "lineage_diff.catalog.writers.cyclonedx:write_ml_bom",
        "an ML-BOM of CycloneDX: models, data, hashes, runs",
        ("commit",),
        specs=("1.6", "1.7"),
        reads_files=True,
        has_freshness=True,
    ),
    "in-toto": ExportFormat(
        "lineage_diff.catalog.writers.in_toto:write_statement",
        "a Statement of in-toto with the SLSA provenance of one model",
        ("commit",),
        reads_files=True,
        has_freshness=True,
    ),
}
