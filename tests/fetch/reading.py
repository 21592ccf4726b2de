"""Comparisons that fetch, and what their reports leave unknown."""

import json
from typing import Any

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.lineage.policy import Fetched
from lineage_diff.parsing.yaml_loader import load_yaml
from lineage_diff.report.report import encode_report
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import object_path

EVERYTHING: tuple[Fetched, ...] = ("metrics", "plots", "listings")
MISSING = "neither the cache nor the remote `store` holds it"


def compared(repo: GitRepo, *fetch: Fetched, base: str = "v1", head: str = "v2") -> dict[str, Any]:
    """Return the report of two commits as JSON."""
    request = Request(repo.path, base, head, direct=True, fetch=fetch)
    report: dict[str, Any] = json.loads(encode_report(compare_revisions(request).report))
    return report


def pushed(repo: GitRepo, base: str = "v1", head: str = "v2") -> dict[str, str]:
    """Return what the remote lacks of the versions that a change introduces, by path.

    `all` there; `listing`; `2 of 3` files missing; or the reason why it is not known.
    """
    request = Request(repo.path, base, head, direct=True, check=("pushed",))
    report = json.loads(encode_report(compare_revisions(request).report))
    return {out["path"]: in_words(out) for out in report["pushed"]}


def in_words(out: dict[str, Any]) -> str:
    """Return one entry of `pushed` in a few words."""
    if out["state"] == "unknown":
        return str(out["reason"])
    if out["listing_missing"]:
        return "listing"
    return f"{out['missing']} of {out['files']}" if out["missing"] else "all"


def remove_object(repo: GitRepo, value: str) -> None:
    """Remove an object from the folder `store` beside the repository."""
    object_path(repo.path.parent / "store", value).unlink()


def unknown(report: dict[str, Any]) -> dict[str, str]:
    """Return the reasons of what is not known, by subject."""
    return {item["subject"]: item["reason"] for item in report["unknowns"]}


def saved(repo: GitRepo, path: str, content: str) -> str:
    """Commit one file, and leave what Git ignores; return the commit's id."""
    repo.write(path, content)
    repo.git("add", "-f", path)
    repo.git("commit", "-q", "-m", f"Write {path}")
    return repo.git("rev-parse", "HEAD")


def locked(repo: GitRepo, rev: str, path: str) -> str:
    """Return the hash that a commit gives an out: in its `.dvc` file, or in `dvc.lock`."""
    if f"{path}.dvc" in repo.git("ls-tree", "--name-only", rev).splitlines():
        return str(
            load_yaml(repo.git("show", f"{rev}:{path}.dvc").encode(), path)["outs"][0]["md5"]
        )
    lock = load_yaml(repo.git("show", f"{rev}:dvc.lock").encode(), "dvc.lock")
    outs = [out for stage in lock["stages"].values() for out in stage["outs"]]
    return next(str(out["md5"]) for out in outs if out["path"] == path)


def cut_short(repo: GitRepo, value: str) -> None:
    """Take the last byte from an object in the folder `store` beside the repository."""
    file = object_path(repo.path.parent / "store", value)
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])


def remote_at(repo: GitRepo, url: str, *settings: str) -> None:
    """Make the commit `base`, which is `v1` with its default remote, `web`, at another address.

    `v2` still names the folder that holds everything: nothing of it may be read.
    """
    repo.checkout("v1")
    lines = ["[core]", "remote = web", "['remote \"web\"']", f"url = {url}", *settings]
    repo.git("tag", "-f", "base", saved(repo, ".dvc/config", "\n".join(lines) + "\n"))
