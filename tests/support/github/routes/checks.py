"""Check runs and their annotations."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tests.support.github.answers import Answer, invalid, not_found, page, refused
from tests.support.github.records import CheckRun
from tests.support.github.routing import Call, route
from tests.support.github.shapes import app, node_id, pulls_named
from tests.support.github.tokens import Token

_MOST_BYTES = 64 * 1024


def _shown(call: Call, check: CheckRun) -> dict[str, Any]:
    address = call.links.repository(check.repository, f"/check-runs/{check.id}")
    page_ = f"{call.links.web}/{check.repository}/runs/{check.id}"
    return {
        "id": check.id,
        "node_id": node_id("CheckRun", check.id),
        "name": check.name,
        "head_sha": check.head_sha,
        "external_id": check.external_id,
        "url": address,
        "html_url": page_,
        "details_url": check.details_url or page_,
        "status": check.status,
        "conclusion": check.conclusion,
        "started_at": check.started_at,
        "completed_at": check.completed_at,
        "output": {
            "title": check.title,
            "summary": check.summary,
            "text": check.text,
            "annotations_count": len(check.annotations),
            "annotations_url": f"{address}/annotations",
        },
        "check_suite": {"id": check.app.id},
        "app": app(call.links, check.app),
        "pull_requests": pulls_named(call.links, call.state, check.repository, check.head_sha),
    }


def _app_token(call: Call) -> Token:
    token = call.need_write("checks")
    if not token.user.is_app:
        raise refused(403, "You must authenticate via a GitHub App.")
    return token


def _found(call: Call) -> CheckRun:
    check = call.state.check_runs.get(call.number("check_run_id"))
    if check is None or check.repository != call.repository.full_name:
        raise not_found()
    return check


def _with_fields(call: Call, check: CheckRun, body: dict[str, Any]) -> CheckRun:
    """Return the check run with the fields of a request. Annotations are added to those there."""
    output = body.get("output", {})
    plain = ("name", "status", "conclusion", "started_at", "completed_at", "external_id")
    given = {name: body[name] for name in (*plain, "details_url") if name in body}
    given |= {name: output[name] for name in ("title", "summary", "text") if name in output}
    if given.get("conclusion"):
        given |= {"status": "completed"}
        given.setdefault("completed_at", call.state.now())
    elif given.get("status") == "completed":
        raise refused(422, "Invalid request.\n\nMissing required parameter: conclusion.")
    added = tuple(_checked(one) for one in output.get("annotations", ()))
    return replace(check, annotations=check.annotations + added, **given)


def _checked(annotation: dict[str, Any]) -> dict[str, Any]:
    """Return the annotation, held to the limits that the description has in words alone."""
    first, last = annotation["start_line"], annotation["end_line"]
    sizes = {"message": _MOST_BYTES, "raw_details": _MOST_BYTES, "title": 255}
    for name, most in sizes.items():
        if len(annotation.get(name, "").encode()) > most:
            raise invalid("CheckRun", name, "invalid", f"{name} is too long (maximum is {most})")
    if not 1 <= first <= last:
        raise invalid("CheckRun", "end_line", "invalid", "end_line must not be before start_line")
    if first != last and {"start_column", "end_column"} & annotation.keys():
        raise invalid("CheckRun", "start_column", "invalid", "columns are within one line")
    return annotation


@route("POST", "/repos/{owner}/{repo}/check-runs")
def create_check_run(call: Call) -> Answer:
    """For apps alone, on a commit that the repository has."""
    token = _app_token(call)
    sha, name = call.body["head_sha"], call.repository.full_name
    if not call.state.has_commit(name, sha):
        raise refused(422, f"No commit found for SHA: {sha}")
    state = call.state
    started = call.body.get("started_at") or state.now()
    new = CheckRun(state.next_id(), name, sha, token.user, call.body["name"], started_at=started)
    check = state.check_runs[new.id] = _with_fields(call, new, call.body)
    return Answer(201, _shown(call, check))


@route("PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}")
def update_check_run(call: Call) -> Answer:
    token, check = _app_token(call), _found(call)
    if check.app != token.user:
        message = "check run can only be modified by the GitHub App that created it."
        raise refused(403, f"Invalid app_id `{token.user.id}` - {message}")
    check = call.state.check_runs[check.id] = _with_fields(call, check, call.body)
    return Answer(200, _shown(call, check))


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}")
def get_check_run(call: Call) -> Answer:
    call.need("read", "checks")
    return Answer(200, _shown(call, _found(call)))


@route("GET", "/repos/{owner}/{repo}/commits/{ref}/check-runs")
def list_check_runs(call: Call) -> Answer:
    """The newest first; unless `filter=all`, the newest of each name and app alone."""
    call.need("read", "checks")
    name = call.repository.full_name
    sha = _commit(call, call.path["ref"])
    query = call.query
    found = [
        check
        for check in reversed(call.state.check_runs_of(name, sha))
        if query.get("check_name", check.name) == check.name
        and query.get("app_id", str(check.app.id)) == str(check.app.id)
        and query.get("status", check.status) == check.status
    ]
    if query.get("filter", "latest") == "latest":
        found = list(_newest(found))

    def wrap(shown: list[Any]) -> dict[str, Any]:
        return {"total_count": len(found), "check_runs": shown}

    return page(found, lambda one: _shown(call, one), query, call.address, wrap)


def _commit(call: Call, ref: str) -> str:
    name = call.repository.full_name
    if call.state.has_commit(name, ref):
        return ref
    for pull in call.state.pulls_of(name):
        if ref in (pull.head_branch, f"heads/{pull.head_branch}", f"refs/pull/{pull.number}/head"):
            return pull.head_sha
    raise refused(422, f"No commit found for SHA: {ref}")


def _newest(checks: Iterable[CheckRun]) -> Iterable[CheckRun]:
    seen = set()
    for check in checks:
        if (check.app, check.name) not in seen:
            seen.add((check.app, check.name))
            yield check


@route("GET", "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations")
def list_annotations(call: Call) -> Answer:
    call.need("read", "checks")
    check = _found(call)
    blob = f"{call.links.web}/{check.repository}/blob/{check.head_sha}"

    def shown(annotation: dict[str, Any]) -> dict[str, Any]:
        absent = ("start_column", "end_column", "title", "raw_details")
        return dict.fromkeys(absent) | annotation | {"blob_href": f"{blob}/{annotation['path']}"}

    return page(check.annotations, shown, call.query, call.address)
