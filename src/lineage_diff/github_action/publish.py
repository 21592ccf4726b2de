"""Publish comment, check run and issue, one after the other. No failure changes the verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeVar

from msgspec import Struct

from lineage_diff.forge.interface import Forge
from lineage_diff.forge.publication import (
    Check,
    Comment,
    FoundFile,
    FoundPullRequest,
    Head,
    Issue,
    IssueTarget,
    Note,
    Published,
    Target,
)

_T = TypeVar("_T")


class PublishResult(Struct, frozen=True):
    """Where the comment and the issue are, and what could not be published."""

    comment_url: str | None = None
    issue_url: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Credentials:
    """The token to publish with, and the address of the forge's API."""

    token: str | None = field(repr=False)
    api_url: str

    def connect(self) -> Forge | None:
        """Return the forge for the token, without a request; `None` without a token."""
        if self.token is None:
            return None
        # Imported late: a step that publishes nothing needs neither PyGithub nor requests.
        from lineage_diff.forge.github.forge import connect_github

        return connect_github(self.token, self.api_url)


def publish(
    credentials: Credentials,
    comment: tuple[Target, Comment] | None,
    check: Check | None,
    issue: tuple[IssueTarget, Issue] | None = None,
) -> PublishResult:
    """Publish a comment, a check run and an issue, each of which may be `None`."""
    # One connection, so that its deadline applies to the whole run.
    connect = cache(credentials.connect)
    commented = checked = opened = Published("nothing")
    if comment is not None:
        commented = _ask(
            connect, lambda forge: forge.publish_comment(*comment), _failed_publication("comment")
        )
    if check is not None:
        checked = _ask(
            connect, lambda forge: forge.publish_check(check), _failed_publication("check")
        )
    if issue is not None:
        opened = _ask(
            connect, lambda forge: forge.publish_issue(*issue), _failed_publication("issue")
        )
    notes = commented.notes + checked.notes + opened.notes
    return PublishResult(commented.url, opened.url, notes)


def remove_images(credentials: Credentials, repository: str, pull_request: int) -> tuple[Note, ...]:
    """Remove the images and locks of a pull request's comments; return notes on failures."""
    return _ask(
        credentials.connect,
        lambda forge: forge.remove_images(repository, pull_request),
        lambda why, detail: (Note("cleanup", why, detail),),
    )


def find_pull_request(credentials: Credentials, repository: str, head: Head) -> FoundPullRequest:
    """Return the open pull request with this head, or a note if the forge is unreachable."""
    return _ask(
        credentials.connect,
        lambda forge: forge.find_pull_request(repository, head),
        lambda why, detail: FoundPullRequest(notes=(Note("comment", why, detail),)),
    )


def read_file(
    credentials: Credentials, repository: str, commit: str, path: str, most: int
) -> FoundFile:
    """Return a file of another repository, or a note if the forge is unreachable."""
    return _ask(
        credentials.connect,
        lambda forge: forge.read_file(repository, commit, path, most),
        lambda why, detail: FoundFile(note=Note("file", why, detail)),
    )


_Why = Literal["forbidden", "unavailable"]


def _ask(
    connect: Callable[[], Forge | None],
    question: Callable[[Forge], _T],
    failed: Callable[[_Why, str], _T],
) -> _T:
    """Return the forge's answer, or the result of `failed` with the reason."""
    try:
        forge = connect()
        return failed("forbidden", "") if forge is None else question(forge)
    except Exception as error:  # No failure here may change the verdict.
        return failed("unavailable", type(error).__name__)


def _failed_publication(
    what: Literal["comment", "check", "issue"],
) -> Callable[[_Why, str], Published]:
    return lambda why, detail: Published("nothing", notes=(Note(what, why, detail),))
