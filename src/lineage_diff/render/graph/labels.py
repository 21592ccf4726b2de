"""The texts in a graph image: escaped names, and texts from templates."""

from lineage_diff.render.graph.view import PictureGraph, PictureNode, shorten
from lineage_diff.render.templates import render
from lineage_diff.report.report import Report
from lineage_diff.text import visible

NAME_WIDTH = 32


def node_lines(node: PictureNode, width: int = NAME_WIDTH) -> tuple[str, ...]:
    """Return the lines in a node: its shortened name, and its kind and change."""
    status = render("picture/status.j2", node=node).strip()
    name = shorten(visible(node.name), width)
    return (name, status) if name else (status,)


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
    """Return for each affected model its path from a cause, its change and its freshness."""
    models = [model for model in report.models if model.affected or model.freshness == "stale"]
    chains: list[tuple[list[str], str, str]] = []
    for model in models[:ALT_MODELS]:
        steps = [step.rpartition(":")[2] for step in model.causes[0].via] if model.causes else []
        if len(steps) > ALT_STEPS:
            steps = [*steps[: ALT_STEPS - 2], "…", steps[-1]]
        cause = [model.causes[0].subject] if model.causes else []
        chains.append(([*cause, *steps, model.path], model.change, model.freshness))
    return chains, len(models) - len(chains)
