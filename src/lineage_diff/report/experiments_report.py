"""The report on several revisions, schema version 1, and its JSON."""

from typing import Literal

import msgspec
from msgspec import Struct

from lineage_diff.report.experiments import ExperimentTable
from lineage_diff.report.findings import Verdict
from lineage_diff.report.json_codec import decode_strictly, formatted, storable_value
from lineage_diff.report.report import Repository, Tool

SCHEMA_VERSION = 1


class ExperimentsReport(Struct, frozen=True, kw_only=True):
    """Every key is always present; rows are sorted; unknown is `None`.

    The `verdict` is a failure if that of any revision but the first is.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: Repository
    verdict: Verdict
    table: ExperimentTable


def encode_experiments(report: ExperimentsReport) -> bytes:
    """Return the table as UTF-8 JSON: the same bytes for equal reports."""
    return formatted(msgspec.json.encode(storable_experiments(report), order="deterministic"))


def storable_experiments(report: ExperimentsReport) -> ExperimentsReport:
    """Return the report with values that JSON can hold."""
    return msgspec.convert(storable_value(msgspec.to_builtins(report)), ExperimentsReport)


def decode_experiments(data: bytes, source: str) -> ExperimentsReport:
    """Return the report that `encode_experiments` wrote. Raises `ReportError`."""
    return decode_strictly(data, source, ExperimentsReport, SCHEMA_VERSION)
