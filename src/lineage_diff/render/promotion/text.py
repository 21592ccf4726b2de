"""The report of a promotion as text: for a terminal, and in GitHub Flavored Markdown."""

from lineage_diff.render.formats import FORMATS
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_stored
from lineage_diff.render.templates import render, without_gaps
from lineage_diff.render.terminal import console_text
from lineage_diff.report.promotion import PromotionReport, storable_promotion
from lineage_diff.text import visible


def render_promotion(name: str, report: PromotionReport, options: ShowOptions) -> bytes:
    """Render the report in a format. Raises `KeyError` if the format does not support it."""
    return b"".join(
        render_stored(FORMATS[name].promotion, name, storable_promotion(report), options)
    )


def promotion_terminal(report: PromotionReport, *, color: bool, width: int) -> str:
    """Return the report in lines of at most `width` columns; `color` adds ANSI codes."""
    return console_text(_render("promotion/terminal.rich.j2", report), color=color, width=width)


def promotion_markdown(report: PromotionReport) -> str:
    """Return the report as Markdown: the verdict, the record of what was checked, and each line."""
    return _render("promotion/report.md.j2", report)


def promotion_title(report: PromotionReport) -> str:
    """Return the verdict in one line of plain text."""
    return visible(" ".join(render("promotion/title.j2", report=report).split()))


def _render(template: str, report: PromotionReport) -> str:
    return without_gaps(render(template, report=report)).strip("\n") + "\n"
