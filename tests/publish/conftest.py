"""A pull request at the stand-in, and runs that publish to it without waiting."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from lineage_diff.forge.github.client import GitHub, connect
from lineage_diff.forge.github.comments.publish import publish_comment
from lineage_diff.forge.publication import (
    Annotation,
    Check,
    Comment,
    Images,
    ImageUrls,
    Published,
    RunAttempt,
    Target,
)
from tests.support.github import GitHubServer

NAME = "octo/models"
OLD, NEW, NEWEST = "a" * 40, "c" * 40, "d" * 40
IMAGES = Images(b"light", b"dark")
CHECK = Check(
    NAME,
    OLD,
    "lineage-diff",
    RunAttempt(7, 1),
    "failure",
    "Two models are stale",
    "What is wrong",
    annotations=(Annotation("dvc.yaml", 3, "warning", "stale-model", "Why"),),
    details_url="https://example.com/run",
)


@dataclass
class Place:
    """A repository with one pull request, whose head is `OLD`."""

    server: GitHubServer
    tokens: dict[str, str] = field(default_factory=dict)

    def push(self, head: str) -> None:
        self.server.state.push(self.server.state.pulls[NAME, 1], head)

    def token(self, name: str = "bot", **access: str) -> str:
        """Return the token of that name; one that may write all that we write by default."""
        wanted = access or {"contents": "write", "pull_requests": "write", "checks": "write"}
        if name not in self.tokens:
            self.tokens[name] = self.server.token(**wanted)  # type: ignore[arg-type]
        return self.tokens[name]

    def github(self, token: str | None = None) -> GitHub:
        def sleep(seconds: float) -> None:
            self.server.state.pass_time(seconds)

        def clock() -> float:
            return self.server.state.pass_time(0).timestamp()

        return connect(token or self.token(), self.server.api_url, sleep=sleep, clock=clock)

    def publish(
        self, head: str = OLD, run: int = 1, token: str | None = None, **comment: Any
    ) -> Published:
        return publish_comment(self.github(token), target(head, run), comment_of(head, **comment))

    def bodies(self) -> list[str]:
        return [one.body for one in self.server.state.comments_of(NAME, 1)]

    def refs(self) -> list[str]:
        store = self.server.state.repositories[NAME].store
        return [name for name, *_ in store.refs("refs/lineage-diff/")]

    def writes(self, since: int = 0) -> list[str]:
        return [f"{r.method} {r.path}" for r in self.server.log[since:] if r.writes]


def target(head: str = OLD, run: int = 1, name: str = "lineage-diff") -> Target:
    return Target(NAME, 1, head, name, RunAttempt(run, 1))


def comment_of(
    head: str,
    create: bool = True,
    images: Images | None = None,
    said: Callable[[str], str] = "About {}".format,
) -> Comment:
    def text(urls: ImageUrls | None) -> str:
        return f"{said(head)}, {'mermaid' if urls is None else urls.light}\n"

    return Comment(text, create, images)


@pytest.fixture
def place(github: GitHubServer) -> Place:
    github.state.add_repository(NAME)
    github.state.add_pull(NAME, head_sha=OLD)
    return Place(github)
