"""The Action fetches what the base asks for, with the checkout's own settings; never for a fork."""

from pathlib import Path

import pytest

from tests.action.payloads import FORK, HOME
from tests.action.runner import Runner
from tests.fetch.reading import locked, remove_object, saved
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer, pull_request_event


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
@pytest.mark.parametrize("fork", [False, True])
def test_a_pull_request(stored: GitRepo, tmp_path: Path, github: GitHubServer, fork: bool) -> None:
    stored.git("checkout", "-q", "-B", "main", "v1")
    base = saved(stored, ".github/lineage-diff.yml", "fetch: [metrics, plots, listings]\n")
    workspace = stored.clone(tmp_path / "workspace")
    # The remote's folder is relative to the checkout.
    assert (tmp_path / "store").is_dir()
    stored.git("checkout", "-q", "-b", "change")
    stored.git("checkout", "v2", "--", "dvc.lock", "raw.dvc", "scores.json", "points.csv")
    stored.git("commit", "-q", "-m", "More data")
    head = stored.git("rev-parse", "HEAD")
    github.state.add_repository(HOME, git=stored.path)
    if fork:
        outside = stored.clone(tmp_path / "fork", "--branch=change")
        github.state.add_repository(FORK, git=outside.path, fork_of=HOME)
    pull = github.state.add_pull(
        HOME, head_sha=head, base_sha=base, head_repository=FORK if fork else None, number=7
    )
    runner = Runner(workspace.path, tmp_path / "runs", github)
    runner.token = github.token(contents="write", pull_requests="write", checks="write")
    done = runner.step("pull_request_target", pull_request_event(github, pull))
    assert done.code == 0
    (comment,) = github.state.comments_of(HOME, 7)
    assert ("`auc`" in comment.body) is not fork
    assert ("`raw/deep/moved.txt`" in comment.body) is not fork
    assert ("kept in DVC's cache, not in Git" in comment.body) is fork


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
@pytest.mark.parametrize("fork", [False, True])
def test_versions_that_were_not_pushed(
    stored: GitRepo, tmp_path: Path, github: GitHubServer, fork: bool
) -> None:
    stored.git("checkout", "-q", "-B", "main", "v1")
    base = saved(stored, ".github/lineage-diff.yml", "check: [pushed]\nmodels: [curve.csv]\n")
    workspace = stored.clone(tmp_path / "workspace")
    stored.git("checkout", "-q", "-b", "change")
    stored.git("checkout", "v2", "--", "dvc.lock", "raw.dvc", "scores.json", "points.csv")
    stored.git("commit", "-q", "-m", "More data")
    head = stored.git("rev-parse", "HEAD")
    remove_object(stored, locked(stored, "v2", "curve.csv"))
    github.state.add_repository(HOME, git=stored.path)
    if fork:
        outside = stored.clone(tmp_path / "fork", "--branch=change")
        github.state.add_repository(FORK, git=outside.path, fork_of=HOME)
    pull = github.state.add_pull(
        HOME, head_sha=head, base_sha=base, head_repository=FORK if fork else None, number=7
    )
    runner = Runner(workspace.path, tmp_path / "runs", github)
    runner.token = github.token(contents="write", pull_requests="write", checks="write")
    done = runner.step("pull_request_target", pull_request_event(github, pull))
    # Of a fork nothing is asked: whether the remote has it is not known, and a warning.
    assert done.code == (0 if fork else 1)
    (comment,) = github.state.comments_of(HOME, 7)
    assert ("📤 **not pushed**" in comment.body) is not fork
    assert ("dvc push fit" in comment.body) is not fork
    assert ("the change comes from a fork" in comment.body) is fork
