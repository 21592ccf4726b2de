"""Render a report in a format. A saved report gives the same bytes as a computed one."""

from collections.abc import Callable, Iterable
from functools import cache
from pkgutil import resolve_name

from lineage_diff.render.formats import FORMATS, Renderer
from lineage_diff.render.options import ShowOptions
from lineage_diff.report.audit_report import AuditReport, storable_audit
from lineage_diff.report.report import Report, storable_report

Rendering = Callable[[str, ShowOptions], Iterable[bytes]]
"""Renders one report in a format, in parts: the JSON of many models is very large."""


def render_report(name: str, report: Report, options: ShowOptions) -> bytes:
    """Render a report. Raises `KeyError` if the format does not support reports."""
    return b"".join(report_rendering(report)(name, options))


def report_rendering(report: Report, is_stored: bool = False) -> Rendering:
    """Return what renders a report in several formats, from one stored form of it.

    `is_stored` if the report was read from a file.
    """
    # The JSON of both forms is the same. All other formats render the stored one.
    stored = cache(lambda: report if is_stored else storable_report(report))

    def rendered(name: str, options: ShowOptions) -> Iterable[bytes]:
        shown = report if name == "json" else stored()
        return render_stored(FORMATS[name].report, name, shown, options)

    return rendered


def render_audit(name: str, report: AuditReport, options: ShowOptions) -> bytes:
    """Render an audit. Raises `KeyError` if the format does not support audits."""
    return b"".join(audit_rendering(report)(name, options))


def audit_rendering(report: AuditReport) -> Rendering:
    """Return what renders an audit in several formats, as `report_rendering` does."""
    stored = cache(lambda: storable_audit(report))

    def rendered(name: str, options: ShowOptions) -> Iterable[bytes]:
        shown = report if name == "json" else stored()
        return render_stored(FORMATS[name].audit, name, shown, options)

    return rendered


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
