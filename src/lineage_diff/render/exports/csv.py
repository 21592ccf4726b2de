"""The versions of all histories of an audit as CSV (RFC 4180), one row each, newest first."""

import csv
import io
import json
from typing import Any

from lineage_diff.report.answers import History, HistoryStep
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.text import visible

COLUMNS = (
    "subject",
    "key",
    "commit",
    "date",
    "author",
    "message",
    "pull_request",
    "path",
    "change",
    "stage",
    "hash",
    "size",
    "value",
    "causes",
    "metrics",
    "registered",
)
# Characters that start a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def audit_csv(report: AuditReport) -> str:
    """Return a header of `COLUMNS` and one row for each version; causes and metrics as JSON."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for history in report.histories:
        for step in history.steps:
            writer.writerow([safe_cell(value) for value in _row(history, step)])
    return out.getvalue()


def _row(history: History, step: HistoryStep) -> tuple[Any, ...]:
    info = step.commit
    return (
        history.path,
        history.key,
        info.id if info else None,
        info.date if info else None,
        info.author if info else None,
        info.subject if info else None,
        info.pull_request if info else None,
        step.path,
        step.change,
        step.stage,
        step.new.hash,
        step.new.size,
        step.value,
        _json([[item.kind, item.subject, item.change, item.old, item.new] for item in step.causes]),
        _json({f"{item.file}:{item.key}": item.value for item in step.metrics}),
        " ".join(item.tag for item in step.registered),
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if value else ""


def safe_cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str):
        return value
    shown = visible(value)
    return f"'{shown}" if value.startswith(_FORMULA) else shown
