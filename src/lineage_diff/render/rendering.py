"""Render a report in a format. A saved report gives the same bytes as a computed one."""

from collections.abc import Iterable
from pkgutil import resolve_name

from lineage_diff.render.formats import FORMATS, Renderer
from lineage_diff.render.options import ShowOptions
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.json_codec import storable, storable_audit
from lineage_diff.report.report import Report


def render_report(name: str, report: Report, options: ShowOptions) -> bytes:
    """Render a report. Raises `KeyError` if the format does not support reports."""
    return b"".join(render_stored(FORMATS[name].report, name, storable(report), options))


def render_audit(name: str, report: AuditReport, options: ShowOptions) -> bytes:
    """Render an audit. Raises `KeyError` if the format does not support audits."""
    return b"".join(render_audit_parts(name, report, options))


def render_audit_parts(name: str, report: AuditReport, options: ShowOptions) -> Iterable[bytes]:
    """Render an audit as `render_audit` does, in parts: the JSON of many models is very large."""
    # All other formats render the stored form, as a saved audit has it.
    stored = report if name == "json" else storable_audit(report)
    return render_stored(FORMATS[name].audit, name, stored, options)


def render_stored(
    renderer: Renderer | None,
    name: str,
    report: object,
    options: ShowOptions,
) -> Iterable[bytes]:
    """Render a report in its stored form, in parts. Raises `KeyError` without a renderer."""
    if renderer is None:
        raise KeyError(name)
    taken = {option: getattr(options, option) for option in renderer.options}
    shown: str | bytes | Iterable[bytes] = resolve_name(renderer.function)(report, **taken)
    if isinstance(shown, str):
        return (shown.encode(),)
    return (shown,) if isinstance(shown, bytes) else shown
