"""Read pull requests. https://docs.github.com/rest/pulls/pulls"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.errors import understood
from lineage_diff.forge.publication import Head, Target


class PullRequestState(Struct, frozen=True):
    """The current state of a pull request. `server` is the web URL of this GitHub server."""

    number: int
    is_open: bool
    head_commit: str
    head_repository: str | None
    server: str


def get_pull_request(github: GitHub, target: Target) -> PullRequestState:
    """Return the target's pull request. Raises `RefusedError` if it is not visible."""
    path = f"/repos/{target.repository}/pulls/{target.pull_request}"
    return _pull_request(github.ask("GET", path).body)


def find_pull_request(github: GitHub, repository: str, head: Head) -> int | None:
    """Return the number of the open pull request with this head; of several the oldest.

    Needed because the payload of `workflow_run` names no pull request from a fork.
    """
    owner = head.repository.partition("/")[0]
    path = f"/repos/{repository}/pulls"
    items = github.pages(path, state="open", head=f"{owner}:{head.branch}")
    return min(
        (
            found.number
            for found in map(_pull_request, items)
            if found.head_commit == head.commit
            and (found.head_repository or "").lower() == head.repository.lower()
        ),
        default=None,
    )


@understood
def _pull_request(item: Mapping[str, Any]) -> PullRequestState:
    head, base = item["head"], item["base"]
    home = base["repo"]
    return PullRequestState(
        item["number"],
        item["state"] == "open",
        head["sha"],
        head["repo"]["full_name"] if head.get("repo") else None,
        home["html_url"].removesuffix(f"/{home['full_name']}"),
    )
