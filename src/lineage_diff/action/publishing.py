"""Sends what is to be published, one thing after the other; none of it can change the verdict."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from lineage_diff.action.activity import PublishReport
from lineage_diff.publish.publication import Check, Comment, Note, Published, Target

if TYPE_CHECKING:
    from lineage_diff.publish.client import GitHub


@dataclass(frozen=True, slots=True)
class Told:
    """What came of publishing: addresses, and what was not published."""

    comment_url: str | None = None
    check_url: str | None = None
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """Whose name we publish in, and where. Without a token nothing is."""

    token: str | None = field(repr=False)
    api_url: str

    def connect(self) -> "GitHub | None":
        """Return GitHub as this account sees it."""
        if self.token is None:
            return None
        from lineage_diff.publish.client import connect

        return connect(self.token, self.api_url)


def publish(account: Account, comment: tuple[Target, Comment] | None, check: Check | None) -> Told:
    """Publish a comment and a check run, either of which may not be wanted."""
    if comment is None and check is None:
        return Told()
    github = account.connect()
    commented = checked = Published("nothing")
    if comment is not None:
        from lineage_diff.publish.comment import publish_comment

        target, body = comment
        commented = _sent("comment", github, lambda to: publish_comment(to, target, body))
    if check is not None:
        from lineage_diff.publish.check_run import publish_check

        wanted = check
        checked = _sent("check", github, lambda to: publish_check(to, wanted))
    return Told(commented.url, checked.url, commented.notes + checked.notes)


def remove_images(account: Account, repository: str, pull_request: int) -> tuple[Note, ...]:
    """Remove the pictures of a pull request's comments, and tell what was not removed."""
    from lineage_diff.publish import images

    return _sent(
        "cleanup",
        account.connect(),
        lambda github: Published(
            "nothing", notes=images.remove_images(github, repository, pull_request)
        ),
    ).notes


def find_pull_request(
    account: Account, repository: str, report: PublishReport
) -> tuple[int | None, tuple[Note, ...]]:
    """Return the number of the open pull request that the report's run was of, if there is one.

    Where GitHub cannot be asked, a note says so.
    """
    from lineage_diff.publish import pull_requests

    github = account.connect()
    if github is None:
        return None, (Note("comment", "forbidden"),)
    try:
        return pull_requests.find_pull_request(
            github, repository, report.head_repository, report.head_branch, report.head_commit
        ), ()
    except Exception as error:
        return None, (Note("comment", "unavailable", type(error).__name__),)


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
