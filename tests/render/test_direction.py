"""Long, narrow graphs are drawn from the top, so that a comment does not shrink their text."""

import pytest

from lineage_diff.render.graph.direction import SIDE_BY_SIDE, Direction, direction
from lineage_diff.render.graph.view import fold
from lineage_diff.report.graph import Graph, Node


def graph(edges: list[tuple[str, str]]) -> Graph:
    names = sorted({name for edge in edges for name in edge})
    nodes = tuple(Node(name, "stage", name, "modified") for name in names)
    return Graph(nodes, tuple({"from": source, "to": target} for source, target in edges))


def chain(length: int) -> list[tuple[str, str]]:
    return [(f"n{number:02}", f"n{number + 1:02}") for number in range(length - 1)]


FAN = [("n00", f"leaf{number:02}") for number in range(20)]


@pytest.mark.parametrize(
    ("edges", "expected"),
    [
        ([], "LR"),
        (chain(SIDE_BY_SIDE), "LR"),
        (chain(SIDE_BY_SIDE + 1), "TB"),
        (FAN, "LR"),
        (chain(SIDE_BY_SIDE + 1) + FAN, "LR"),
        ([*chain(9), ("n08", "n00")], "LR"),
    ],
    ids=["empty", "short", "long", "fan", "long and wide", "circle"],
)
def test_a_long_narrow_graph_goes_down(edges: list[tuple[str, str]], expected: Direction) -> None:
    assert direction(fold(graph(edges), 60)) == expected
