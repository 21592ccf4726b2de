"""Listings that `.dvc` files and locks hold themselves, as for a remote with cloud versions."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from lineage_diff.app.compare import Request, compare_revisions
from tests.freshness.made_params_cases import changed_commit, full_status
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.edits import nothing, removed, written

PIPELINE = """\
stages:
  make: {cmd: mkdir -p made && cp code.py made/x.txt && echo y > made/y.txt, deps: [code.py],
         outs: [made]}
  file: {cmd: cp data/a.csv file.pt, deps: [data/a.csv], outs: [file.pt]}
  sub: {cmd: cp data/sub/c.csv sub.pt, deps: [data/sub], outs: [sub.pt]}
  dir: {cmd: cp data/a.csv dir.pt, deps: [data], outs: [dir.pt]}
  holds: {cmd: cp all/e.csv holds.pt, deps: [all], outs: [holds.pt]}
  one: {cmd: cp made/y.txt one.pt, deps: [made/y.txt], outs: [one.pt]}
"""
FILES = {
    "dvc.yaml": PIPELINE,
    "code.py": "x\n",
    "data/a.csv": "a\n",
    "data/b.csv": "b\n",
    "data/sub/c.csv": "c\n",
    "all/inner/d.csv": "d\n",
    "all/e.csv": "e\n",
}
LISTED = (("data.dvc", "data"), ("inner.dvc", "all/inner"), ("dvc.lock", "made"))
Mutation = Callable[[DvcRepo], object]


def list_files(repo: DvcRepo, file: str, folder: str, scheme: str | None, push: str) -> None:
    """Record a directory by its files, as `dvc push` to a remote with cloud versions does."""
    yaml = YAML()
    path = repo.root / file
    data = yaml.load(path)
    outs = data["outs"] if "outs" in data else data["stages"]["make"]["outs"]
    outs[0] = {"path": outs[0]["path"], "files": _listed(repo.root / folder, push)}
    if scheme is not None:
        outs[0]["hash"] = scheme
    yaml.dump(data, path)


def _listed(folder: Path, push: str) -> list[dict[str, Any]]:
    found = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
        cloud = {"store": {"etag": md5, "version_id": f"{push}.{md5[:6]}"}}
        name = path.relative_to(folder).as_posix()
        size = path.stat().st_size
        found.append({"relpath": name, "md5": md5, "size": size, "cloud": cloud})
    return found


@dataclass(frozen=True)
class Case:
    """A change of the data, what it makes stale for DVC, and the files that it changes."""

    name: str
    mutate: Mutation
    stale: str = ""
    files: str = ""


def move(path: str, to: str) -> Mutation:
    return lambda repo: (repo.root / path).rename(repo.root / to)


CASES = [
    Case("pushed again, to other cloud versions", nothing),
    Case("a file that one stage takes", written("data/a.csv", "a2\n"), "file dir", "data/a.csv"),
    Case("a file that no stage takes alone", written("data/b.csv", "b2\n"), "dir", "data/b.csv"),
    Case("a file in a folder", written("data/sub/c.csv", "c2\n"), "sub dir", "data/sub/c.csv"),
    Case("a new file in a folder", written("data/sub/n.csv", "n\n"), "sub dir", "data/sub/n.csv"),
    Case("a removed file", removed("data/b.csv"), "dir", "data/b.csv"),
    Case("a renamed file", move("data/b.csv", "data/z.csv"), "dir", "data/z.csv"),
    Case("data in a dep", written("all/inner/d.csv", "d2\n"), "holds", "all/inner/d.csv"),
    Case("Git's part of that dep", written("all/e.csv", "e2\n"), "holds"),
]


@pytest.fixture(scope="module", params=["md5", None], ids=["hash", "no-hash"])
def listed(
    request: pytest.FixtureRequest, shell: DvcShell, tmp_path_factory: pytest.TempPathFactory
) -> tuple[DvcRepo, str, str | None]:
    scheme: str | None = request.param
    repo = DvcRepo(tmp_path_factory.mktemp("listed") / "repo", shell)
    repo.files(FILES)
    repo.dvc("add", "-q", "data", "all/inner")
    # Beside the data it would be a part of the dep that holds the data.
    move("all/inner.dvc", "inner.dvc")(repo)
    repo.edit("inner.dvc", "path: inner", "path: all/inner")
    repo.dvc("repro", "-q")
    for file, folder in LISTED:
        list_files(repo, file, folder, scheme, "1")
    return repo, repo.save("Push"), scheme


def _changed_inputs(repo: DvcRepo) -> set[str]:
    """Return the stages that DVC calls changed for more than what its cache lacks."""
    return {
        name
        for name, reasons in full_status(repo).items()
        if not name.endswith(".dvc") and any("changed deps" in reason for reason in reasons)
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_stages_are_as_fresh_as_for_dvc_and_changed_files_are_listed(
    case: Case, listed: tuple[DvcRepo, str, str | None], tmp_path: Path
) -> None:
    built, base, scheme = listed
    shutil.copytree(built.path, tmp_path / "repo", symlinks=True)
    repo = built.copied(tmp_path / "repo")
    case.mutate(repo)
    for file, folder in LISTED:
        list_files(repo, file, folder, scheme, "2")
    stale = set(case.stale.split())
    assert _changed_inputs(repo) == stale
    changed_commit(repo)
    report = compare_revisions(Request(repo.path, base, direct=True)).report
    found = {stage.name.rpartition(":")[2]: stage.freshness for stage in report.stages}
    # The row `two-schemes`: without `hash:` the files have DVC 2's hashes, the lock has DVC 3's.
    unknown = stale & {"file", "sub"} if scheme is None else set()
    assert {name for name, state in found.items() if state == "stale"} == stale - unknown
    assert {name for name, state in found.items() if state == "unknown"} == unknown
    assert {model.path[:-3] for model in report.models if model.affected} == stale
    files = [data.files for data in report.data if data.files is not None]
    assert [item.path for listing in files for item in listing.examples] == case.files.split()
