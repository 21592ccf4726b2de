"""Host images in a separate commit outside all branches.

The Git Data API creates a commit without parents, and a ref keeps it alive, one for each head
commit of a pull request: `refs/lineage-diff/pr-N/ID/HEAD`. It is no branch and triggers nothing.
https://docs.github.com/rest/git

The ids of Git objects are computed in advance:
https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from hashlib import sha1
from typing import Any

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.create_once import create
from lineage_diff.forge.github.errors import RefusedError, understood
from lineage_diff.forge.publication import Images, ImageUrls, Note, Target


def blob_id(content: bytes) -> str:
    """Return the id of a file's content."""
    return _id(b"blob", content)


def tree_id(files: Mapping[str, str]) -> str:
    """Return the id of a folder of plain files, given by name and blob id."""
    rows = (
        b"100644 %s\0%s" % (name.encode(), bytes.fromhex(files[name])) for name in sorted(files)
    )
    return _id(b"tree", b"".join(rows))


def commit_id(tree: str, who: str, seconds: int, message: str) -> str:
    """Return the id of a commit without parents; `who` (`NAME <EMAIL>`) is author and committer."""
    signature = f"{who} {seconds} +0000"
    text = f"tree {tree}\nauthor {signature}\ncommitter {signature}\n\n{message}"
    return _id(b"commit", text.encode())


def _id(kind: bytes, content: bytes) -> str:
    return sha1(b"%s %d\0%s" % (kind, len(content), content), usedforsecurity=False).hexdigest()


LIGHT, DARK = "graph-light.png", "graph-dark.png"
_NAME, _EMAIL = "lineage-diff", "noreply@localhost"
_MESSAGE = "Pictures of lineage-diff"
# A fixed date, 2000-01-01, so that the same images give the same commit.
_DATE, _SECONDS = "2000-01-01T00:00:00Z", 946_684_800


def expected_urls(images: Images, server: str, repository: str) -> ImageUrls:
    """Return the URLs that the images have after hosting, without a request."""
    files = _files(images)
    tree = tree_id({name: blob_id(content) for name, content in files.items()})
    commit = commit_id(tree, f"{_NAME} <{_EMAIL}>", _SECONDS, _MESSAGE)
    return _urls(server, repository, commit, files)


def host_images(github: GitHub, target: Target, images: Images, server: str) -> ImageUrls:
    """Store the images in the target's repository. Raises `RefusedError` without permission."""
    git = f"/repos/{target.repository}/git"
    entries = [
        {
            "path": name,
            "mode": "100644",
            "type": "blob",
            "sha": _create(
                github,
                f"{git}/blobs",
                {"content": b64encode(content).decode(), "encoding": "base64"},
            ),
        }
        for name, content in sorted(_files(images).items())
    ]
    tree = _create(github, f"{git}/trees", {"tree": entries})
    who = {"name": _NAME, "email": _EMAIL, "date": _DATE}
    commit = _create(
        github,
        f"{git}/commits",
        {"message": _MESSAGE, "tree": tree, "parents": [], "author": who, "committer": who},
    )
    _keep(github, git, _ref(target), commit)
    return _urls(server, target.repository, commit, _files(images))


def are_kept(github: GitHub, target: Target) -> bool:
    """Return whether the images of that head exist; closing a pull request removes them.

    Raises `RefusedError` if GitHub does not answer.
    """
    try:
        github.ask("GET", f"/repos/{target.repository}/git/ref/{_ref(target)}")
    except RefusedError as refused:
        if refused.absent:
            return False
        raise
    return True


def refs_of(github: GitHub, target: Target) -> tuple[str, ...]:
    """Return the image refs of the target's pull request and id, for any head.

    Raises `RefusedError` if GitHub does not answer.
    """
    return _find_refs(github, target.repository, _ref(target).rpartition("/")[0] + "/")


def drop(github: GitHub, target: Target, refs: Iterable[str], keep_own: bool) -> None:
    """Remove image refs; with `keep_own`, except that of the target's head."""
    own = _ref(target)
    _drop(github, target.repository, [ref for ref in refs if not keep_own or ref != own])


def remove_images(github: GitHub, repository: str, pull_request: int) -> tuple[Note, ...]:
    """Remove all images of a pull request; return notes on refusals."""
    try:
        _drop(github, repository, _find_refs(github, repository, _folder(pull_request)))
    except RefusedError as refused:
        return (Note("cleanup", refused.why, refused.message),)
    return ()


def _create(github: GitHub, path: str, body: Any) -> str:
    # Git objects are content-addressed: creating one twice is harmless.
    made = create(github, lambda: github.ask_once("POST", path, body), lambda: None)
    return str(made.body["sha"])


def _keep(github: GitHub, git: str, ref: str, commit: str) -> None:
    def point() -> None:
        github.ask_once("POST", f"{git}/refs", {"ref": f"refs/{ref}", "sha": commit})

    try:
        create(github, point, lambda: None)
    except RefusedError as refused:
        if refused.status != 422:
            raise
        # The ref exists: an earlier run of this head created it, or the response was lost.
        github.ask("PATCH", f"{git}/refs/{ref}", {"sha": commit, "force": True})


def _find_refs(github: GitHub, repository: str, prefix: str) -> tuple[str, ...]:
    answer = github.ask("GET", f"/repos/{repository}/git/matching-refs/{prefix}")
    return tuple(ref for ref in _names(answer.body) if ref.startswith(prefix))


@understood
def _names(refs: Any) -> list[str]:
    return sorted(str(ref["ref"]).removeprefix("refs/") for ref in refs)


def _drop(github: GitHub, repository: str, refs: Iterable[str]) -> None:
    for ref in refs:
        try:
            github.ask("DELETE", f"/repos/{repository}/git/refs/{ref}")
        except RefusedError as refused:
            # Already removed: GitHub answers 422 for a missing ref.
            if refused.status not in (404, 422):
                raise


def _folder(pull_request: int) -> str:
    return f"lineage-diff/pr-{pull_request}/"


def _ref(target: Target) -> str:
    # A ref must not contain `..` or end in `.lock`.
    name = target.id.replace(".", "+")
    return f"{_folder(target.pull_request)}{name}/{target.head_commit[:12]}"


def _files(images: Images) -> dict[str, bytes]:
    return {**images.others, LIGHT: images.light, DARK: images.dark}


def _urls(server: str, repository: str, commit: str, names: Iterable[str]) -> ImageUrls:
    folder = f"{server}/{repository}/blob/{commit}"
    urls = {name: f"{folder}/{name}?raw=true" for name in names}
    return ImageUrls(urls.pop(LIGHT), urls.pop(DARK), urls)
