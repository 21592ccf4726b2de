"""Workflow runs and their artifacts."""

from typing import Any

from tests.support.github.answers import Answer, not_found, page
from tests.support.github.records import Artifact, Run
from tests.support.github.routing import Call, route
from tests.support.github.shapes import minimal_repository, node_id, pulls_named


def _run(call: Call) -> Run:
    call.need("read", "actions")
    run = call.state.runs.get(call.number("run_id"))
    if run is None or run.repository != call.repository.full_name:
        raise not_found()
    return run


def _run_address(call: Call, run: int, rest: str = "") -> str:
    return call.links.repository(call.repository.full_name, f"/actions/runs/{run}{rest}")


@route("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}")
def get_run(call: Call) -> Answer:
    """`pull_requests` is empty for a run of a fork, whatever there is."""
    run = _run(call)
    links, state = call.links, call.state
    workflow = links.repository(run.repository, f"/actions/workflows/{call.repository.id}")
    parts = ("jobs", "logs", "artifacts", "cancel", "rerun")
    shown = {f"{part}_url": _run_address(call, run.id, f"/{part}") for part in parts} | {
        "id": run.id,
        "node_id": node_id("WorkflowRun", run.id),
        "name": "CI",
        "display_title": "Change the pipeline",
        "head_branch": run.head_branch,
        "head_sha": run.head_sha,
        "path": ".github/workflows/ci.yml",
        "run_number": 1,
        "run_attempt": run.attempt,
        "event": run.event,
        "status": "completed",
        "conclusion": "success",
        "workflow_id": call.repository.id,
        "workflow_url": workflow,
        "check_suite_url": links.repository(run.repository, f"/check-suites/{run.id}"),
        "url": _run_address(call, run.id),
        "html_url": f"{links.web}/{run.repository}/actions/runs/{run.id}",
        "pull_requests": pulls_named(links, state, run.repository, run.head_sha),
        "created_at": run.created_at,
        "updated_at": run.created_at,
        "run_started_at": run.created_at,
        "head_commit": None,
        "repository": minimal_repository(links, call.repository),
        "head_repository": minimal_repository(links, state.repositories[run.head_repository]),
    }
    return Answer(200, shown)


@route("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}/artifacts")
def list_artifacts(call: Call) -> Answer:
    run = _run(call)
    found = [
        artifact
        for artifact in call.state.artifacts.values()
        if artifact.run == run.id and call.query.get("name", artifact.name) == artifact.name
    ]

    def shown(artifact: Artifact) -> dict[str, Any]:
        address = call.links.repository(run.repository, f"/actions/artifacts/{artifact.id}")
        return {
            "id": artifact.id,
            "node_id": node_id("Artifact", artifact.id),
            "name": artifact.name,
            "size_in_bytes": 1,
            "url": address,
            "archive_download_url": f"{address}/zip",
            "expired": False,
            "created_at": artifact.created_at,
            "updated_at": artifact.created_at,
            "expires_at": None,
        }

    def wrap(items: list[Any]) -> dict[str, Any]:
        return {"total_count": len(found), "artifacts": items}

    return page(found, shown, call.query, call.address, wrap)
