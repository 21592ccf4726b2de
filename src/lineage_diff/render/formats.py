"""The formats that a report can be shown in: one interface, each loaded when it is asked for.

The formats that the report of an audit can be shown in, each loaded when it is asked for.
"""

from collections.abc import Callable, Mapping

from msgspec import Struct

from lineage_diff.render.options import ShowOptions
from lineage_diff.report.audit_report import AuditReport
from lineage_diff.report.report import Report


class Format(Struct, frozen=True):
    """One way to show a report. `draw` is the format's own part."""

    name: str
    draw: Callable[[Report, ShowOptions], bytes]

    def render(self, report: Report, options: ShowOptions) -> bytes:
        """Return the same bytes for a report, whether it was just made or saved and read."""
        from lineage_diff.report.json_codec import storable

        return self.draw(storable(report), options)


def _terminal(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.terminal import terminal

    return terminal(report, color=options.color, width=options.width).encode()


def _markdown(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.markdown import markdown

    return markdown(report, options.pictures).encode()


def _json(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.report.json_codec import encode

    return encode(report)


def _html(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.html.report import report_html

    return report_html(report).encode()


def _svg(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.graph.graphviz import svg

    return svg(report, options.theme)


def _png(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.graph.graphviz import png

    return png(report, options.theme)


def _dot(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.graph.dot import dot_source

    return dot_source(report, options.theme).encode()


def _mermaid(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.graph.mermaid import mermaid

    return mermaid(report).encode()


def _plots(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.plots.contact_sheet import plot_sheet

    return plot_sheet(report, options.theme)


def _sarif(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.exports.sarif import sarif

    return sarif(report)


def _annotations(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.render.exports.github_annotations import annotations

    return annotations(report).encode()


FORMATS: Mapping[str, Format] = {
    known.name: known
    for known in (
        Format("terminal", _terminal),
        Format("markdown", _markdown),
        Format("json", _json),
        Format("html", _html),
        Format("svg", _svg),
        Format("png", _png),
        Format("dot", _dot),
        Format("mermaid", _mermaid),
        Format("plots", _plots),
        Format("sarif", _sarif),
        Format("annotations", _annotations),
    )
}


Draw = Callable[[AuditReport, ShowOptions], bytes]


def render_audit(name: str, report: AuditReport, options: ShowOptions) -> bytes:
    """Return the same bytes for a report, whether it was just made or saved and read."""
    from lineage_diff.report.json_codec import storable_audit

    # JSON is what the others are shown from.
    return AUDIT_FORMATS[name](report if name == "json" else storable_audit(report), options)


def _audit_terminal(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.render.audit_text import audit_terminal

    return audit_terminal(report, color=options.color, width=options.width).encode()


def _audit_markdown(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.render.audit_text import audit_markdown

    return audit_markdown(report).encode()


def _audit_json(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.report.json_codec import encode_audit

    return encode_audit(report)


def _csv(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.render.exports.csv import audit_csv

    return audit_csv(report).encode()


def _audit_html(report: AuditReport, options: ShowOptions) -> bytes:
    from lineage_diff.render.html.audit import audit_html

    return audit_html(report).encode()


AUDIT_FORMATS: Mapping[str, Draw] = {
    "terminal": _audit_terminal,
    "markdown": _audit_markdown,
    "json": _audit_json,
    "csv": _csv,
    "html": _audit_html,
}
