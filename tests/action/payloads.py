"""Payloads of events, in the shape that GitHub documents, with the keys that matter here and more.

https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from typing import Any

BASE = "b" * 40
HEAD = "a" * 40
ZEROS = "0" * 40
HOME = "octo-org/models"
FORK = "someone/models"


def repository(full_name: str = HOME, *, private: bool = False) -> dict[str, Any]:
    """A repository as most payloads hold it."""
    owner, name = full_name.split("/")
    return {
        "id": 1296269,
        "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5",
        "name": name,
        "full_name": full_name,
        "private": private,
        "owner": {"login": owner, "id": 1, "type": "Organization"},
        "html_url": f"https://github.com/{full_name}",
        "fork": full_name == FORK,
        "default_branch": "main",
        "visibility": "private" if private else "public",
    }


def pull_request(
    action: str = "synchronize",
    *,
    head_repository: dict[str, Any] | None = None,
    deleted: bool = False,
    base: str = BASE,
    head: str = HEAD,
    private: bool = False,
    draft: bool = False,
    sender: str = "octocat",
) -> dict[str, Any]:
    """`pull_request` and `pull_request_target`."""
    home = repository(private=private)
    source = None if deleted else head_repository or home
    return {
        "action": action,
        "number": 7,
        "pull_request": {
            "id": 279147437,
            "number": 7,
            "state": "closed" if action == "closed" else "open",
            "title": "Use more data",
            "draft": draft,
            "user": {"login": sender, "type": "Bot" if sender.endswith("[bot]") else "User"},
            "head": {
                "label": "octo-org:more-data",
                "ref": "more-data",
                "sha": head,
                "user": {"login": "octo-org"},
                "repo": source,
            },
            "base": {
                "label": "octo-org:main",
                "ref": "main",
                "sha": base,
                "user": {"login": "octo-org"},
                "repo": home,
            },
            "merged": False,
        },
        "before": "c" * 40,
        "after": head,
        "repository": home,
        "sender": {"login": sender},
    }


def workflow_run(
    action: str = "completed",
    *,
    event: str = "pull_request",
    head_repository: str | None = FORK,
    head: str = HEAD,
    private: bool = False,
) -> dict[str, Any]:
    """`workflow_run`; GitHub lists no pull requests in it where the head is a fork."""
    source = None
    if head_repository is not None:
        source = repository(head_repository)
        # GitHub gives this one in its minimal form.
        del source["default_branch"], source["visibility"]
    return {
        "action": action,
        "workflow_run": {
            "id": 289782451,
            "name": "Lineage",
            "event": event,
            "status": action,
            "conclusion": "success" if action == "completed" else None,
            "head_branch": "more-data",
            "head_sha": head,
            "head_repository": source,
            "html_url": f"https://github.com/{HOME}/actions/runs/289782451",
            "pull_requests": [],
            "run_attempt": 1,
        },
        "workflow": {"id": 2823525, "name": "Lineage", "path": ".github/workflows/lineage.yml"},
        "repository": repository(private=private),
        "sender": {"login": "someone"},
    }


def merge_group(*, base: str = BASE, head: str = HEAD) -> dict[str, Any]:
    """`merge_group`: a merge queue's."""
    return {
        "action": "checks_requested",
        "merge_group": {
            "head_sha": head,
            "head_ref": f"refs/heads/gh-readonly-queue/main/pr-7-{base}",
            "base_sha": base,
            "base_ref": "refs/heads/main",
            "head_commit": {"id": head, "message": "Merge pull request #7"},
        },
        "repository": repository(),
        "sender": {"login": "github-merge-queue[bot]"},
    }


def push(
    ref: str = "refs/heads/main", *, before: str = BASE, after: str = HEAD, forced: bool = False
) -> dict[str, Any]:
    """`push` of a branch or a tag."""
    return {
        "ref": ref,
        "before": before,
        "after": after,
        "created": before == ZEROS,
        "deleted": after == ZEROS,
        "forced": forced,
        "base_ref": None,
        "commits": [],
        "head_commit": None,
        "repository": repository() | {"master_branch": "main", "created_at": 1557933565},
        "pusher": {"name": "octocat", "email": "octocat@example.com"},
    }


def by_hand(**inputs: str) -> dict[str, Any]:
    """`workflow_dispatch`."""
    return {
        "inputs": inputs or None,
        "ref": "refs/heads/main",
        "workflow": ".github/workflows/lineage.yml",
        "repository": repository(),
    }


def schedule() -> dict[str, Any]:
    """`schedule`."""
    return {"schedule": "30 5 * * 1", "workflow": ".github/workflows/lineage.yml"}
