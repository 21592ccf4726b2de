"""Encode and decode a table of several revisions as JSON, strictly, with its JSON Schema."""

from typing import Any

import msgspec

from lineage_diff.report.experiments import ExperimentsReport
from lineage_diff.report.json_codec import decode_strictly, formatted, schema_of, storable_value

SCHEMA_VERSION = 1
SCHEMA_ID = "urn:lineage-diff:experiments:1"


def encode_experiments(report: ExperimentsReport) -> bytes:
    """Return the table as UTF-8 JSON: the same bytes for equal reports."""
    return formatted(msgspec.json.encode(storable_experiments(report), order="deterministic"))


def storable_experiments(report: ExperimentsReport) -> ExperimentsReport:
    """Return the report with values that JSON can hold."""
    return msgspec.convert(storable_value(msgspec.to_builtins(report)), ExperimentsReport)


def decode_experiments(data: bytes, source: str) -> ExperimentsReport:
    """Return the report that `encode_experiments` wrote. Raises `ReportError`."""
    return decode_strictly(data, source, ExperimentsReport, SCHEMA_VERSION)


def experiments_schema() -> dict[str, Any]:
    """Return the JSON Schema of a table, the content of `experiments.schema.json`."""
    return schema_of(ExperimentsReport, SCHEMA_ID, "lineage-diff experiments")


def experiments_schema_bytes() -> bytes:
    """Return the bytes of `experiments.schema.json`."""
    return formatted(msgspec.json.encode(experiments_schema()))
