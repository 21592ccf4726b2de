"""Choose the direction of a graph, so that its labels are readable in a comment."""

from collections.abc import Iterable, Mapping
from typing import Literal

from lineage_diff.render.graph.view import PictureGraph

Direction = Literal["LR", "TB"]

# In a comment of 780 pixels, with more nodes side by side the text becomes too small.
SIDE_BY_SIDE = 6


def direction(picture: PictureGraph) -> Direction:
    """Return `LR` (sources left), or `TB` (sources on top) if `LR` is too wide, `TB` less."""
    ranks = _ranks(
        [node.id for node in picture.nodes],
        [(edge.source, edge.target) for edge in picture.edges],
    )
    long = max(ranks.values(), default=0) + 1
    if long <= SIDE_BY_SIDE:
        return "LR"
    counts: dict[int, int] = {}
    for rank in ranks.values():
        counts[rank] = counts.get(rank, 0) + 1
    return "TB" if max(counts.values()) < long else "LR"


def estimate_widths(
    picture: PictureGraph, widths: Mapping[str, float], gap: float
) -> dict[Direction, float]:
    """Return about how wide a graph is in each direction, from the width of each node.

    `gap` is the distance between two nodes side by side.
    """
    ranks = _ranks(
        [node.id for node in picture.nodes],
        [(edge.source, edge.target) for edge in picture.edges],
    )
    widest: dict[int, float] = {}
    together: dict[int, float] = {}
    for node, rank in ranks.items():
        widest[rank] = max(widest.get(rank, 0), widths[node] + gap)
        together[rank] = together.get(rank, 0) + widths[node] + gap
    return {"LR": sum(widest.values()), "TB": max(together.values(), default=0)}


def _ranks(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, int]:
    """Return the rank of each node: its distance from the sources, with sources near their users.

    A node of a cycle keeps the rank that it has when the cycle closes.
    """
    above: dict[str, list[str]] = {node: [] for node in nodes}
    below: dict[str, list[str]] = {node: [] for node in above}
    waiting = dict.fromkeys(above, 0)
    for source, target in edges:
        below[source].append(target)
        above[target].append(source)
        waiting[target] += 1
    ranks = dict.fromkeys(above, 0)
    ready = [node for node, count in waiting.items() if not count]
    order: list[str] = []
    while ready:
        node = ready.pop()
        order.append(node)
        for target in below[node]:
            ranks[target] = max(ranks[target], ranks[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    for node in order:
        if not above[node] and below[node]:
            ranks[node] = max(0, min(ranks[target] for target in below[node]) - 1)
    return ranks
