"""Edges by DVC's rule, overlaps, order and cycles."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from networkx import DiGraph, is_directed_acyclic_graph, simple_cycles

from lineage_diff.lineage import graph
from lineage_diff.lineage.graph import (
    ancestors,
    build_graph,
    folders_around,
    overlaps,
    reachable,
    self_dependencies,
    topological,
)
from lineage_diff.lineage.stage import Dep, Out, Stage


def make(name: str, deps: list[str], outs: list[str]) -> Stage:
    return Stage(
        id=name,
        name=name,
        file="dvc.yaml",
        wdir="",
        deps=tuple(Dep(path, path) for path in deps),
        outs=tuple(Out(path, path) for path in outs),
    )


def test_a_dep_meets_an_out_that_it_equals_lies_in_or_contains() -> None:
    graph = build_graph(
        [
            make("producer", [], ["data/a", "model"]),
            make("equal", ["model"], []),
            make("below", ["model/x/y"], []),
            make("above", ["data"], []),
            make("root", [""], []),
            make("none", ["dat", "data-b", "models"], []),
        ]
    )
    assert graph.downstream["producer"] == ("above", "below", "equal", "root")
    assert graph.upstream["none"] == ()


def test_overlapping_outs_are_found() -> None:
    found = overlaps([make("a", [], ["x", "y/z"]), make("b", [], ["x"]), make("c", [], ["y"])])
    assert [(o.path, o.inner, o.stage, o.other) for o in found] == [
        ("x", "x", "a", "b"),
        ("y", "y/z", "c", "a"),
    ]


def test_a_stage_that_needs_its_own_result() -> None:
    assert self_dependencies(make("a", ["in", "o"], ["o/p"])) == ["o"]
    assert self_dependencies(make("a", ["in"], ["o/p"])) == []


NAMES = "abcdefg"
EDGES = st.sets(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=12)


@given(EDGES)
@settings(max_examples=300, deadline=None)
def test_the_order_holds_and_cycles_are_real(edges: set[tuple[str, str]]) -> None:
    edges = {(above, below) for above, below in edges if above != below}
    graph = build_graph(
        make(name, [f"out/{a}" for a, b in sorted(edges) if b == name], [f"out/{name}"])
        for name in NAMES
    )
    order, rings = topological(graph)
    reference = DiGraph(edges)
    place = {name: index for index, name in enumerate(order)}
    assert all(place[a] < place[b] for a, b in edges if a in place and b in place)
    assert bool(rings) != is_directed_acyclic_graph(reference)
    real = {tuple(sorted(ring)) for ring in simple_cycles(reference)}
    assert {tuple(sorted(ring)) for ring in rings} <= real
    for ring in rings:
        assert ring[0] == min(ring)
        assert all(edge in edges for edge in zip(ring, (*ring[1:], ring[0]), strict=True))


def test_what_is_reachable_comes_once_and_the_nearest_first() -> None:
    after = {"a": "bc", "b": "d", "c": "da", "d": "b", "e": ""}
    assert reachable("a", after.__getitem__) == ["a", "b", "c", "d"]
    assert reachable("eca", after.__getitem__) == ["e", "c", "a", "d", "b"]
    assert reachable("", after.__getitem__) == []


@given(st.lists(st.lists(st.sampled_from("ab"), min_size=1, max_size=5).map("/".join)))
def test_the_folders_around_paths_are_those_above_each(paths: list[str]) -> None:
    assert folders_around(paths) == {folder for path in paths for folder in ancestors(path)}


def test_a_folder_that_paths_share_is_visited_once(monkeypatch: pytest.MonkeyPatch) -> None:
    visited: list[str] = []

    def counted(path: str) -> Iterator[str]:
        for folder in ancestors(path):
            visited.append(folder)
            yield folder

    monkeypatch.setattr(graph, "ancestors", counted)
    folder = "d/" * 100
    assert len(folders_around([f"{folder}{number}" for number in range(50)])) == 100
    assert len(visited) < 100 + 50
