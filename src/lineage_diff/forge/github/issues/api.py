"""Requests for issues. https://docs.github.com/rest/issues/issues"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.errors import RefusedError, understood


class FoundIssue(Struct, frozen=True, order=True):
    """An existing issue. `author` is a login; empty if the account was deleted.

    `node_id` is the issue's id in GraphQL.
    """

    number: int
    title: str
    body: str
    url: str
    author: str
    is_open: bool
    node_id: str


def issue_path(repository: str, number: int) -> str:
    """Return the path of an issue in the API."""
    return f"/repos/{repository}/issues/{number}"


def list_open_issues(github: GitHub, repository: str, login: str) -> tuple[FoundIssue, ...]:
    """Return the open issues of an author, the oldest first. Pull requests are left out."""
    items = github.pages(f"/repos/{repository}/issues", state="open", creator=login)
    return tuple(sorted(_found_issue(item) for item in items if "pull_request" not in item))


def get_issue(github: GitHub, repository: str, number: int) -> FoundIssue | None:
    """Return an issue; `None` if it was deleted."""
    try:
        return _found_issue(github.ask("GET", issue_path(repository, number)).body)
    except RefusedError as refused:
        if refused.absent:
            return None
        raise


def open_issue(github: GitHub, repository: str, title: str, body: str) -> FoundIssue:
    """Create an issue, without retries."""
    content = {"title": title, "body": body}
    return _found_issue(github.ask_once("POST", f"/repos/{repository}/issues", content).body)


def edit_issue(github: GitHub, repository: str, number: int, **changes: str) -> None:
    """Change fields of an issue, without retries: one could undo another run's edit."""
    github.ask_once("PATCH", issue_path(repository, number), changes)


def branch_tip(github: GitHub, repository: str, branch: str) -> str:
    """Return the commit of a branch. Raises `RefusedError` if it is not visible.

    https://docs.github.com/rest/git/refs#get-a-reference
    """
    path = f"/repos/{repository}/git/ref/heads/{quote(branch)}"
    return _commit(github.ask("GET", path).body)


@understood
def _commit(item: Mapping[str, Any]) -> str:
    return str(item["object"]["sha"])


@understood
def _found_issue(item: Mapping[str, Any]) -> FoundIssue:
    return FoundIssue(
        item["number"],
        item["title"],
        item.get("body") or "",
        item["html_url"],
        (item.get("user") or {}).get("login") or "",
        item["state"] == "open",
        item["node_id"],
    )
