"""The table of output formats.

The command line imports this module to list the formats. So it imports neither the functions, which
are resolved when they are called, nor msgspec.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["report", "audit"]


class Renderer(NamedTuple):
    """A function that renders a report as text or bytes, by name for `pkgutil.resolve_name`.

    `options` are the fields of `ShowOptions` that it takes as keywords.
    """

    function: str
    options: tuple[str, ...] = ()


class Format(NamedTuple):
    """The renderer for each kind of report, `None` if unsupported, and the file suffixes."""

    report: Renderer | None = None
    audit: Renderer | None = None
    suffixes: tuple[str, ...] = ()


_TERMINAL = ("color", "width")

FORMATS: Mapping[str, Format] = {
    "terminal": Format(
        Renderer("lineage_diff.render.terminal:terminal", _TERMINAL),
        Renderer("lineage_diff.render.audit_text:audit_terminal", _TERMINAL),
        (".txt",),
    ),
    "markdown": Format(
        Renderer("lineage_diff.render.markdown:markdown", ("pictures",)),
        Renderer("lineage_diff.render.audit_text:audit_markdown"),
        (".md", ".markdown"),
    ),
    "json": Format(
        Renderer("lineage_diff.report.json_codec:encode"),
        Renderer("lineage_diff.report.json_codec:encode_audit"),
        (".json",),
    ),
    "csv": Format(
        audit=Renderer("lineage_diff.render.exports.csv:audit_csv"),
        suffixes=(".csv",),
    ),
    "html": Format(
        Renderer("lineage_diff.render.html.report:report_html"),
        Renderer("lineage_diff.render.html.audit:audit_html"),
        (".html",),
    ),
    "svg": Format(
        Renderer("lineage_diff.render.graph.graphviz:svg", ("theme",)),
        suffixes=(".svg",),
    ),
    "png": Format(
        Renderer("lineage_diff.render.graph.graphviz:png", ("theme",)),
        suffixes=(".png",),
    ),
    "dot": Format(
        Renderer("lineage_diff.render.graph.dot:dot_source", ("theme",)),
        suffixes=(".dot", ".gv"),
    ),
    "mermaid": Format(
        Renderer("lineage_diff.render.graph.mermaid:mermaid"),
        suffixes=(".mmd", ".mermaid"),
    ),
    "plots": Format(Renderer("lineage_diff.render.plots.contact_sheet:plot_sheet", ("theme",))),
    "sarif": Format(
        Renderer("lineage_diff.render.exports.sarif:sarif"),
        suffixes=(".sarif",),
    ),
    "annotations": Format(Renderer("lineage_diff.render.exports.github_annotations:annotations")),
}


def format_names(kind: Kind) -> tuple[str, ...]:
    """Return the formats that support this kind of report, in the order of the table."""
    return tuple(name for name, item in FORMATS.items() if getattr(item, kind) is not None)


def formats_by_suffix(kind: Kind) -> dict[str, str]:
    """Return the format for each file suffix, for this kind of report."""
    return {suffix: name for name in format_names(kind) for suffix in FORMATS[name].suffixes}
