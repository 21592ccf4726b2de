"""A graph as a tree in text, for a terminal or a log."""

import textwrap
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from lineage_diff.render.graph.labels import caption, node_lines, nothing
from lineage_diff.render.graph.view import READABLE, PictureGraph, fold, shorten
from lineage_diff.render.templates import render
from lineage_diff.report.graph import Graph

NAME_WIDTH = 44
GAP = 3
# Below these the picture says more.
MOST_LINES = 30
# Limits of nodes: one that gives more lines is followed by the next.
_LIMITS = (READABLE, 40, 28, 18)


class _Row(NamedTuple):
    """A line: its branch, and its node, or else the nodes shown above that it names."""

    branch: str
    node: str | None
    above: tuple[str, ...] = ()


def text_graph(graph: Graph, width: int = 100) -> str:
    """Return a graph as a tree from causes to results, at most `width` columns wide.

    Each node has one line, with what happened to it, under the first of its inputs; below each
    other input, one line with `↑` names all that are shown above. A graph of more than `MOST_LINES`
    lines is folded further; if that is not enough, the remaining nodes are counted. Unchanged
    inputs come last. The text has no colour codes, and no line break at its end.
    """
    for limit in _LIMITS:
        picture = fold(graph, limit)
        rows = _rows(picture)
        if len(rows) <= MOST_LINES:
            break
    if not rows:
        return nothing()
    shown = rows if len(rows) <= MOST_LINES else rows[: MOST_LINES - 1]
    text = _lines(picture, shown, width)
    more = len(picture.nodes) - sum(row.node is not None for row in shown)
    notes = [render("picture/cut.j2", more=more).strip()] if more else []
    notes += [caption(picture)]
    return "\n".join([*text, *(line for note in notes for line in textwrap.wrap(note, width))])


def _lines(picture: PictureGraph, rows: Sequence[_Row], width: int) -> list[str]:
    lines = {node.id: node_lines(node, NAME_WIDTH) for node in picture.nodes}
    drawn: list[tuple[str, str, str]] = []
    for branch, node, above in rows:
        name = lines[node][0] if node else f"↑ {', '.join(lines[id_][0] for id_ in above)}"
        status = lines[node][-1] if node and len(lines[node]) > 1 else ""
        drawn.append((_near_end(branch, width // 2), name, status))
    room = width - GAP - max(len(status) for _, _, status in drawn)
    longest = max((len(branch) + len(name) for branch, name, status in drawn if status), default=0)
    column = min(longest, max(room, width // 2))
    text = []
    for branch, name, status in drawn:
        if status:
            left = branch + shorten(name, max(column - len(branch), 1))
            text.append(shorten_right(f"{left.ljust(column + GAP)}{status}", width))
        else:
            text.append(shorten_right(f"{branch}{name}", width))
    return text


def _near_end(branch: str, width: int) -> str:
    return branch if len(branch) <= width else f"…{branch[len(branch) - width + 1 :]}"


def shorten_right(line: str, width: int) -> str:
    """Cut a line at its end."""
    return line if len(line) <= width else f"{line[: width - 1]}…"


def _rows(picture: PictureGraph) -> list[_Row]:
    """Return the lines, depth first, from the inputs that changed, then from those that did not."""
    below: dict[str, list[str]] = defaultdict(list)
    inner = set()
    for edge in picture.edges:
        below[edge.source].append(edge.target)
        inner.add(edge.target)
    rows: list[_Row] = []
    seen: set[str] = set()
    order = [node.id for node in sorted(picture.nodes, key=lambda node: node.muted)]
    # In a cycle every node has an input, so a second pass adds the remaining nodes.
    for root in [id_ for id_ in order if id_ not in inner] + order:
        stack = [] if root in seen else [("", "", root)]
        while stack:
            branch, stem, id_ = stack.pop()
            # Another input may have shown it since.
            if id_ in seen:
                rows.append(_Row(branch, None, (id_,)))
                continue
            seen.add(id_)
            rows.append(_Row(branch, id_))
            again = tuple(child for child in below[id_] if child in seen)
            new = [child for child in below[id_] if child not in seen]
            if again:
                rows.append(_Row(f"{stem}{'├─ ' if new else '└─ '}", None, again))
            for child in reversed(new):
                is_last = child == new[-1]
                ends = ("└─ ", "   ") if is_last else ("├─ ", "│  ")
                stack.append((stem + ends[0], stem + ends[1], child))
    return rows
