"""Experiments in the comment on a pull request, through a step of a workflow."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from tests.action.payloads import HOME
from tests.action.runner import Runner
from tests.support.experiments import baseline, experiment, write_run
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer, pull_request_event

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)


class Review:
    """A pull request with a commit from which experiments began, pushed to the server alone."""

    def __init__(self, tmp_path: Path, github: GitHubServer, config: str) -> None:
        self.github = github
        self.origin = GitRepo(tmp_path / "origin")
        self.base = baseline(self.origin, {"accuracy": 0.9}, config)
        experiment(self.origin, "of-main", 0.7, {"accuracy": 0.99})
        self.origin.branch("change")
        write_run(self.origin, 0.2, {"accuracy": 0.91})
        self.head = self.origin.commit("other rate")
        self.origin.checkout("main")
        self.best = experiment(self.origin, "bold", 0.3, {"accuracy": 0.95}, "change")
        experiment(self.origin, "weak", 0.4, {"accuracy": 0.8}, "change")
        github.state.add_repository(HOME, git=self.origin.path, private=True)
        self.tmp_path = tmp_path

    def look(self, contents: Literal["none", "read"] = "read") -> str:
        """Run the step in a checkout that has no experiment; return the comment."""
        checkout = self.origin.clone(self.tmp_path / "workspace")
        assert not checkout.git("for-each-ref", "refs/exps")
        runner = Runner(checkout.path, self.tmp_path / "runs", self.github)
        runner.token = self.github.token(contents=contents, pull_requests="write", checks="write")
        pull = self.github.state.add_pull(
            HOME, head_sha=self.head, head_branch="change", base_sha=self.base, number=7
        )
        done = runner.step("pull_request", pull_request_event(self.github, pull))
        assert done.code == 0, done.log
        (comment,) = self.github.state.comments_of(HOME, 7)
        return comment.body


@ONE_SERVER
@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("experiments: all\n", ["bold", "weak"]),
        ("experiments: none\n", []),
        ("experiments: promoted\n", []),
        ("ignore: []\n", []),
    ],
)
def test_the_comment_compares_the_experiments_that_the_configuration_names(
    tmp_path: Path, github: GitHubServer, config: str, names: list[str]
) -> None:
    body = Review(tmp_path, github, config).look()
    assert [name for name in ("bold", "weak", "of-main") if f"`{name}`" in body] == names
    if names:
        assert "| | `main` |`change` |`bold` |`weak` |" in body
        assert "| `accuracy` ↑ | 0.9 | 0.91 | **0.95** ★ | 0.8 ⚠ worse |" in body
    assert ("<b>Experiments</b>" in body) == bool(names)


def branch(review: Review) -> None:
    """What `dvc exp branch` does."""
    review.origin.git("branch", "keep-it", review.best)


def apply(review: Review) -> None:
    """What `dvc exp apply` does, and a commit of it together with another edit."""
    review.origin.checkout("change")
    review.origin.git("checkout", "-q", review.best, "--", ".")
    review.origin.write("README.md", "Promoted\n")
    review.head = review.origin.commit("take the bold one")
    review.origin.checkout("main")


@ONE_SERVER
@pytest.mark.parametrize("promote", [branch, apply])
def test_an_experiment_is_promoted_by_a_branch_or_by_a_commit_of_its_result(
    tmp_path: Path, github: GitHubServer, promote: Callable[[Review], None]
) -> None:
    review = Review(tmp_path, github, "experiments: promoted\n")
    promote(review)
    body = review.look()
    assert [name for name in ("bold", "weak") if f"`{name}`" in body] == ["bold"]


@ONE_SERVER
def test_without_access_to_the_experiments_the_comment_says_so_and_is_complete(
    tmp_path: Path, github: GitHubServer
) -> None:
    body = Review(tmp_path, github, "experiments: all\n").look(contents="none")
    assert "<b>Experiments</b>" not in body
    assert "the refs of experiments cannot be fetched" in body
    assert "<b>Metrics</b>" in body
