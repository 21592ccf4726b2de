"""A graph in text keeps to its width, says what happened to each node, and is always the same."""

import os
import subprocess
import sys

import pytest

from lineage_diff.render.graph.text_tree import MOST_LINES, text_graph
from lineage_diff.report.graph import Graph, Node
from tests.support.graphs import graph_of, hostile_names, many
from tests.support.reports import edge

CHAIN = graph_of(
    [Node(f"n{n:02}", "stage", f"a-stage-of-some-name-{n:02}", "modified") for n in range(30)],
    [edge(f"n{n:02}", f"n{n + 1:02}") for n in range(29)],
)
# Each stage also uses the last but one, so no two are equal and none are folded; two are apart.
LADDER = graph_of(
    [Node(f"n{n:02}", "stage", f"stage-{n:02}", "modified") for n in range(18)],
    [
        *(edge(f"n{n:02}", f"n{n + step:02}") for step in (1, 2) for n in range(16 - step)),
        edge("n16", "n17"),
    ],
)
GRAPHS = {
    "chain": CHAIN,
    "ladder": LADDER,
    "many": many(50, 20, 80),
    "hostile": hostile_names(),
}


@pytest.mark.parametrize("width", [60, 80, 100, 200])
@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_no_line_is_wider(name: str, width: int) -> None:
    assert max(map(len, text_graph(GRAPHS[name], width).splitlines())) <= width


def test_deep_names_give_way_to_what_happened() -> None:
    lines = text_graph(CHAIN, 60).splitlines()
    assert len(lines) == 30
    assert all(line.endswith("stage · modified") for line in lines)


def test_nothing_to_draw_is_said() -> None:
    assert text_graph(Graph())


def test_order_does_not_depend_on_hashes() -> None:
    code = (
        "from tests.support.graphs import many;"
        "from lineage_diff.render.graph.text_tree import text_graph;"
        "print(text_graph(many(9, 7, 20)))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(seen) == 1


def line_of(text: str, name: str) -> int:
    return next(number for number, line in enumerate(text.splitlines()) if name in line)


def test_each_node_has_one_line_and_is_named_below_its_other_inputs() -> None:
    nodes = [
        Node("a", "code", "a.py", "unchanged"),
        Node("b", "data", "b.csv", "modified"),
        Node("c", "stage", "one", "modified"),
        Node("d", "stage", "two", "modified"),
        Node("e", "stage", "upload", "affected", freshness="stale"),
    ]
    edges = [edge("a", "c"), edge("a", "d"), edge("b", "c"), edge("b", "d")]
    graph = graph_of(nodes, [*edges, edge("c", "e"), edge("d", "e")])
    assert text_graph(graph).splitlines() == [
        "b.csv          data · modified",
        "├─ one         stage · modified",
        "│  └─ upload   stage · affected · stale",
        "└─ two         stage · modified",
        "   └─ ↑ upload",
        "a.py           code · unchanged",
        "└─ ↑ one, two",
    ]


@pytest.mark.parametrize("name", sorted(GRAPHS))
def test_a_tree_is_cut_and_the_rest_counted(name: str) -> None:
    text = text_graph(GRAPHS[name], 200)
    tree, cut, _ = text.partition("\n… and ")
    assert len(tree.splitlines()) <= MOST_LINES
    assert bool(cut) == (name == "ladder")
