"""What the inputs change, and the message about bad input from each source."""

import re
from pathlib import Path

import pytest

from tests.action.payloads import HOME
from tests.action.runner import commands
from tests.action.scene import Scene
from tests.support.git_repo import GitRepo
from tests.support.github import pull_request_event

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)


@ONE_SERVER
def test_several_ids_live_side_by_side(scene: Scene) -> None:
    pull = scene.pull()
    for name in ("churn", "ranking", "churn"):
        done = scene.look(pull, id=name)
        assert done.outputs["report_path"] == f"lineage-diff-report-{name}/report.json"
    assert len(scene.comments()) == 2
    checks = {check.name for check in scene.github.state.check_runs_of(HOME, scene.head)}
    assert checks == {"churn report", "ranking report"}


@ONE_SERVER
@pytest.mark.parametrize(
    ("graph", "private", "shown"),
    [
        ("auto", False, "<picture>"),
        ("auto", True, "```mermaid"),
        ("image", True, "<picture>"),
        ("mermaid", False, "```mermaid"),
        ("none", False, None),
    ],
)
def test_the_graph(scene: Scene, graph: str, private: bool, shown: str | None) -> None:
    payload = pull_request_event(scene.github, scene.pull())
    payload["repository"]["private"] = private
    scene.runner.step("pull_request", payload, graph=graph)
    (comment,) = scene.comments()
    kinds = [kind for kind in ("<picture>", "```mermaid") if kind in comment]
    assert kinds == ([shown] if shown else [])


@ONE_SERVER
def test_without_a_check_run_the_findings_annotate_the_job(scene: Scene) -> None:
    done = scene.look(check="false")
    assert scene.github.state.check_runs_of(HOME, scene.head) == []
    assert re.search(r"^::error file=dvc.yaml,line=\d+,title=stale-model::", done.log, re.MULTILINE)
    again = scene.look(scene.github.state.pulls[HOME, 7])
    assert "error" not in commands(again.log)


@ONE_SERVER
def test_never_fails_but_for_what_it_cannot_read(scene: Scene) -> None:
    pull = scene.pull()
    assert scene.look(pull, fail_on="never").code == 0
    (check,) = scene.github.state.check_runs_of(HOME, scene.head)
    assert check.conclusion == "neutral"
    scene.origin.checkout("more-data")
    scene.origin.write("dvc.lock", "<<<<<<< ours\n=======\n>>>>>>> theirs\n")
    pull = scene.github.state.push(pull, scene.origin.commit("a conflict"))
    done = scene.look(pull, fail_on="never")
    assert (done.code, done.outputs["conclusion"]) == (2, "failure")
    assert re.search(r"^::error::dvc.lock:1: .*conflict", done.log, re.MULTILINE)
    assert len(scene.comments()) == 1


@ONE_SERVER
def test_the_configuration_of_the_base_counts(scene: Scene) -> None:
    scene.origin.checkout("more-data")
    scene.origin.write(".github/lineage-diff.yml", "rules: {stale-model: 'off'}\n")
    pull = scene.pull(scene.origin.commit("relax"))
    assert scene.look(pull).code == 1
    done = scene.look(pull, config="no/such.yml")
    assert done.code == 2
    assert "\n::error::no/such.yml: " in done.log
    assert "Lineage diff: error" in done.summary
    assert "no/such.yml" in done.summary


@ONE_SERVER
def test_a_checkout_below_the_workspace(tmp_path: Path, scene: Scene) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    scene.checkout.path.rename(outer / "models")
    scene.runner.workspace = outer
    without = scene.look()
    assert without.code == 2
    assert "`working_directory`" in without.log
    done = scene.look(scene.github.state.pulls[HOME, 7], working_directory="models")
    assert done.code == 1
    assert (outer / done.outputs["report_path"]).is_file()


def test_the_default_checkout_is_enough(tmp_path: Path, scene: Scene) -> None:
    pull = scene.pull()
    scene.origin.git("checkout", "-q", "--detach", "main")
    merged = scene.origin.merge("more-data")
    scene.origin.checkout("main")
    clone = GitRepo(tmp_path / "shallow")
    clone.git("remote", "add", "origin", scene.origin.path.as_uri())
    scene.origin.git("update-ref", "refs/pull/7/merge", merged)
    clone.git("fetch", "-q", "--depth=1", "origin", "refs/pull/7/merge")
    clone.git("checkout", "-q", "--detach", "FETCH_HEAD")
    full = scene.look(pull)
    scene.runner.workspace = clone.path
    done = scene.look(pull)
    assert done.file("report.json") == full.file("report.json")
    assert clone.git("rev-parse", "--is-shallow-repository") == "true"


@ONE_SERVER
def test_without_a_token_there_is_still_a_verdict(scene: Scene) -> None:
    scene.runner.token = ""
    done = scene.look()
    assert (done.code, done.outputs["stale_models"]) == (1, "1")
    assert scene.comments() == []
    assert "The comment was not written" in done.summary


@ONE_SERVER
def test_the_log_says_what_the_token_may_not(scene: Scene) -> None:
    scene.runner.token = scene.github.token(pull_requests="write")
    done = scene.look()
    assert done.code == 1
    (comment,) = scene.comments()
    assert "```mermaid" in comment
    assert "`permissions: contents: write`" in done.log
    assert "`permissions: checks: write`" in done.log
    assert "::error file=dvc.yaml" in done.log


@ONE_SERVER
def test_files_of_the_runner_that_cannot_be_written_change_no_verdict(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables = scene.runner.variables
    nowhere = {"GITHUB_OUTPUT": "/no/such/output", "GITHUB_STEP_SUMMARY": "/no/such/summary"}
    monkeypatch.setattr(scene.runner, "variables", lambda *given: variables(*given) | nowhere)
    done = scene.look()
    assert done.code == 1
    assert "an output could not be written" in done.log
    assert len(scene.comments()) == 1


@ONE_SERVER
def test_without_a_place_for_a_folder_one_line_says_what_to_set(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/no/place")
    done = scene.look()
    assert done.code == 2
    assert "::error::there is no place for a temporary folder: No such file" in done.log
    assert "Set TMPDIR" in done.summary
