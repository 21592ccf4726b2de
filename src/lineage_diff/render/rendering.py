"""Show a report in a format: the same bytes, whether it was just computed or saved and read."""

from pkgutil import resolve_name

from lineage_diff.render.formats import FORMATS, Renderer
from lineage_diff.render.options import ShowOptions
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.json_codec import storable, storable_audit
from lineage_diff.report.report import Report


def render_report(name: str, report: Report, options: ShowOptions) -> bytes:
    """Show a report. Raises `KeyError` for a format that shows none."""
    return _render(FORMATS[name].report, name, storable(report), options)


def render_audit(name: str, report: AuditReport, options: ShowOptions) -> bytes:
    """Show the report of an audit. Raises `KeyError` for a format that shows none."""
    # JSON is what the others are shown from.
    stored = report if name == "json" else storable_audit(report)
    return _render(FORMATS[name].audit, name, stored, options)


def _render(
    renderer: Renderer | None, name: str, report: Report | AuditReport, options: ShowOptions
) -> bytes:
    if renderer is None:
        raise KeyError(name)
    taken = {option: getattr(options, option) for option in renderer.options}
    shown: str | bytes = resolve_name(renderer.function)(report, **taken)
    return shown if isinstance(shown, bytes) else shown.encode()
