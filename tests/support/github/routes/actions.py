"""Workflow runs and their artifacts."""

from typing import Any

from tests.support.github.answers import Answer, not_found, page
from tests.support.github.records import Artifact, Run
from tests.support.github.routing import Call, route
from tests.support.github.shapes import node_id, workflow_run


def _run(call: Call) -> Run:
    call.need("read", "actions")
    run = call.state.runs.get(call.number("run_id"))
    if run is None or run.repository != call.repository.full_name:
        raise not_found()
    return run


@route("GET", "/repos/{owner}/{repo}/actions/runs/{run_id}")
def get_run(call: Call) -> Answer:
    return Answer(200, workflow_run(call.links, call.state, _run(call)))


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
