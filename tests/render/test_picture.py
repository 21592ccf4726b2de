"""A folded graph can be read, and leaves nothing out."""

import pytest

from lineage_diff.render.graph.fold import EDGES_PER_NODE
from lineage_diff.render.graph.view import READABLE, fold
from lineage_diff.report.graph import Graph, Node
from tests.support.graphs import graph_of, many

SIZES = {"5 stages": many(1, 5), "5,000 stages": many(50, 20, 80), "one": many(1, 1, 500)}


@pytest.mark.parametrize("name", sorted(SIZES))
def test_counts_add_up_and_fit(name: str) -> None:
    graph = SIZES[name]
    picture = fold(graph)
    assert len(picture.nodes) <= READABLE
    assert len(picture.edges) <= EDGES_PER_NODE * READABLE
    assert sum(node.nodes for node in picture.nodes) == len(graph.nodes) == picture.total
    stages = sum(node.kind == "stage" for node in graph.nodes)
    assert sum(node.stages for node in picture.nodes) == stages == picture.stages
    for node in picture.nodes:
        assert sum(count for _, count in node.tally) == (node.stages or node.nodes)


def test_few_stages_are_all_shown() -> None:
    assert len(fold(SIZES["5 stages"]).nodes) == len(SIZES["5 stages"].nodes)


def test_order_of_a_graph_does_not_matter() -> None:
    graph = SIZES["5,000 stages"]
    assert fold(graph) == fold(Graph(graph.nodes[::-1], graph.edges[::-1], graph.hidden))


def test_added_and_removed_together_are_not_modified() -> None:
    nodes = [Node(f"a{n}", "stage", "a", "added", None, "p") for n in range(2)]
    nodes += [Node("r", "stage", "r", "removed", None, "p")]
    node = fold(graph_of(nodes, []), 1).nodes[0]
    assert (node.status, node.change) == ("added", "mixed")
