"""A report's graph as Graphviz DOT.

Repository names appear only in quoted labels: the ids are our own, and there is no URL, tooltip,
image or HTML-like label.
"""

from typing import Any

from lineage_diff.render.graph.direction import Direction, direction
from lineage_diff.render.graph.labels import caption, nothing, picture_lines
from lineage_diff.render.graph.palette import PALETTES, Palette, Theme
from lineage_diff.render.graph.rows import graph_of
from lineage_diff.render.graph.view import (
    READABLE,
    PictureGraph,
    PictureKind,
    PictureNode,
    fold,
    shorten,
)
from lineage_diff.report.report import Report
from lineage_diff.text import visible

# A single font: `graphviz-pure` has its metrics, but uses those of Times for a list.
FONT = "Arial"
SHAPES: dict[PictureKind, str] = {
    "stage": "box",
    "data": "cylinder",
    "model": "hexagon",
    "metrics": "note",
    "code": "note",
    "params": "tab",
    "import": "folder",
    "pipeline": "box",
    "rest": "box",
}
BOX_WIDTH = 60


def dot_source(
    report: Report,
    theme: Theme = "light",
    limit: int = READABLE,
    towards: Direction | None = None,
) -> str:
    """Return the DOT source of a report's changed subgraph, folded to `limit` nodes.

    It is drawn `towards` a direction, by default the one that its shape suggests.
    """
    return picture_source(fold(graph_of(report), limit), PALETTES[theme], towards)


def picture_source(
    picture: PictureGraph, palette: Palette, towards: Direction | None = None
) -> str:
    """Return the DOT source of a folded graph in the colours of a palette."""
    towards = towards or direction(picture)
    # Imported late: Mermaid does not need graphviz.
    from graphviz import Digraph

    note = caption(picture) if picture.nodes else nothing()
    dot = Digraph(
        "lineage",
        graph_attr={
            "rankdir": towards,
            "bgcolor": palette.canvas,
            "fontname": FONT,
            "fontsize": "11",
            "fontcolor": palette.muted,
            "color": palette.box,
            "nodesep": "0.18",
            # A picture of five ranks side by side would else be too wide to read.
            "ranksep": "0.25" if towards == "LR" else "0.36",
            "pad": "0.2",
            "charset": "UTF-8",
            "labelloc": "b",
            "label": _label((note,)) if note else "",
        },
        node_attr={
            "fontname": FONT,
            "fontsize": "11",
            "style": "filled",
            "shape": "box",
            "margin": "0.14,0.07",
            "height": "0.45",
            "color": palette.box,
            "fillcolor": palette.canvas,
            "fontcolor": palette.text,
        },
        edge_attr={"color": palette.edge, "arrowsize": "0.7", "penwidth": "1.2"},
    )
    boxed = {node for box in picture.boxes for node in box.nodes}
    nodes = {node.id: node for node in picture.nodes}
    for box in picture.boxes:
        with dot.subgraph(name=f"cluster_{box.id}") as cluster:
            cluster.attr(
                label=_label((shorten(visible(box.pipeline), BOX_WIDTH),)),
                # In a `TB` graph most edges enter a box at its top, where the title would be.
                labelloc="b" if towards == "TB" else "t",
                labeljust="l",
                style="rounded",
                color=palette.box,
                bgcolor=palette.canvas,
                fontcolor=palette.muted,
                margin="12",
            )
            for id_ in box.nodes:
                _draw(cluster, nodes[id_], palette)
    for node in picture.nodes:
        if node.id not in boxed:
            _draw(dot, node, palette)
    for edge in picture.edges:
        dot.edge(
            edge.source,
            edge.target,
            color=palette.edge if edge.live else palette.quiet_edge,
            style="dashed" if edge.gone else "solid",
        )
    return str(dot.source)


def _draw(dot: Any, node: PictureNode, palette: Palette) -> None:
    paint = palette.paints[node.status]
    style = "filled,rounded" if node.kind == "stage" else "filled"
    dot.node(
        node.id,
        label=_label(picture_lines(node)),
        shape=SHAPES[node.kind],
        # A hexagon is as wide as it is high beside its text.
        margin="0,0.02" if node.kind == "model" else "0.14,0.07",
        style=f"{style},dashed" if node.status == "removed" else style,
        color=paint.line,
        fillcolor=paint.fill,
        fontcolor=paint.text,
        penwidth="1" if node.muted else "2",
        peripheries="2" if node.stale or node.status == "stale" else "1",
    )


def _label(lines: tuple[str, ...]) -> Any:
    """Escape lines for a Graphviz label: no escape sequence (`\\N`), no entity (`&lt;`)."""
    # Imported late, as in `picture_source`.
    from graphviz import escape

    texts = [str(escape(line.replace("&", "&amp;"))) for line in lines]
    return "\\n".join(texts)
