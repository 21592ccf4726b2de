"""The table of output formats.

The command line imports this module to list the formats. So it imports neither the functions, which
are resolved when they are called, nor msgspec.
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

Kind = Literal["report", "commit", "audit", "experiments", "promotion", "organization"]
"""The subject: a change or a saved report, one commit, the history, several revisions, a
promotion, or many repositories."""


class Renderer(NamedTuple):
    """A function that renders a report as text, bytes or parts, by name for `pkgutil.resolve_name`.

    `options` are the fields of `ShowOptions` that it takes as keywords.
    """

    function: str
    options: tuple[str, ...] = ()


class Format(NamedTuple):
    """The renderer for each kind of report, `None` if unsupported, and the file suffixes.

    `picture` is set for formats that show only the changed graph or plots, of which one commit by
    itself has none; `binary` for those that no terminal can show.
    """

    report: Renderer | None = None
    audit: Renderer | None = None
    experiments: Renderer | None = None
    promotion: Renderer | None = None
    organization: Renderer | None = None
    suffixes: tuple[str, ...] = ()
    picture: bool = False
    binary: bool = False

    @property
    def commit(self) -> Renderer | None:
        """The renderer for the report on one commit, which has no graph to show."""
        if self.report is None or self.picture:
            return None
        options = tuple(name for name in self.report.options if name != "pictures")
        return self.report._replace(options=options)


_TERMINAL = ("color", "width")

FORMATS: Mapping[str, Format] = {
    "terminal": Format(
        Renderer("lineage_diff.render.terminal:terminal", (*_TERMINAL, "whole", "quiet")),
        Renderer("lineage_diff.render.audit_text:audit_terminal", _TERMINAL),
        Renderer("lineage_diff.render.experiments.terminal:experiments_terminal", _TERMINAL),
        Renderer("lineage_diff.render.promotion.text:promotion_terminal", _TERMINAL),
        Renderer("lineage_diff.render.organization.text:organization_terminal", _TERMINAL),
        (".txt",),
    ),
    "markdown": Format(
        Renderer("lineage_diff.render.markdown:markdown", ("pictures",)),
        Renderer("lineage_diff.render.audit_text:audit_markdown"),
        Renderer("lineage_diff.render.experiments.text:experiments_markdown"),
        Renderer("lineage_diff.render.promotion.text:promotion_markdown"),
        Renderer("lineage_diff.render.organization.text:organization_markdown"),
        (".md", ".markdown"),
    ),
    "json": Format(
        Renderer("lineage_diff.report.report:report_parts"),
        Renderer("lineage_diff.report.audit_report:audit_parts"),
        Renderer("lineage_diff.report.experiments_report:encode_experiments"),
        Renderer("lineage_diff.report.promotion:encode_promotion"),
        Renderer("lineage_diff.report.organization.report:encode_organization"),
        (".json",),
    ),
    "csv": Format(
        audit=Renderer("lineage_diff.render.exports.csv:audit_csv"),
        organization=Renderer("lineage_diff.render.organization.csv:organization_csv"),
        suffixes=(".csv",),
    ),
    "html": Format(
        Renderer("lineage_diff.render.html.report:report_html"),
        Renderer("lineage_diff.render.html.audit:audit_html"),
        Renderer("lineage_diff.render.html.experiments:experiments_html"),
        organization=Renderer("lineage_diff.render.html.organization:organization_html"),
        suffixes=(".html",),
    ),
    "svg": Format(
        Renderer("lineage_diff.render.graph.graphviz:svg", ("theme",)),
        suffixes=(".svg",),
        picture=True,
    ),
    "png": Format(
        Renderer("lineage_diff.render.graph.graphviz:png", ("theme",)),
        suffixes=(".png",),
        picture=True,
        binary=True,
    ),
    "dot": Format(
        Renderer("lineage_diff.render.graph.dot:dot_source", ("theme",)),
        suffixes=(".dot", ".gv"),
        picture=True,
    ),
    "mermaid": Format(
        Renderer("lineage_diff.render.graph.mermaid:mermaid"),
        suffixes=(".mmd", ".mermaid"),
        picture=True,
    ),
    "plots": Format(
        Renderer("lineage_diff.render.plots.contact_sheet:plot_sheet", ("theme",)),
        picture=True,
    ),
    "sarif": Format(
        Renderer("lineage_diff.render.exports.sarif:sarif"),
        suffixes=(".sarif",),
    ),
    "codeclimate": Format(Renderer("lineage_diff.render.exports.codeclimate:codeclimate")),
    "junit": Format(Renderer("lineage_diff.render.exports.junit:junit"), suffixes=(".xml",)),
    "annotations": Format(Renderer("lineage_diff.render.exports.github_annotations:annotations")),
}


def format_names(kind: Kind) -> tuple[str, ...]:
    """Return the formats that support this kind of report, in the order of the table."""
    return tuple(name for name, item in FORMATS.items() if getattr(item, kind) is not None)


def formats_by_suffix(kind: Kind) -> dict[str, str]:
    """Return the format for each file suffix, for this kind of report."""
    return {suffix: name for name in format_names(kind) for suffix in FORMATS[name].suffixes}


def options_of(kind: Kind) -> dict[str, tuple[str, ...]]:
    """Return the options that formats of this kind of report take, each with those formats."""
    found: dict[str, tuple[str, ...]] = {}
    for name in format_names(kind):
        for option in getattr(FORMATS[name], kind).options:
            found[option] = (*found.get(option, ()), name)
    return found
