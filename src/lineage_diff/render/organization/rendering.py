"""Render an answer over many repositories in a format."""

from lineage_diff.render.formats import FORMATS
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_stored
from lineage_diff.render.templates import render
from lineage_diff.report.organization.report import OrganizationReport, storable_organization
from lineage_diff.text import visible


def render_organization(name: str, report: OrganizationReport, options: ShowOptions) -> bytes:
    """Render the report in a format. Raises `KeyError` if the format does not support it."""
    return b"".join(
        render_stored(FORMATS[name].organization, name, storable_organization(report), options)
    )


def outcome(report: OrganizationReport) -> str:
    """Return the answer in one line of plain text."""
    return visible(" ".join(render("organization/outcome.j2", report=report).split()))


def csv_note(report: OrganizationReport) -> str:
    """Return in one line what a CSV of the report has no rows for; empty: nothing."""
    return visible(" ".join(render("organization/csv_note.j2", report=report).split()))
