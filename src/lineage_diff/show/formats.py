"""The formats that a report can be shown in: one interface, each loaded when it is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from lineage_diff.report.report import Report
from lineage_diff.show.options import ShowOptions


@dataclass(frozen=True, slots=True)
class Format:
    """One way to show a report. `draw` is the format's own part."""

    name: str
    draw: Callable[[Report, ShowOptions], bytes]

    def render(self, report: Report, options: ShowOptions) -> bytes:
        """Return the same bytes for a report, whether it was just made or saved and read."""
        from lineage_diff.report.encode import storable

        return self.draw(storable(report), options)


def _terminal(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.terminal import terminal

    return terminal(report, color=options.color, width=options.width).encode()


def _markdown(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.markdown import markdown

    return markdown(report, options.pictures).encode()


def _json(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.report.encode import encode

    return encode(report)


def _html(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.report_html import report_html

    return report_html(report).encode()


def _svg(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.render import svg

    return svg(report, options.theme)


def _png(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.render import png

    return png(report, options.theme)


def _dot(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.dot import dot_source

    return dot_source(report, options.theme).encode()


def _mermaid(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.mermaid import mermaid

    return mermaid(report).encode()


def _plots(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.plot_sheet import plot_sheet

    return plot_sheet(report, options.theme)


def _sarif(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.sarif import sarif

    return sarif(report)


def _annotations(report: Report, options: ShowOptions) -> bytes:
    from lineage_diff.show.annotations import annotations

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
