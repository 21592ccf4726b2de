"""Render a table of several revisions in a format."""

from lineage_diff.render.formats import FORMATS
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_stored
from lineage_diff.report.experiments_report import ExperimentsReport, storable_experiments


def render_experiments(name: str, report: ExperimentsReport, options: ShowOptions) -> bytes:
    """Render a table. Raises `KeyError` if the format does not support tables."""
    stored = storable_experiments(report)
    return b"".join(render_stored(FORMATS[name].experiments, name, stored, options))
