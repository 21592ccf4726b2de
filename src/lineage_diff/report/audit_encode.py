"""An AuditReport as JSON bytes and back, and the JSON Schema (2020-12) that the bytes follow."""

from typing import Any

import msgspec

from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.strict_json import (
    decode_strictly,
    formatted,
    has_odd_values,
    schema_of,
    storable_value,
)

SCHEMA_VERSION = 1
SCHEMA_ID = "urn:lineage-diff:audit:1"


def encode_audit(report: AuditReport) -> bytes:
    """Return the report as UTF-8 JSON: the same bytes for equal reports."""
    return formatted(_json(report))


def storable_audit(report: AuditReport) -> AuditReport:
    """Return the report as `decode_audit` would read it back from what `encode_audit` writes."""
    return msgspec.json.decode(_json(report), type=AuditReport)


def decode_audit(data: bytes, source: str) -> AuditReport:
    """Return the report that `encode_audit` wrote. Raises `ReportError`, with the JSON path."""
    return decode_strictly(data, source, AuditReport, SCHEMA_VERSION)


def audit_schema() -> dict[str, Any]:
    """Return the JSON Schema of an audit's report, as `audit.schema.json` holds it."""
    return schema_of(AuditReport, SCHEMA_ID, "lineage-diff audit")


def audit_schema_bytes() -> bytes:
    """Return the JSON Schema as it is committed."""
    return formatted(msgspec.json.encode(audit_schema()))


def _json(report: AuditReport) -> bytes:
    if not has_odd_values(_free_values(report)):
        try:
            return msgspec.json.encode(report, order="deterministic")
        except UnicodeEncodeError:
            pass
    stored = storable_value(msgspec.to_builtins(report))
    return msgspec.json.encode(msgspec.convert(stored, AuditReport), order="deterministic")


def _free_values(report: AuditReport) -> list[Any]:
    """Return the values that a repository's files decide: of params, metrics and commands."""
    values: list[Any] = [(item.git, item.mlflow) for item in report.metric_disagreements]
    for trace in report.traces:
        values += [param.value for param in trace.params]
        values += [metric.value for metric in trace.metrics]
        values += [run.command for run in trace.runs]
        values += [(reason.here, reason.locked) for reason in trace.reasons]
    for history in report.histories:
        for step in history.steps:
            values += [metric.value for metric in step.metrics]
            values += [(cause.old, cause.new) for cause in step.causes]
            values += [step.old_value, step.value]
    return values
