"""The report of an audit, schema version 1: answers from the history, with its JSON."""

from collections.abc import Iterable
from functools import partial
from typing import Any, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.lineage.history import Unreadable
from lineage_diff.lineage.registry import RegistryVersion
from lineage_diff.report.answers import Fix, History, Impact, Remake, Trace
from lineage_diff.report.change import Unknown
from lineage_diff.report.findings import Verdict
from lineage_diff.report.json_codec import (
    T,
    decode_strictly,
    has_odd_values,
    indented_parts,
    json_of,
)
from lineage_diff.report.mlflow import LinkedRun, MetricDisagreement
from lineage_diff.report.report import Repository, Revision, Tool

AUDIT_SCHEMA_VERSION = 1


class AuditReport(Struct, frozen=True, kw_only=True):
    """Every key is always present; answers that were not requested are empty; unknown is `None`.

    `revision` is the commit up to which the history was read. `complete` is false if the history
    is truncated: the oldest versions in it may be older. `verdict` is that of `audit`, on the
    freshness of the commit; `None` for a single question. `no_model` is true if no model is
    recognised at the commit: then an answer without models does not say that none is affected.
    `remakes` are the versions in use that were looked for in the remote. `unreadable` are the
    skipped files of commits; `runs` are the MLflow runs of the commits that made a version;
    `registry` lists all versions that Git tags register.
    """

    schema_version: Literal[1] = 1
    tool: Tool
    repository: Repository
    revision: Revision
    complete: bool = True
    no_model: bool = False
    verdict: Verdict | None = None
    traces: tuple[Trace, ...] = ()
    histories: tuple[History, ...] = ()
    impacts: tuple[Impact, ...] = ()
    fixes: tuple[Fix, ...] = ()
    remakes: tuple[Remake, ...] = ()
    runs: tuple[LinkedRun, ...] = ()
    metric_disagreements: tuple[MetricDisagreement, ...] = ()
    registry: tuple[RegistryVersion, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    unknowns: tuple[Unknown, ...] = ()


def encode_audit(report: AuditReport) -> bytes:
    """Return the report as UTF-8 JSON: the same bytes for equal reports."""
    return b"".join(audit_parts(report))


def audit_parts(report: AuditReport) -> Iterable[bytes]:
    """Return the output of `encode_audit` in parts: of many models it is very large."""
    odd = has_odd_values(_free_values(report))
    return indented_parts(report, partial(json_of, odd=odd))


def storable_audit(report: AuditReport) -> AuditReport:
    """Return the report as `decode_audit` would read it from the output of `encode_audit`."""
    odd = has_odd_values(_free_values(report))

    def stored(value: T) -> T:
        return msgspec.json.decode(json_of(value, odd), type=type(value))

    # Traces share the runs that several models have behind them; their stored forms do, too.
    runs = {id(run): run for trace in report.traces for run in trace.runs}
    kept = {key: stored(run) for key, run in runs.items()}

    def stored_trace(trace: Trace) -> Trace:
        runs = tuple(kept[id(run)] for run in trace.runs)
        return replace(stored(replace(trace, runs=())), runs=runs)

    # The answers one by one, as in `audit_parts`.
    return replace(
        stored(replace(report, traces=(), histories=())),
        traces=tuple(map(stored_trace, report.traces)),
        histories=tuple(map(stored, report.histories)),
    )


def decode_audit(data: bytes, source: str) -> AuditReport:
    """Return the report that `encode_audit` wrote. Raises `ReportError`, with the JSON path."""
    return decode_strictly(data, source, AuditReport, AUDIT_SCHEMA_VERSION)


def _free_values(report: AuditReport) -> list[Any]:
    """Return the values from a repository's files: of params, metrics and commands."""
    values: list[Any] = [(item.git, item.mlflow) for item in report.metric_disagreements]
    for trace in report.traces:
        values += [param.value for param in trace.params]
        values += [metric.value for metric in trace.metrics]
        values += [run.command for run in trace.runs]
        values += [(reason.actual, reason.locked) for reason in trace.reasons]
    for history in report.histories:
        for step in history.steps:
            values += [metric.value for metric in step.metrics]
            values += [(cause.old, cause.new) for cause in step.causes]
            values += [step.old_value, step.value]
    return values
