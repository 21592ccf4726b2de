"""Sends what is to be published, one thing after the other; none of it can change the verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from lineage_diff.forge.publication import Check, Comment, Note, Published, Target
from lineage_diff.github_action.activity import PublishReport

if TYPE_CHECKING:
    from lineage_diff.forge.github.client import GitHub


class Told(Struct, frozen=True):
    """What came of publishing: where the comment is, and what was not published."""

    comment_url: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Whose name we publish in, and where. Without a token nothing is."""

    token: str | None = field(repr=False)
    api_url: str

    def connect(self) -> "GitHub | None":
        """Return GitHub as the account sees it, which asks it nothing; `None` without a token."""
        from lineage_diff.forge.github.client import connect

        return connect(self.token, self.api_url) if self.token is not None else None


def publish(account: Account, comment: tuple[Target, Comment] | None, check: Check | None) -> Told:
    """Publish a comment and a check run, either of which may not be wanted."""
    # One connection, whose patience with GitHub is that of the whole run.
    github = account.connect() if comment is not None or check is not None else None
    commented = checked = Published("nothing")
    if comment is not None:
        target, body = comment
        commented = _sent("comment", github, lambda to: _comment(to, target, body))
    if check is not None:
        wanted = check
        checked = _sent("check", github, lambda to: _check(to, wanted))
    return Told(commented.url, commented.notes + checked.notes)


def remove_images(account: Account, repository: str, pull_request: int) -> tuple[Note, ...]:
    """Remove the pictures and locks of a pull request's comments, and tell what was not removed."""

    def remove(github: "GitHub") -> Published:
        from lineage_diff.forge.github.comments.leftovers import clear

        return Published("nothing", notes=clear(github, repository, pull_request))

    return _sent("cleanup", account.connect(), remove).notes


def find_pull_request(
    account: Account, repository: str, report: PublishReport
) -> tuple[int | None, tuple[Note, ...]]:
    """Return the number of the open pull request that the report's run was of, if there is one.

    Where GitHub cannot be asked, a note says so.
    """
    numbers: list[int | None] = [None]

    def find(github: "GitHub") -> Published:
        from lineage_diff.forge.github.errors import RefusedError
        from lineage_diff.forge.github.pull_requests import find_pull_request as found

        try:
            numbers[0] = found(
                github, repository, report.head_repository, report.head_branch, report.head_commit
            )
        except RefusedError as refused:
            return Published("nothing", notes=(Note("comment", refused.why, refused.message),))
        return Published("nothing")

    notes = _sent("comment", account.connect(), find).notes
    return numbers[0], notes


def _comment(github: "GitHub", target: Target, comment: Comment) -> Published:
    from lineage_diff.forge.github.comments.publish import publish_comment

    return publish_comment(github, target, comment)


def _check(github: "GitHub", check: Check) -> Published:
    from lineage_diff.forge.github.check_runs import publish_check

    return publish_check(github, check)


def _sent(
    what: Literal["comment", "check", "cleanup"],
    github: "GitHub | None",
    send: Callable[["GitHub"], Published],
) -> Published:
    if github is None:
        return Published("nothing", notes=(Note(what, "forbidden"),))
    try:
        return send(github)
    except Exception as error:  # The verdict stands, whatever happens here.
        return Published("nothing", notes=(Note(what, "unavailable", type(error).__name__),))
