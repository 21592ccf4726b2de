"""A report's graph as a Mermaid flowchart, for a comment on GitHub.

GitHub renders no flowchart of 500 edges or 50,000 characters, so the graph is folded below that.
"""

import re

from lineage_diff.render.graph.direction import Direction, direction, estimate_widths
from lineage_diff.render.graph.labels import caption, nothing, picture_lines
from lineage_diff.render.graph.palette import PALETTES
from lineage_diff.render.graph.rows import graph_of
from lineage_diff.render.graph.view import (
    READABLE,
    STATUSES,
    PictureGraph,
    PictureKind,
    PictureNode,
    fold,
    shorten,
)
from lineage_diff.report.report import Report
from lineage_diff.text import visible

MAX_EDGES = 499
MAX_CHARACTERS = 49_000
BOX_WIDTH = 60
LIMITS = (READABLE, 40, 28, 18, 12, 6)
# In pixels, as Mermaid lays out its text of 16 pixels; a comment is 900 pixels wide.
WIDEST = 900 * 16 / 9
CHARACTER = 8
PADDING = 30
GAP = 50

# The delimiters of a node's shape, around its quoted label.
SHAPES: dict[PictureKind, tuple[str, str]] = {
    "stage": ("(", ")"),
    "data": ("[(", ")]"),
    "model": ("{{", "}}"),
    "metrics": (">", "]"),
    "code": ("[/", "/]"),
    "params": ("[\\", "\\]"),
    "import": ("[[", "]]"),
    "pipeline": ("[[", "]]"),
    "rest": ("[[", "]]"),
}
# Mermaid reads these as mathematics and icons, even if they are written as entities.
_ALIVE = re.compile(r"\$(?=\$)|:(?=fa-)|\\(?=n)")
_ZERO_WIDTH_SPACE = "\u200b"
_PLAIN = frozenset(" abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def mermaid(report: Report) -> str:
    """Return a flowchart of a report's changed subgraph, small enough for GitHub to render.

    In a comment of 900 pixels its text is about 9 pixels high or more, if a smaller folded graph
    can be so narrow.
    """
    texts: list[tuple[float, str]] = []
    for limit in LIMITS:
        picture = fold(graph_of(report), limit)
        width, towards = _narrower(picture)
        text = flowchart(picture, towards)
        if len(picture.edges) <= MAX_EDGES and len(text) <= MAX_CHARACTERS:
            texts.append((width, text))
            if width <= WIDEST:
                return text
    return min(texts)[1] if texts else flowchart(fold(graph_of(report), 1))


def _narrower(picture: PictureGraph) -> tuple[float, Direction]:
    """Return the width of a flowchart in pixels, and the direction in which it fits."""
    widths = {
        node.id: max(map(len, picture_lines(node))) * CHARACTER + PADDING for node in picture.nodes
    }
    estimates = estimate_widths(picture, widths, GAP)
    usual = direction(picture)
    other: Direction = "TB" if usual == "LR" else "LR"
    fits = estimates[usual] <= WIDEST or estimates[usual] <= estimates[other]
    towards = usual if fits else other
    return estimates[towards], towards


def flowchart(picture: PictureGraph, towards: Direction | None = None) -> str:
    """Return a folded graph as Mermaid's `flowchart`, with its own colours."""
    if not picture.nodes:
        return f"%% {nothing()}\nflowchart LR\n"
    lines = [f"flowchart {towards or direction(picture)}"]
    nodes = {node.id: node for node in picture.nodes}
    boxed = {id_ for box in picture.boxes for id_ in box.nodes}
    for box in picture.boxes:
        lines.append(f'  subgraph {box.id}["{quoted(shorten(box.pipeline, BOX_WIDTH))}"]')
        lines += [f"    {_node(nodes[id_])}" for id_ in box.nodes]
        lines.append("  end")
    lines += [f"  {_node(node)}" for node in picture.nodes if node.id not in boxed]
    for edge in picture.edges:
        arrow = "-.->" if edge.gone or not edge.live else "-->"
        lines.append(f"  {edge.source} {arrow} {edge.target}")
    note = caption(picture)
    if note:
        lines.append(f'  note["{quoted(note)}"]')
        lines.append("  style note fill:none,stroke:none")
    return "\n".join([*lines, *_classes(picture)]) + "\n"


def quoted(text: str) -> str:
    """Return text for between the quotes of a label: all but letters, digits and spaces as
    Mermaid's `#number;` entities, so that nothing of it is syntax, Markdown, HTML or a link;
    `$$`, `:fa-` and `\\n` with a zero-width space inside, so that they are no formula, no icon
    and no end of a line."""
    text = _ALIVE.sub(rf"\g<0>{_ZERO_WIDTH_SPACE}", visible(text))
    return "".join(
        char if char in _PLAIN or (char.isalpha() and ord(char) > 127) else f"#{ord(char)};"
        for char in text
    )


def _node(node: PictureNode) -> str:
    opening, closing = SHAPES[node.kind]
    label = "<br/>".join(quoted(line) for line in picture_lines(node))
    return f'{node.id}{opening}"{label}"{closing}:::{node.status}'


def _classes(picture: PictureGraph) -> list[str]:
    # Light fills with dark text are readable in GitHub's light and dark themes.
    paints = PALETTES["light"].paints
    used = {node.status for node in picture.nodes}
    lines = []
    for status in STATUSES:
        if status in used:
            paint = paints[status]
            width = "1px" if status == "unchanged" else "4px" if status == "stale" else "2px"
            dashes = ",stroke-dasharray:6 4" if status == "removed" else ""
            lines.append(
                f"  classDef {status} fill:{paint.fill},stroke:{paint.line},"
                f"color:{paint.text},stroke-width:{width}{dashes}"
            )
    lines += [f"  style {box.id} fill:none,stroke:#818b98" for box in picture.boxes]
    if picture.edges:
        lines.append("  linkStyle default stroke:#818b98,stroke-width:1.5px")
    return lines
