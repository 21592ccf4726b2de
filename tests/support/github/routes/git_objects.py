"""Git's own objects: blobs, trees and commits."""

import tempfile
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from tests.support.github.answers import Answer, not_found, refused
from tests.support.github.objects import NoSuchObjectError, ObjectStore
from tests.support.github.routing import Call, route
from tests.support.github.shapes import node_id
from tests.support.github.tokens import Token


def _address(call: Call, kind: str, sha: str) -> str:
    return call.links.repository(call.repository.full_name, f"/git/{kind}/{sha}")


def _content(call: Call, kind: str, sha: str) -> bytes:
    call.need("read", "contents")
    store = call.repository.store
    if not store.is_there() or store.kind(sha) != kind:
        raise not_found()
    return store.read(kind, sha)


@route("POST", "/repos/{owner}/{repo}/git/blobs")
def create_blob(call: Call) -> Answer:
    call.need_write("contents")
    content = call.body["content"].encode()
    if call.body.get("encoding") == "base64":
        content = b64decode(content)
    sha = call.repository.store.text("hash-object", "-w", "--stdin", stdin=content)
    return Answer(201, {"sha": sha, "url": _address(call, "blobs", sha)})


@route("GET", "/repos/{owner}/{repo}/git/blobs/{file_sha}")
def get_blob(call: Call) -> Answer:
    sha = call.path["file_sha"]
    content = _content(call, "blob", sha)
    shown = {
        "sha": sha,
        "node_id": node_id("Blob", sha),
        "url": _address(call, "blobs", sha),
        "size": len(content),
        "encoding": "base64",
        "content": b64encode(content).decode(),
    }
    return Answer(200, shown)


def _shown_tree(call: Call, sha: str) -> dict[str, Any]:
    recursive = ("-r", "-t") if "recursive" in call.query else ()
    listing = call.repository.store.text("ls-tree", "-z", "--long", *recursive, sha)
    entries = []
    for line in filter(None, listing.split("\0")):
        facts, _, path = line.partition("\t")
        mode, kind, name, size = facts.split()
        entry = {"path": path, "mode": mode, "type": kind, "sha": name}
        if kind != "commit":
            entry["url"] = _address(call, f"{kind}s", name)
        entries.append(entry | ({"size": int(size)} if kind == "blob" else {}))
    url = _address(call, "trees", sha)
    return {"sha": sha, "url": url, "tree": entries, "truncated": False}


@route("GET", "/repos/{owner}/{repo}/git/trees/{tree_sha}")
def get_tree(call: Call) -> Answer:
    """By the id of a tree, or of a commit for its tree."""
    call.need("read", "contents")
    store = call.repository.store
    try:
        sha = store.text("rev-parse", "--verify", "-q", f"{call.path['tree_sha']}^{{tree}}")
    except NoSuchObjectError:
        raise not_found() from None
    return Answer(200, _shown_tree(call, sha))


@route("POST", "/repos/{owner}/{repo}/git/trees")
def create_tree(call: Call) -> Answer:
    call.need_write("contents")
    store = call.repository.store
    with tempfile.TemporaryDirectory() as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder, "index"))}
        try:
            if "base_tree" in call.body:
                store.git("read-tree", call.body["base_tree"], environment=index)
            for entry in call.body["tree"]:
                _put(store, index, entry)
            sha = store.git("write-tree", environment=index).decode().strip()
        except NoSuchObjectError:
            raise refused(422, "GitRPC::BadObjectState") from None
    return Answer(201, _shown_tree(call, sha))


def _put(store: ObjectStore, index: dict[str, str], entry: dict[str, Any]) -> None:
    """Put one entry of a request into an index; one whose `sha` is null goes out of it."""
    if entry["mode"] == "040000":
        store.git("read-tree", f"--prefix={entry['path']}/", entry["sha"], environment=index)
        return
    sha = entry.get("sha")
    if "content" in entry:
        sha = store.text("hash-object", "-w", "--stdin", stdin=entry["content"].encode())
    facts = f"{entry['mode']} {sha}" if sha else f"0 {'0' * 40}"
    line = f"{facts}\t{entry['path']}\0".encode()
    store.git("update-index", "-z", "--index-info", stdin=line, environment=index)


def _shown_commit(call: Call, sha: str) -> dict[str, Any]:
    form = "%T%n%P%n%an%n%ae%n%ad%n%cn%n%ce%n%cd%n%B"
    date = "--date=format-local:%Y-%m-%dT%H:%M:%SZ"
    store = call.repository.store
    lines = store.text("show", "-s", date, f"--format={form}", sha).split("\n", 8)
    tree, parents, *people, message = lines
    author, committer = (
        dict(zip(("name", "email", "date"), who, strict=True)) for who in (people[:3], people[3:])
    )
    page = f"{call.links.web}/{call.repository.full_name}/commit"
    return {
        "sha": sha,
        "node_id": node_id("Commit", sha),
        "url": _address(call, "commits", sha),
        "html_url": f"{page}/{sha}",
        "author": author,
        "committer": committer,
        "message": message.rstrip("\n"),
        "tree": {"sha": tree, "url": _address(call, "trees", tree)},
        "parents": [
            {"sha": one, "url": _address(call, "commits", one), "html_url": f"{page}/{one}"}
            for one in parents.split()
        ],
        "verification": {
            "verified": False,
            "reason": "unsigned",
            "signature": None,
            "payload": None,
            "verified_at": None,
        },
    }


@route("GET", "/repos/{owner}/{repo}/git/commits/{commit_sha}")
def get_commit(call: Call) -> Answer:
    sha = call.path["commit_sha"]
    _content(call, "commit", sha)
    return Answer(200, _shown_commit(call, sha))


@route("POST", "/repos/{owner}/{repo}/git/commits")
def create_commit(call: Call) -> Answer:
    """By the token's user, unless the request names an author or a committer."""
    token = call.need_write("contents")
    body, store = call.body, call.repository.store
    author = _person(call, token) | body.get("author", {})
    committer = author | body.get("committer", {})
    people = {
        f"GIT_{role}_{name.upper()}": value
        for role, who in (("AUTHOR", author), ("COMMITTER", committer))
        for name, value in who.items()
    }
    parents = [word for sha in body.get("parents", ()) for word in ("-p", sha)]
    try:
        made = store.git(
            *("commit-tree", body["tree"], *parents),
            stdin=body["message"].encode(),
            environment=people,
        )
    except NoSuchObjectError:
        raise refused(422, "Tree SHA or parent does not exist") from None
    return Answer(201, _shown_commit(call, made.decode().strip()))


def _person(call: Call, token: Token) -> dict[str, str]:
    email = f"{token.user.id}+{token.user.login}@users.noreply.github.com"
    return {"name": token.user.login, "email": email, "date": call.state.now()}
