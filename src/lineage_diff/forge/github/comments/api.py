"""Requests for the comments on a pull request, and the reactions to them.

https://docs.github.com/rest/issues/comments, https://docs.github.com/rest/reactions/reactions
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from lineage_diff.forge.github.client import Answer, GitHub
from lineage_diff.forge.github.errors import RefusedError, understood


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


class Reaction(Struct, frozen=True):
    """A reaction of the token's user to a comment. `age` is in seconds, by GitHub's clock."""

    id: int
    new: bool
    age: float


def list_comments(github: GitHub, repository: str, pull_request: int) -> tuple[FoundComment, ...]:
    """Return all comments, oldest first."""
    path = f"/repos/{repository}/issues/{pull_request}/comments"
    return tuple(sorted(_found_comment(item) for item in github.pages(path)))


def get_comment(github: GitHub, repository: str, comment: int) -> FoundComment | None:
    """Return a comment; `None` if it was deleted."""
    try:
        return _found_comment(github.ask("GET", _path(repository, comment)).body)
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
    github.ask_once("PATCH", _path(repository, comment), {"body": body})


def delete_comment(github: GitHub, repository: str, comment: int) -> None:
    """Delete a comment, unless it is deleted already."""
    try:
        github.ask("DELETE", _path(repository, comment))
    except RefusedError as refused:
        if not refused.absent:
            raise


def react(github: GitHub, repository: str, comment: int, content: str) -> Reaction:
    """Add a reaction to a comment, or return the existing one of the token's user."""
    answer = github.ask_once(
        "POST", f"{_path(repository, comment)}/reactions", {"content": content}
    )
    return _reaction(answer)


def unreact(github: GitHub, repository: str, comment: int, reaction: int) -> bool:
    """Remove a reaction; return false if it, or the comment, does not exist."""
    try:
        github.ask("DELETE", f"{_path(repository, comment)}/reactions/{reaction}")
    except RefusedError as refused:
        if refused.absent:
            return False
        raise
    return True


def has_reacted(github: GitHub, repository: str, comment: int, content: str, login: str) -> bool:
    """Return whether the user `login` has this reaction to a comment."""
    path = f"{_path(repository, comment)}/reactions"
    given = github.pages(path, content=content)
    return any((item.get("user") or {}).get("login") == login for item in given)


def _path(repository: str, comment: int) -> str:
    return f"/repos/{repository}/issues/comments/{comment}"


@understood
def _reaction(answer: Answer) -> Reaction:
    made = datetime.fromisoformat(answer.body["created_at"])
    age = (answer.date - made).total_seconds() if answer.date is not None else 0.0
    return Reaction(answer.body["id"], answer.status == 201, age)


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
