"""Pull requests from forks: what a token that only reads leaves, and what is made of that later."""

from pathlib import Path

import pytest

from lineage_diff.report.report import decode_report
from tests.action.payloads import FORK, HOME
from tests.action.scene import Scene
from tests.support.github import pull_request_event, workflow_run_event


@pytest.mark.parametrize("event", ["pull_request", "pull_request_target"])
def test_a_fork(scene: Scene, event: str) -> None:
    pull = scene.pull_of_fork()
    if event == "pull_request":
        scene.runner.token = scene.github.token(contents="read", pull_requests="read")
    done = scene.runner.step(event, pull_request_event(scene.github, pull))
    assert done.code == 1
    assert decode_report(done.file("report.json").encode(), "").head.commit == pull.head_sha
    assert "1 model is stale" in done.summary
    lines = [line for line in done.log.splitlines() if line.startswith("::warning::")]
    if event == "pull_request":
        assert scene.comments() == []
        assert len(lines) == 1
        assert "comes from a fork" in lines[0]
        assert "lineage-comment.yml" in done.summary
    else:
        assert len(scene.comments()) == 1
        assert lines == []
    assert scene.checkout.git("rev-parse", "HEAD") == scene.base
    assert (scene.checkout.path / "train.py").read_text() == "print(1)\n"


def test_a_fork_s_report_becomes_a_comment(scene: Scene) -> None:
    pull = scene.pull_of_fork()
    writing, scene.runner.token = scene.runner.token, scene.github.token(contents="read")
    first = scene.runner.step("pull_request", pull_request_event(scene.github, pull))
    run = scene.github.state.add_run(HOME, head_sha=pull.head_sha, head_repository=FORK)
    scene.runner.token = writing
    done = scene.runner.step(
        "workflow_run",
        workflow_run_event(scene.github, run),
        report=first.outputs["report_path"],
    )
    assert done.code == 0
    (comment,) = scene.comments()
    assert "1 model is stale" in comment
    assert f"of `{FORK}`; not verified" in comment
    assert f"{scene.github.url}/{HOME}/actions/runs/{run.id}" in comment
    assert done.outputs["comment_url"].endswith(str(scene.github.state.comments_of(HOME, 7)[0].id))


def test_a_report_of_a_commit_that_is_no_head_any_more(scene: Scene, tmp_path: Path) -> None:
    pull = scene.pull()
    first = scene.runner.step(
        "pull_request", pull_request_event(scene.github, pull), comment="never"
    )
    run = scene.github.state.add_run(HOME, head_sha=scene.head, head_branch="more-data")
    scene.origin.checkout("more-data")
    scene.github.state.push(pull, scene.retrained())
    done = scene.runner.step(
        "workflow_run",
        workflow_run_event(scene.github, run),
        report=first.outputs["report_path"],
    )
    assert done.code == 0
    assert scene.comments() == []
