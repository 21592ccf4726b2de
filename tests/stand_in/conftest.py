"""A repository with a pull request at the stand-in."""

from dataclasses import dataclass

import pytest
from github import GithubException
from github.PullRequest import PullRequest
from github.Repository import Repository

from tests.support.github import GitHubServer
from tests.support.github.client import client

HEAD = "a" * 40
NAME = "octo/models"


@dataclass(frozen=True, slots=True)
class Asked:
    """The stand-in, and the repository and pull request as PyGithub gives them to a token."""

    server: GitHubServer
    repository: Repository
    pull: PullRequest

    def by(self, token: str) -> "Asked":
        """Return the same, asked for by another token."""
        repository = client(self.server, token).get_repo(NAME)
        return Asked(self.server, repository, repository.get_pull(1))


@pytest.fixture
def asked(github: GitHubServer) -> Asked:
    """Asked by an Action that may write all."""
    github.state.add_repository(NAME)
    github.state.add_pull(NAME, head_sha=HEAD)
    token = github.token(
        contents="write", pull_requests="write", issues="write", checks="write", actions="write"
    )
    repository = client(github, token).get_repo(NAME)
    return Asked(github, repository, repository.get_pull(1))


def status_of(error: pytest.ExceptionInfo[GithubException]) -> tuple[int, str]:
    """Return status and message of an error of PyGithub."""
    return error.value.status, str(error.value.data["message"])
