"""A Report as JSON bytes and back, and the JSON Schema (2020-12) that the bytes follow."""

from typing import Any

import msgspec

from lineage_diff.report.report import Report
from lineage_diff.report.strict_json import (
    MAX_BYTES,
    ReportError,
    decode_strictly,
    formatted,
    has_odd_values,
    schema_of,
    storable_value,
)

__all__ = ["MAX_BYTES", "ReportError", "decode", "encode", "schema", "schema_bytes", "storable"]

SCHEMA_VERSION = 1
SCHEMA_ID = "urn:lineage-diff:report:1"
OPTIONAL = {"ValueChange": {"diff"}}


def encode(report: Report) -> bytes:
    """Return the report as UTF-8 JSON: the same bytes for equal reports.

    Keys stand in the contract's order, those of free mappings sorted. JSON has no NaN and no
    infinities: they become the strings `NaN`, `Infinity` and `-Infinity`; a byte of a path that
    is not UTF-8 becomes its `\\udc..` escape; an integer beyond 64 bits becomes its digits.
    """
    return formatted(_json(report))


def storable(report: Report) -> Report:
    """Return the report as `decode` would read it back from what `encode` writes."""
    return msgspec.json.decode(_json(report), type=Report)


def decode(data: bytes, source: str) -> Report:
    """Return the report that `encode` wrote. Raises `ReportError`, with the JSON path.

    `source` names where the bytes come from. Every key must be there, and no other.
    """
    return decode_strictly(data, source, Report, SCHEMA_VERSION, MAX_BYTES)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report, as `report.schema.json` holds it."""
    return schema_of(Report, SCHEMA_ID, "lineage-diff report", OPTIONAL)


def schema_bytes() -> bytes:
    """Return the JSON Schema as it is committed."""
    return formatted(msgspec.json.encode(schema()))


def _json(report: Report) -> bytes:
    if not _has_odd_values(report):
        try:
            return msgspec.json.encode(report, order="deterministic")
        except UnicodeEncodeError:
            pass
    stored = msgspec.convert(_plain(report), Report)
    return msgspec.json.encode(stored, order="deterministic")


def _has_odd_values(report: Report) -> bool:
    """Whether it holds a number or a key that JSON cannot: only a repository's values can."""
    values: list[Any] = [report.params, report.metrics]
    for model in report.models:
        values += [(metric.old, metric.new, metric.diff) for metric in model.metrics]
        values += [(cause.old, cause.new) for cause in model.causes]
    for move in report.metric_moves:
        values += [(cause.old, cause.new) for cause in move.causes]
    values += [(drawing.rows, drawing.content) for drawing in report.drawings]
    values += [(item.git, item.mlflow) for item in report.metric_disagreements]
    for stage in report.stages:
        values += [(reason.here, reason.locked) for reason in stage.reasons]
    return has_odd_values(values)


def _plain(report: Report) -> dict[str, Any]:
    plain: dict[str, Any] = msgspec.to_builtins(report)
    for model in plain["models"]:
        for metric in model["metrics"]:
            if storable_value(metric["diff"]) != metric["diff"]:
                metric["diff"] = None
    for changes in (plain["params"], plain["metrics"]):
        for file in changes.values():
            for change in file.values():
                # A difference is a number or is not there.
                if "diff" in change and storable_value(change["diff"]) != change["diff"]:
                    del change["diff"]
    stored: dict[str, Any] = storable_value(plain)
    return stored
