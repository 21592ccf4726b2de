"""The comment on a pull request, in GitHub Flavored Markdown."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from markupsafe import Markup
from msgspec import Struct

from lineage_diff.render.graph.labels import alt_text
from lineage_diff.render.graph.mermaid import mermaid
from lineage_diff.render.metrics_table import metric_rows, note_of, worst_first
from lineage_diff.render.options import Pictures
from lineage_diff.render.plots.mermaid_charts import Chart, first_charts
from lineage_diff.render.plots.table import plot_rows
from lineage_diff.render.summary import Summary, by_kind, flat, shown
from lineage_diff.render.templates import render
from lineage_diff.report.report import Report

# In characters: the limit of a GitHub comment.
DEFAULT_LIMIT = 65_536

SECTIONS = ("findings", "data", "params", "metrics", "plots", "runs", "pipeline", "unknowns")
# The order in which sections are cut to meet the limit; models are shortened last.
CUT_ORDER = (
    "runs",
    "plots",
    "pipeline",
    "params",
    "data",
    "unknowns",
    "metrics",
    "findings",
    "picture",
)
ROWS = (50, 25, 10)
MODEL_ROWS = (5, 1)
# Plot images in one comment: reviewers do not scroll further.
PLOTS = 6


_NOTHING = Markup()
_BLANK = re.compile(r"\n{3,}")


class _Plan(Struct, frozen=True):
    """The size of a comment: rows of each table, and the sections that are cut."""

    rows: int
    models: int
    cut: frozenset[str] = frozenset()


def markdown(
    report: Report,
    pictures: Pictures | None = None,
    limit: int = DEFAULT_LIMIT,
    rows: Sequence[int] = ROWS,
    *,
    charts: bool = True,
    since: Markup = _NOTHING,
) -> str:
    """Return the comment, at most `limit` characters long.

    To meet the limit, tables are shortened first, from the first of `rows` to the last; then whole
    sections are cut in `CUT_ORDER`; then models. The comment names the cut sections. With
    `pictures` the graph is an image, otherwise a Mermaid block; so are the first plots, unless
    `charts` is false. `since` is the line on the last push. Raises `ValueError` if even the
    shortest text exceeds the limit.
    """
    report = shown(report)
    summary = Summary(report)
    values: dict[str, Any] = {
        "report": report,
        "summary": summary,
        "since": since,
        "sections": SECTIONS,
        "by_kind": by_kind,
        "worst_first": worst_first,
        "note_of": note_of,
        "flat": flat,
        "metric_rows": metric_rows(report),
        "plot_rows": plot_rows(report),
        "plot_charts": _charts(report, pictures) if charts else [],
        "plot_pictures": pictures.plots[:PLOTS] if pictures is not None else (),
        "plots_beyond": pictures.plots_beyond if pictures is not None else 0,
        "notes": len(report.findings) - report.verdict.errors - report.verdict.warnings,
        "pipelines": [p for p in report.pipelines if p.change in ("added", "removed")],
    }
    graph = _graph(report, pictures)
    for plan in _plans(rows):
        text = _render(values, plan, graph)
        if len(text) <= limit:
            return text
    raise ValueError(limit)


def _plans(rows: Sequence[int]) -> Iterator[_Plan]:
    for count in rows:
        yield _Plan(count, rows[0])
    for count in range(1, len(CUT_ORDER) + 1):
        yield _Plan(rows[-1], rows[0], frozenset(CUT_ORDER[:count]))
    for models in (*rows[1:], *MODEL_ROWS):
        yield _Plan(rows[-1], models, frozenset(CUT_ORDER))


def _render(values: Mapping[str, Any], plan: _Plan, graph: str) -> str:
    present = {name: _present(name, values, graph) for name in CUT_ORDER}
    text = render(
        "comment.md.j2",
        **values,
        rows={**dict.fromkeys(SECTIONS, plan.rows), "models": plan.models},
        included=set(SECTIONS) - plan.cut,
        left_out=[name for name in CUT_ORDER if name in plan.cut and present[name]],
        picture=Markup(graph) if "picture" not in plan.cut else "",  # noqa: S704
    )
    return _BLANK.sub("\n\n", text).strip("\n") + "\n"


def _present(name: str, values: Mapping[str, Any], graph: str) -> bool:
    report: Report = values["report"]
    if name == "picture":
        return bool(graph)
    if name == "pipeline":
        return bool(values["summary"].stages or values["pipelines"])
    if name == "metrics":
        return bool(report.metrics or report.metric_notes)
    if name == "plots":
        return bool(values["plot_rows"])
    return bool(getattr(report, name))


def _charts(report: Report, pictures: Pictures | None) -> list[Chart]:
    """Return charts of the plots without an image, up to `PLOTS` plots in all."""
    shown = {picture.id for picture in pictures.plots} if pictures is not None else set()
    left = [drawing for drawing in report.drawings if drawing.id not in shown]
    return first_charts(left, max(0, PLOTS - len(shown)))


def _graph(report: Report, pictures: Pictures | None) -> str:
    if not report.graph.nodes:
        return ""
    if pictures is None or pictures.light_url is None:
        return f"```mermaid\n{mermaid(report).rstrip()}\n```"
    alt = pictures.alt if pictures.alt is not None else alt_text(report)
    return render("comment/picture.md.j2", pictures=pictures, alt=alt).rstrip()
