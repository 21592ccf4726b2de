"""Payloads of the events that a workflow runs on, as `GITHUB_EVENT_PATH` names them.

Each is held to the description's schema of the webhook, as answers are.
https://docs.github.com/webhooks/webhook-events-and-payloads
"""

from tests.support.github.openapi import payload_errors
from tests.support.github.records import Pull, Repository, Run
from tests.support.github.server import GitHubServer
from tests.support.github.shapes import (
    Json,
    full_repository,
    node_id,
    user,
    whole_pull,
    workflow_run,
)

_TIME = "2026-01-01T00:00:00Z"
_PERSON = {"name": "A", "email": "a@example.com"}


def _event(server: GitHubServer, schema: str, home: Repository, payload: Json) -> Json:
    payload |= {
        "repository": full_repository(server.links, server.state, home),
        "sender": user(server.links, home.owner),
    }
    server.violations.extend(payload_errors(f"webhook-{schema}", payload))
    return payload


def pull_request_event(server: GitHubServer, pull: Pull, action: str = "opened") -> Json:
    """Return the payload of `pull_request` and `pull_request_target`; `action` is one of theirs,
    such as `opened`, `synchronize` or `closed`."""
    home = server.state.repositories[pull.repository]
    payload: Json = {
        "action": action,
        "number": pull.number,
        "pull_request": whole_pull(server.links, server.state, pull),
    }
    if action == "edited":
        payload |= {"changes": {}}
    if action == "synchronize":
        payload |= {"before": pull.base_sha, "after": pull.head_sha}
    return _event(server, f"pull-request-{action.replace('_', '-')}", home, payload)


def workflow_run_event(server: GitHubServer, run: Run) -> Json:
    """Return the payload of `workflow_run`, whose run has completed."""
    home = server.state.repositories[run.repository]
    shown = workflow_run(server.links, server.state, run)
    actor = user(server.links, home.owner)
    address = server.links.repository(run.repository, f"/actions/workflows/{home.id}")
    payload: Json = {
        "action": "completed",
        "workflow_run": shown
        | {
            "actor": actor,
            "triggering_actor": actor,
            "check_suite_id": run.id,
            "check_suite_node_id": node_id("CheckSuite", run.id),
            "previous_attempt_url": None,
            "head_commit": _commit(run.head_sha),
        },
        "workflow": {
            "id": home.id,
            "node_id": node_id("Workflow", home.id),
            "name": "CI",
            "path": ".github/workflows/ci.yml",
            "state": "active",
            "created_at": _TIME,
            "updated_at": _TIME,
            "url": address,
            "html_url": f"{server.url}/{run.repository}/actions",
            "badge_url": f"{server.url}/{run.repository}/workflows/CI/badge.svg",
        },
    }
    return _event(server, "workflow-run-completed", home, payload)


def merge_group_event(
    server: GitHubServer, repository: str, *, base_sha: str, head_sha: str, number: int = 1
) -> Json:
    """Return the payload of `merge_group`, whose group is one pull request."""
    home = server.state.repositories[repository]
    branch = home.default_branch
    payload: Json = {
        "action": "checks_requested",
        "merge_group": {
            "base_sha": base_sha,
            "base_ref": f"refs/heads/{branch}",
            "head_sha": head_sha,
            "head_ref": f"refs/heads/gh-readonly-queue/{branch}/pr-{number}-{base_sha}",
            "head_commit": _commit(head_sha),
        },
    }
    return _event(server, "merge-group-checks-requested", home, payload)


def push_event(
    server: GitHubServer, repository: str, *, before: str, after: str, branch: str | None = None
) -> Json:
    """Return the payload of `push` to a branch; the default one unless it is given."""
    home = server.state.repositories[repository]
    payload: Json = {
        "ref": f"refs/heads/{branch or home.default_branch}",
        "before": before,
        "after": after,
        "base_ref": None,
        "created": set(before) == {"0"},
        "deleted": set(after) == {"0"},
        "forced": False,
        "compare": f"{server.url}/{repository}/compare/{before}...{after}",
        "commits": [],
        "head_commit": None,
        "pusher": _PERSON,
    }
    return _event(server, "push", home, payload)


def _commit(sha: str) -> Json:
    return {
        "id": sha,
        "tree_id": "0" * 40,
        "message": "Change the pipeline",
        "timestamp": _TIME,
        "author": _PERSON,
        "committer": _PERSON,
    }
