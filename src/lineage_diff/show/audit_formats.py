"""The formats that the report of an audit can be shown in, each loaded when it is asked for."""

from collections.abc import Callable, Mapping

from lineage_diff.report.audit_report import AuditReport
from lineage_diff.show.options import ShowOptions

Draw = Callable[[AuditReport, ShowOptions], bytes]


def render_audit(name: str, report: AuditReport, options: ShowOptions) -> bytes:
    """Return the same bytes for a report, whether it was just made or saved and read."""
    from lineage_diff.report.audit_encode import storable_audit

    # JSON is what the others are shown from.
    return AUDIT_FORMATS[name](report if name == "json" else storable_audit(report), options)


def _terminal(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.show.audit_text import audit_terminal

    return audit_terminal(report, color=options.color, width=options.width).encode()


def _markdown(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.show.audit_text import audit_markdown

    return audit_markdown(report).encode()


def _json(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.report.audit_encode import encode_audit

    return encode_audit(report)


def _csv(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.show.audit_csv import audit_csv

    return audit_csv(report).encode()


def _html(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.show.audit_html import audit_html

    return audit_html(report).encode()


AUDIT_FORMATS: Mapping[str, Draw] = {
    "terminal": _terminal,
    "markdown": _markdown,
    "json": _json,
    "csv": _csv,
    "html": _html,
}
