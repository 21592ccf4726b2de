"""Git's refs."""

from typing import Any

from tests.support.github.answers import Answer, not_found, page, refused
from tests.support.github.objects import NoSuchObjectError
from tests.support.github.routing import Call, route
from tests.support.github.shapes import node_id

_Ref = tuple[str, str, str]


def _shown(call: Call, ref: _Ref) -> dict[str, Any]:
    name, sha, kind = ref
    home = call.links.repository(call.repository.full_name, "/git")
    return {
        "ref": name,
        "node_id": node_id("Ref", f"{call.repository.id}:{name}"),
        "url": f"{home}/{name}",
        "object": {"sha": sha, "type": kind, "url": f"{home}/{kind}s/{sha}"},
    }


def _found(call: Call, name: str) -> _Ref | None:
    refs = call.repository.store.refs(name)
    return next((ref for ref in refs if ref[0] == name), None)


def _full_name(call: Call) -> str:
    return f"refs/{call.path['ref']}"


def _set(call: Call, name: str, sha: str) -> Answer:
    if name.startswith("refs/pull/"):
        raise refused(422, "Reference update failed: deny updating a hidden ref")
    if call.repository.store.kind(sha) is None:
        raise refused(422, "Object does not exist")
    try:
        call.repository.store.git("update-ref", name, sha)
    except NoSuchObjectError as error:
        raise refused(422, f"Reference update failed: {error}") from None
    found = _found(call, name)
    if found is None:
        raise refused(422, "Reference update failed")
    return Answer(200, _shown(call, found))


@route("GET", "/repos/{owner}/{repo}/git/ref/{ref}")
def get_ref(call: Call) -> Answer:
    """One ref; its name is given without `refs/`."""
    call.need("read", "contents")
    found = _found(call, _full_name(call))
    if found is None:
        raise not_found()
    return Answer(200, _shown(call, found))


@route("GET", "/repos/{owner}/{repo}/git/matching-refs/{ref}")
def matching_refs(call: Call) -> Answer:
    """All refs that begin so; none is no error."""
    call.need("read", "contents")
    found = call.repository.store.refs(_full_name(call))
    return page(found, lambda ref: _shown(call, ref), call.query, call.address)


@route("POST", "/repos/{owner}/{repo}/git/refs")
def create_ref(call: Call) -> Answer:
    call.need_write("contents")
    name = call.body["ref"]
    if not name.startswith("refs/") or name.count("/") < 2:
        raise refused(422, "Reference name must start with 'refs/' and contain at least 2 slashes.")
    if _found(call, name):
        raise refused(422, "Reference already exists")
    return Answer(201, _set(call, name, call.body["sha"]).body)


@route("PATCH", "/repos/{owner}/{repo}/git/refs/{ref}")
def update_ref(call: Call) -> Answer:
    """Forward alone, unless `force`."""
    call.need_write("contents")
    name, sha = _full_name(call), call.body["sha"]
    found = _found(call, name)
    if found is None:
        raise refused(422, "Reference does not exist")
    if not call.body.get("force") and call.repository.store.kind(sha):
        try:
            call.repository.store.git("merge-base", "--is-ancestor", found[1], sha)
        except NoSuchObjectError:
            raise refused(422, "Update is not a fast forward") from None
    return _set(call, name, sha)


@route("DELETE", "/repos/{owner}/{repo}/git/refs/{ref}")
def delete_ref(call: Call) -> Answer:
    call.need_write("contents")
    name = _full_name(call)
    if _found(call, name) is None or name.startswith("refs/pull/"):
        raise refused(422, "Reference does not exist")
    call.repository.store.git("update-ref", "-d", name)
    return Answer(204)
