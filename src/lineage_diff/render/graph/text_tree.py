"""A graph as a tree in text, for a terminal or a log."""

import textwrap
from collections import defaultdict

from lineage_diff.render.graph.labels import caption, node_lines, nothing
from lineage_diff.render.graph.view import READABLE, PictureGraph, fold, shorten
from lineage_diff.report.graph import Graph

NAME_WIDTH = 44
GAP = 3


def text_graph(graph: Graph, width: int = 100) -> str:
    """Return a graph as a tree from causes to results, at most `width` columns wide.

    A node that appears again is marked with `↑`, without its subtree. The text has no colour codes,
    and no line break at its end.
    """
    picture = fold(graph, READABLE)
    if not picture.nodes:
        return nothing()
    rows = _rows(picture)
    names = {node.id: node_lines(node, NAME_WIDTH) for node in picture.nodes}
    drawn: list[tuple[str, str, str]] = []
    for indent, id_, again in rows:
        lines = names[id_]
        status = "↑" if again else lines[-1] if len(lines) > 1 else ""
        drawn.append((_near_end(indent, width // 2), lines[0], status))
    room = width - GAP - max(len(status) for _, _, status in drawn)
    column = min(max(len(indent) + len(name) for indent, name, _ in drawn), max(room, width // 2))
    text = []
    for indent, name, status in drawn:
        left = indent + shorten(name, max((column if status else width) - len(indent), 1))
        text.append(shorten_right(f"{left.ljust(column + GAP)}{status}".rstrip(), width))
    note = caption(picture)
    return "\n".join([*text, *textwrap.wrap(note, width)])


def _near_end(indent: str, width: int) -> str:
    return indent if len(indent) <= width else f"…{indent[len(indent) - width + 1 :]}"


def shorten_right(line: str, width: int) -> str:
    """Cut a line at its end."""
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _rows(picture: PictureGraph) -> list[tuple[str, str, bool]]:
    """Return for each line its branch, its node, and whether the subtree is shown above."""
    below: dict[str, list[str]] = defaultdict(list)
    above: dict[str, list[str]] = defaultdict(list)
    for edge in picture.edges:
        below[edge.source].append(edge.target)
        above[edge.target].append(edge.source)
    rows: list[tuple[str, str, bool]] = []
    seen: set[str] = set()
    order = [node.id for node in picture.nodes]
    # In a cycle every node has an input, so a second pass adds the remaining nodes.
    for root in [id_ for id_ in order if not above[id_]] + order:
        if root in seen:
            continue
        stack = [("", "", root)]
        while stack:
            branch, stem, id_ = stack.pop()
            again = id_ in seen
            rows.append((branch, id_, again and bool(below[id_])))
            if again:
                continue
            seen.add(id_)
            children = below[id_]
            for place, child in reversed(list(enumerate(children))):
                last = place == len(children) - 1
                stack.append(
                    (stem + ("└─ " if last else "├─ "), stem + ("   " if last else "│  "), child)
                )
    return rows
