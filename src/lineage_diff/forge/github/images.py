"""The graph's pictures, in a commit of their own that no branch holds.

A commit without parents is made by the Git Data API and kept alive by a ref of its own, one for
each head commit of a pull request: `refs/lineage-diff/pr-N/ID/HEAD`. It is no branch and triggers
nothing. https://docs.github.com/rest/git

The ids of Git objects, before they are made. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
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
    """Return the id of a commit without parents, made and authored by `NAME <EMAIL>` in UTC."""
    signature = f"{who} {seconds} +0000"
    text = f"tree {tree}\nauthor {signature}\ncommitter {signature}\n\n{message}"
    return _id(b"commit", text.encode())


def _id(kind: bytes, content: bytes) -> str:
    return sha1(b"%s %d\0%s" % (kind, len(content), content), usedforsecurity=False).hexdigest()


LIGHT, DARK = "graph-light.png", "graph-dark.png"
_NAME, _EMAIL = "lineage-diff", "noreply@localhost"
_MESSAGE = "Pictures of lineage-diff"
# The same pictures are the same commit: 2000-01-01.
_DATE, _SECONDS = "2000-01-01T00:00:00Z", 946_684_800


def expected_urls(images: Images, server: str, repository: str) -> ImageUrls:
    """Return where the pictures will be, or are, without asking."""
    files = _files(images)
    tree = tree_id({name: blob_id(content) for name, content in files.items()})
    commit = commit_id(tree, f"{_NAME} <{_EMAIL}>", _SECONDS, _MESSAGE)
    return _urls(server, repository, commit, files)


def host_images(github: GitHub, target: Target, images: Images, server: str) -> ImageUrls:
    """Put the pictures into the target's repository. Raises `RefusedError` if it may not."""
    git = f"/repos/{target.repository}/git"
    entries = [
        {
            "path": name,
            "mode": "100644",
            "type": "blob",
            "sha": _made(
                github,
                f"{git}/blobs",
                {"content": b64encode(content).decode(), "encoding": "base64"},
            ),
        }
        for name, content in sorted(_files(images).items())
    ]
    tree = _made(github, f"{git}/trees", {"tree": entries})
    who = {"name": _NAME, "email": _EMAIL, "date": _DATE}
    commit = _made(
        github,
        f"{git}/commits",
        {"message": _MESSAGE, "tree": tree, "parents": [], "author": who, "committer": who},
    )
    _keep(github, git, _ref(target), commit)
    return _urls(server, target.repository, commit, _files(images))


def are_kept(github: GitHub, target: Target) -> bool:
    """Tell whether the pictures of that head are there; a pull request that is closed loses them.

    Raises `RefusedError` where GitHub does not tell.
    """
    try:
        github.ask("GET", f"/repos/{target.repository}/git/ref/{_ref(target)}")
    except RefusedError as refused:
        if refused.absent:
            return False
        raise
    return True


def refs_of(github: GitHub, target: Target) -> tuple[str, ...]:
    """Return the refs that hold pictures of the target's pull request and id, of any head.

    Raises `RefusedError` where GitHub does not tell.
    """
    return _found(github, target.repository, _ref(target).rpartition("/")[0] + "/")


def drop(github: GitHub, target: Target, refs: Iterable[str], keep_own: bool) -> None:
    """Let go of pictures, but for those of the target's head where they are to be kept."""
    own = _ref(target)
    _drop(github, target.repository, [ref for ref in refs if not keep_own or ref != own])


def remove_images(github: GitHub, repository: str, pull_request: int) -> tuple[Note, ...]:
    """Let go of all pictures of a pull request; tell what GitHub refused."""
    try:
        _drop(github, repository, _found(github, repository, _folder(pull_request)))
    except RefusedError as refused:
        return (Note("cleanup", refused.why, refused.message),)
    return ()


def _made(github: GitHub, path: str, body: Any) -> str:
    # An object is its content: made twice, it is the same.
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
        # It is there already: this head's run made it before, or the answer to it was lost.
        github.ask("PATCH", f"{git}/refs/{ref}", {"sha": commit, "force": True})


def _found(github: GitHub, repository: str, prefix: str) -> tuple[str, ...]:
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
            # Gone already: GitHub answers 422 for a ref that is not there.
            if refused.status not in (404, 422):
                raise


def _folder(pull_request: int) -> str:
    return f"lineage-diff/pr-{pull_request}/"


def _ref(target: Target) -> str:
    # A ref may not hold `..`, nor end in `.lock`.
    name = target.id.replace(".", "+")
    return f"{_folder(target.pull_request)}{name}/{target.head_commit[:12]}"


def _files(images: Images) -> dict[str, bytes]:
    return {**images.others, LIGHT: images.light, DARK: images.dark}


def _urls(server: str, repository: str, commit: str, names: Iterable[str]) -> ImageUrls:
    folder = f"{server}/{repository}/blob/{commit}"
    urls = {name: f"{folder}/{name}?raw=true" for name in names}
    return ImageUrls(urls.pop(LIGHT), urls.pop(DARK), urls)
