"""The Action fetches what the base asks for, with the checkout's own settings; never for a fork."""

from pathlib import Path

import pytest

from tests.action.payloads import FORK, HOME
from tests.action.runner import Runner
from tests.fetch.reading import locked, remove_object, saved
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer, pull_request_event

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)


class Change:
    """A pull request with more data, of the repository or of a fork, against a configured base."""

    def __init__(self, stored: GitRepo, folder: Path, configuration: str) -> None:
        self.stored, self.folder = stored, folder
        stored.git("checkout", "-q", "-B", "main", "v1")
        self.base = saved(stored, ".github/lineage-diff.yml", configuration)
        self.workspace = stored.clone(folder / "workspace")
        stored.git("checkout", "-q", "-b", "change")
        stored.git("checkout", "v2", "--", "dvc.lock", "raw.dvc", "scores.json", "points.csv")
        stored.git("commit", "-q", "-m", "More data")
        self.head = stored.git("rev-parse", "HEAD")

    def run(self, github: GitHubServer, *, fork: bool, **inputs: str) -> tuple[int, str]:
        """Run the step with a token that may write; return its exit code and the comment."""
        github.state.add_repository(HOME, git=self.stored.path)
        if fork:
            outside = self.stored.clone(self.folder / "fork", "--branch=change")
            github.state.add_repository(FORK, git=outside.path, fork_of=HOME)
        pull = github.state.add_pull(
            HOME,
            head_sha=self.head,
            base_sha=self.base,
            head_repository=FORK if fork else None,
            number=7,
        )
        runner = Runner(self.workspace.path, self.folder / "runs", github)
        runner.token = github.token(contents="write", pull_requests="write", checks="write")
        done = runner.step("pull_request_target", pull_request_event(github, pull), **inputs)
        (comment,) = github.state.comments_of(HOME, 7)
        return done.code, comment.body


@ONE_SERVER
@pytest.mark.parametrize("fork", [False, True])
def test_a_pull_request(stored: GitRepo, tmp_path: Path, github: GitHubServer, fork: bool) -> None:
    change = Change(stored, tmp_path, "fetch: [metrics, plots, listings]\n")
    # The remote's folder is relative to the checkout.
    assert (tmp_path / "store").is_dir()
    code, comment = change.run(github, fork=fork)
    assert code == 0
    assert ("`auc`" in comment) is not fork
    assert ("`raw/deep/moved.txt`" in comment) is not fork
    assert ("kept in DVC's cache, not in Git" in comment) is fork


@ONE_SERVER
@pytest.mark.parametrize(
    ("configuration", "fetch", "fork", "fetched"),
    [
        ("", "metrics,listings", False, True),
        ("", "metrics,listings", True, False),
        ("fetch: [metrics, listings]\n", "nothing", False, False),
    ],
)
def test_the_input_counts_and_not_the_configuration(
    stored: GitRepo,
    tmp_path: Path,
    github: GitHubServer,
    configuration: str,
    fetch: str,
    fork: bool,
    fetched: bool,
) -> None:
    change = Change(stored, tmp_path, configuration)
    code, comment = change.run(github, fork=fork, fetch=fetch)
    assert code == 0
    assert ("`auc`" in comment) is fetched
    assert ("`raw/deep/moved.txt`" in comment) is fetched


@ONE_SERVER
@pytest.mark.parametrize("fork", [False, True])
def test_versions_that_were_not_pushed(
    stored: GitRepo, tmp_path: Path, github: GitHubServer, fork: bool
) -> None:
    change = Change(stored, tmp_path, "check: [pushed]\nmodels: [curve.csv]\n")
    remove_object(stored, locked(stored, "v2", "curve.csv"))
    code, comment = change.run(github, fork=fork)
    # Of a fork nothing is asked: whether the remote has it is not known, and a warning.
    assert code == (0 if fork else 1)
    assert ("📤 **not pushed**" in comment) is not fork
    assert ("dvc push fit" in comment) is not fork
    assert ("the change comes from a fork" in comment) is fork
