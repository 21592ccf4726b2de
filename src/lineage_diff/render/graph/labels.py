"""The texts in a graph image: escaped names, and texts from templates."""

from lineage_diff.render.graph.view import PictureGraph, PictureNode, shorten
from lineage_diff.render.groups.models import ModelGroup
from lineage_diff.render.groups.names import family_of
from lineage_diff.render.summary import summary_of
from lineage_diff.render.templates import render
from lineage_diff.report.change import ModelChange
from lineage_diff.report.report import Report
from lineage_diff.text import visible

NAME_WIDTH = 32
# Of each of the two lines of a name in a picture.
PICTURE_WIDTH = 28


def node_lines(node: PictureNode, width: int = NAME_WIDTH) -> tuple[str, ...]:
    """Return the lines in a node: its shortened name, and its kind and change."""
    status = render("picture/status.j2", node=node).strip()
    name = shorten(visible(node.name), width)
    return (name, status) if name else (status,)


def picture_lines(node: PictureNode) -> tuple[str, ...]:
    """Return the lines in a node of a picture: its name in one or two, its kind and change."""
    *_, status = node_lines(node)
    name = visible(node.name)
    return (*wrap_name(name, PICTURE_WIDTH), status) if name else (status,)


def wrap_name(name: str, width: int) -> tuple[str, ...]:
    """Return a name in one line or two: its folders, and its end; the first folders are cut."""
    if len(name) <= width:
        return (name,)
    mark = "/" if "/" in name.rstrip("/") else " "
    parts = name.split(mark)
    tail = parts.pop()
    # The end has no more than its last part, unless the folders need the room.
    while parts and (not tail or len(mark.join(parts)) >= width or mark == " "):
        longer = f"{parts[-1]}{mark}{tail}"
        if len(longer) > width:
            break
        parts.pop()
        tail = longer
    head = f"{mark.join(parts)}{mark}".rstrip(" ") if parts else ""
    while len(head) > width and mark in head[2:-1]:
        head = f"…{head[head.index(mark, 2) :]}"
    lines = (_keep_end(head, width), shorten(tail, width))
    return lines if head else lines[1:]


def _keep_end(text: str, width: int) -> str:
    return text if len(text) <= width else f"…{text[len(text) - width + 1 :]}"


def caption(picture: PictureGraph) -> str:
    """Return the caption with the number of folded nodes; empty if none was folded."""
    return render("picture/caption.j2", picture=picture).strip()


def nothing() -> str:
    """Return the text for an empty graph."""
    return render("picture/empty.j2").strip()


def alt_text(report: Report) -> str:
    """Describe the graph of a report in one sentence of plain text, as alternative text."""
    chains, more = _chains(report)
    return " ".join(
        visible(render("picture/alt.j2", chains=chains, more=more, graph=report.graph)).split()
    )


ALT_MODELS = 4
ALT_STEPS = 6


def _chains(report: Report) -> tuple[list[tuple[list[str], str, str]], int]:
    """Return for each row of affected models its path from a cause, its change and freshness."""
    rows = [row for row in summary_of(report).rows if row.first.affected or _is_stale(row.first)]
    chains: list[tuple[list[str], str, str]] = []
    for row in rows[:ALT_MODELS]:
        model = row.first
        via = model.causes[0].via if model.causes else ()
        steps = [(family_of(step) or step).rpartition(":")[2] for step in via]
        if len(steps) > ALT_STEPS:
            steps = [*steps[: ALT_STEPS - 2], "…", steps[-1]]
        cause = [_cause(row)] if model.causes else []
        chains.append(([*cause, *steps, row.name], model.change, model.freshness))
    return chains, sum(len(row.models) for row in rows[ALT_MODELS:])


def _is_stale(model: ModelChange) -> bool:
    return model.freshness == "stale"


def _cause(row: ModelGroup) -> str:
    subject = row.first.causes[0].subject
    named = (g.name for g in row.causes if any(c.subject == subject for c in g.causes))
    return next(named, "") or subject
