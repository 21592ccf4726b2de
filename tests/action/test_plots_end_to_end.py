"""A pull request that changes a curve: its pictures are hosted, shown and left as files."""

import json
from subprocess import TimeoutExpired

import pytest

from tests.action.payloads import FORK, HOME
from tests.action.scene import Scene
from tests.support.github import pull_request_event
from tests.support.plot_repo import table


@pytest.fixture
def pull_head(scene: Scene) -> str:
    """The head of a branch that changes what a plot of the base draws."""
    pipeline = (scene.origin.path / "dvc.yaml").read_text(encoding="utf-8")
    plots = json.dumps([{"loss.csv": {"x": "step", "y": "loss"}}])
    scene.origin.write("dvc.yaml", f"{pipeline}plots: {plots}\n")
    scene.origin.write("loss.csv", table("step,loss", [(n, 0.8**n) for n in range(9)]))
    scene.base = scene.origin.commit("a plot")
    scene.origin.checkout("more-data")
    scene.origin.git("reset", "-q", "--hard", "main")
    scene.origin.write("loss.csv", table("step,loss", [(n, 0.7**n) for n in range(9)]))
    scene.head = scene.retrained()
    scene.origin.checkout("main")
    scene.checkout.git("pull", "-q", "origin", "main")
    return scene.head


def test_a_curve_is_hosted_and_shown(scene: Scene, pull_head: str) -> None:
    done = scene.look(scene.pull(pull_head))
    (comment,) = scene.comments()
    for theme in ("light", "dark"):
        assert f"plot-01-{theme}.png" in comment
        assert done.file(f"plot-01-{theme}.svg").startswith("<svg")
    assert "xychart" not in comment
    commit = comment.partition("/blob/")[2].partition("/")[0]
    store = scene.github.state.repositories[HOME].store
    assert store.git("show", f"{commit}:plot-01-light.png").startswith(b"\x89PNG")
    assert "xychart-beta" in done.summary


def test_where_nothing_can_be_hosted_it_is_a_chart(scene: Scene, pull_head: str) -> None:
    scene.look(scene.pull(pull_head), graph="mermaid")
    (comment,) = scene.comments()
    assert "xychart-beta" in comment
    assert "plot-01" not in comment


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
def test_where_no_graphviz_works_in_time_both_are_charts(
    scene: Scene, pull_head: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def too_slow(*_: object) -> bytes:
        raise TimeoutExpired("dot", 1)

    monkeypatch.setattr("lineage_diff.render.graph.graphviz.draw", too_slow)
    done = scene.look(scene.pull(pull_head))
    assert (done.code, done.outputs["conclusion"]) == (0, "success"), done.log
    (comment,) = scene.comments()
    assert "```mermaid\nflowchart" in comment
    assert "xychart-beta" in comment
    assert done.file("plot-01-light.svg").startswith("<svg")
    assert scene.origin.git("for-each-ref", "refs/lineage-diff") == ""


def test_where_no_picture_is_wanted_it_is_text(scene: Scene, pull_head: str) -> None:
    scene.look(scene.pull(pull_head), graph="none")
    (comment,) = scene.comments()
    assert "`loss.csv` | `█" in comment
    assert "xychart" not in comment


PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
@pytest.mark.parametrize("fork", [True, False])
def test_of_a_fork_no_picture_of_its_own_is_stored(scene: Scene, fork: bool) -> None:
    pipeline = (scene.origin.path / "dvc.yaml").read_text(encoding="utf-8")
    scene.origin.write("dvc.yaml", f"{pipeline}plots:\n- plot.png\n")
    scene.origin.write("plot.png", PNG + b"the team's")
    base = scene.origin.commit("a plot")
    scene.origin.branch("picture")
    scene.origin.write("plot.png", PNG + b"<html>anything")
    head = scene.stale()
    scene.origin.checkout("main")
    scene.checkout.git("fetch", "-q", "origin")
    scene.github.state.add_repository(FORK, git=scene.origin.path)
    pull = scene.github.state.add_pull(
        HOME,
        head_sha=head,
        head_branch="picture",
        base_sha=base,
        number=7,
        head_repository=FORK if fork else HOME,
    )
    scene.runner.step("pull_request_target", pull_request_event(scene.github, pull))
    (comment,) = scene.comments()
    assert ("plot-01-after.png" in comment) != fork
    assert ("images from forks are not stored" in comment) == fork
    store = scene.github.state.repositories[HOME].store
    ((ref, *_),) = store.refs("refs/lineage-diff/")
    names = store.text("ls-tree", "--name-only", ref).split()
    assert ("plot-01-before.png" in names, "plot-01-after.png" in names) == (not fork, not fork)
    assert "graph-light.png" in names
