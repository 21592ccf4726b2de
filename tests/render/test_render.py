"""The system's Graphviz and the packaged one draw the same graph, whatever its names are."""

import json
import shutil
import string
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.render.graph import graphviz as render
from lineage_diff.render.graph.dot import dot_source
from lineage_diff.render.graph.graphviz import draw, png, svg
from lineage_diff.render.graph.mermaid import quoted
from tests.support.graphs import NAMES, hostile_names
from tests.support.reports import empty

REPORT = empty(graph=hostile_names())
MARKS = st.text(st.sampled_from("\\\"'<>&;#[]{}|$:`%\n\u202eaN日" + string.digits), max_size=20)


def drawn() -> tuple[int, int, int]:
    text = svg(REPORT).decode()
    assert "href" not in text
    assert "<image" not in text
    kinds = ("node", "edge", "cluster")
    node, edge, cluster = (text.count(f'class="{kind}"') for kind in kinds)
    return node, edge, cluster


@pytest.mark.skipif(shutil.which("dot") is None, reason="no system Graphviz on this machine")
def test_the_system_dot_draws_every_node() -> None:
    assert drawn() == (len(NAMES), len(NAMES) - 1, 2)


def test_without_a_system_dot_the_packaged_one_draws_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert all(Path(program).name != "dot" for program in render.programs())
    assert drawn() == (len(NAMES), len(NAMES) - 1, 2)
    assert png(REPORT).startswith(b"\x89PNG")


@settings(max_examples=20, deadline=None)
@given(st.lists(MARKS, min_size=2, max_size=6))
def test_no_name_adds_to_the_graph(names: list[str]) -> None:
    source = dot_source(empty(graph=hostile_names(tuple(names))), limit=100)
    found: dict[str, Any] = json.loads(draw(source, ("-Tjson",)))
    assert sum("nodes" not in item for item in found["objects"]) == len(names)
    assert len(found["edges"]) == len(names) - 1
    assert all("URL" not in item for item in found["objects"])


@given(MARKS)
def test_a_quoted_name_holds_no_syntax_of_mermaid(name: str) -> None:
    assert not set(quoted(name)) & set("\"'<>&[]{}()|$:`%\n\\")


def test_all_tries_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    given_: list[float] = []

    def slow(source: str, options: tuple[str, ...], seconds: float) -> bytes:
        given_.append(seconds)
        raise subprocess.TimeoutExpired("dot", seconds)

    monkeypatch.setattr(render, "draw", slow)
    monkeypatch.setattr(render, "time", SimpleNamespace(monotonic=lambda: sum(given_)))
    with pytest.raises(InputError, match="20 seconds"):
        # A copy: nothing of it is remembered.
        svg(replace(REPORT))
    # In half of the limit it measures widths, each in half of what is left; then it draws.
    assert given_ == [5.0, 2.5, 1.25, 0.625, 0.3125, 0.15625, 10.15625]
    assert sum(given_) == render.SECONDS
