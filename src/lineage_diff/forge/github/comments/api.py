"""Requests for the comments on a pull request. https://docs.github.com/rest/issues/comments"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.errors import RefusedError, understood
from lineage_diff.forge.github.marker import read_marker


class FoundComment(Struct, frozen=True, order=True):
    """An existing comment.

    `author` is a login; empty if the account was deleted. `eyes` counts the reactions of that kind
    by all users; `node_id` is the comment's id in GraphQL.
    """

    id: int
    body: str
    url: str
    author: str
    eyes: int = 0
    node_id: str = ""


def list_marked(github: GitHub, repository: str, pull_request: int) -> tuple[FoundComment, ...]:
    """Return the comments that begin with any marker, by any user, oldest first.

    The others are not kept: there may be thousands, of a quarter of a megabyte each.
    """
    path = f"/repos/{repository}/issues/{pull_request}/comments"
    comments = map(_found_comment, github.pages(path))
    return tuple(sorted(comment for comment in comments if read_marker(comment.body) is not None))


def get_comment(github: GitHub, repository: str, comment: int) -> FoundComment | None:
    """Return a comment; `None` if it was deleted."""
    try:
        return _found_comment(github.ask("GET", comment_path(repository, comment)).body)
    except RefusedError as refused:
        if refused.absent:
            return None
        raise


def post_comment(github: GitHub, repository: str, pull_request: int, body: str) -> FoundComment:
    """Create a comment, without retries."""
    path = f"/repos/{repository}/issues/{pull_request}/comments"
    return _found_comment(github.ask_once("POST", path, {"body": body}).body)


def edit_comment(github: GitHub, repository: str, comment: int, body: str) -> None:
    """Replace a comment's body, without retries: one could overwrite another run's edit."""
    github.ask_once("PATCH", comment_path(repository, comment), {"body": body})


def delete_comment(github: GitHub, repository: str, comment: int) -> None:
    """Delete a comment, unless it is deleted already."""
    try:
        github.ask("DELETE", comment_path(repository, comment))
    except RefusedError as refused:
        if not refused.absent:
            raise


def comment_path(repository: str, comment: int) -> str:
    """Return the path of a comment in the API."""
    return f"/repos/{repository}/issues/comments/{comment}"


@understood
def _found_comment(item: Mapping[str, Any]) -> FoundComment:
    author = item.get("user") or {}
    reactions = item.get("reactions") or {}
    return FoundComment(
        item["id"],
        item.get("body") or "",
        item["html_url"],
        author.get("login") or "",
        reactions.get("eyes", 0),
        item["node_id"],
    )
