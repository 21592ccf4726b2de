"""What lies in directories that DVC keeps: the files that differ are those of `dvc diff`."""

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.dvc.storage.listings import parse_listing
from tests.fetch.reading import MISSING, compared, cut_short, locked, saved, unknown
from tests.oracle.dvc_judge import DvcJudge, dvc_data_diff
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment
from tests.support.dvc_repos import directories
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import object_path

COUNTS = ("added", "removed", "modified", "renamed")


def counted(report: dict[str, Any]) -> dict[str, list[int]]:
    """Return the counts of each directory, as in `COUNTS`."""
    return {
        item["path"]: [item["files"][name] for name in COUNTS]
        for item in report["data"]
        if item["files"] is not None
    }


def counted_by_dvc(diff: dict[str, Any], folders: list[str]) -> dict[str, list[int]]:
    """Count the files of `dvc diff --json` by the folder that they are in, or were."""

    def folder(path: str) -> str | None:
        return next((name for name in folders if path.startswith(f"{name}/")), None)

    paths = [
        [row["path"] for row in diff["added"]],
        [row["path"] for row in diff["deleted"]],
        [row["path"] for row in diff["modified"]],
        [row["path"]["new"] for row in diff["renamed"]],
    ]
    return {
        name: [
            len([path for path in of_kind if folder(path) == name and not path.endswith("/")])
            for of_kind in paths
        ]
        for name in folders
    }


def test_files_are_those_of_dvc(stored: GitRepo, pushed_folder: Path) -> None:
    with DvcJudge(pushed_folder / "repo") as dvc:
        diff = dvc_data_diff(dvc, "v1", "v2")
    report = compared(stored, "listings")
    found = counted(report)
    assert found == counted_by_dvc(diff, ["live", "parts", "raw"])
    assert found["raw"] == [1, 1, 1, 1]
    (raw,) = (item["files"] for item in report["data"] if item["path"] == "raw")
    assert [(e["change"], e["path"], e["renamed_from"]) for e in raw["examples"]] == [
        ("modified", "raw/b.txt", None),
        ("removed", "raw/d.txt", None),
        ("renamed", "raw/deep/moved.txt", "raw/deep/c.txt"),
        ("added", "raw/e.txt", None),
    ]


def test_directories_of_a_history_are_those_of_dvc(tmp_path: Path, shell: DvcShell) -> None:
    repo = directories(tmp_path / "repo", shell)
    commits = repo.git("rev-list", "--reverse", "HEAD").splitlines()
    seen = 0
    with DvcJudge(repo.root) as dvc:
        for base, head in pairwise(commits):
            found = counted(compared(repo, "listings", base=base, head=head))
            assert found == counted_by_dvc(dvc_data_diff(dvc, base, head) or EMPTY, list(found))
            seen += len(found)
    assert seen == 3


def test_files_that_move_between_directories_and_out_of_them(
    tmp_path: Path, shell: DvcShell
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    names = ("one/a", "one/same1", "one/out", "two/c", "two/same0", "alone", "gone/g", "gone/h")
    repo.files({name: name[-4:].rstrip("01") for name in names})
    repo.dvc("add", "-q", "one", "two", "gone", "alone")
    base = repo.save("Before")
    for old, new in (
        ("one/a", "two/a"),
        ("two/same0", "two/same9"),
        ("gone/g", "one/g"),
        ("alone", "one/alone"),
        ("one/out", "out"),
    ):
        (repo.root / old).rename(repo.root / new)
    for name in ("one/same1", "gone/h", "gone.dvc", "alone.dvc"):
        (repo.root / name).unlink()
    repo.files({"new/n": "n", "new/copy": (repo.root / "two/a").read_text(encoding="utf-8")})
    repo.dvc("add", "-q", "one", "two", "new", "out")
    head = repo.save("After")
    report = compared(repo, "listings", base=base, head=head)
    with DvcJudge(repo.root) as dvc:
        diff = dvc_data_diff(dvc, base, head)
    found = counted(report)
    theirs = counted_by_dvc(diff, list(found))
    # DVC counts no directory; what left one for an out of its own is told of the one that it left.
    theirs["one"][3] += 1
    assert found == theirs
    moved = {
        (item["renamed_from"], item["path"])
        for data in report["data"]
        for item in (data["files"] or {"examples": []})["examples"]
        if item["change"] == "renamed"
    }
    assert moved == {(row["path"]["old"], row["path"]["new"]) for row in diff["renamed"]}


EMPTY: dict[str, Any] = {name: [] for name in ("added", "deleted", "modified", "renamed")}


def test_without_fetching_nothing_is_said_of_files(stored: GitRepo) -> None:
    assert counted(compared(stored)) == {}


def test_a_listing_that_is_not_at_hand_is_unknown(stored: GitRepo) -> None:
    object_path(stored.path.parent / "store", locked(stored, "v1", "raw")).unlink()
    report = compared(stored, "listings")
    (raw,) = (item["files"] for item in report["data"] if item["path"] == "raw")
    assert raw["unknown"] == MISSING == unknown(report)["raw"]
    assert counted(report)["parts"] == [1, 1, 1, 0]


def test_an_ignored_directory_is_not_told_of(stored: GitRepo) -> None:
    stored.checkout("v1")
    config = 'fetch: [listings]\nignore: [raw, raw.dvc, "**/raw"]\n'
    base = saved(stored, ".github/lineage-diff.yml", config)
    object_path(stored.path.parent / "store", locked(stored, "v2", "raw")).unlink()
    request = Request(stored.path, base, "v2", direct=True)
    report = compare_revisions(request).report
    assert [item.path for item in report.data if item.files] == ["live", "parts"]
    assert "raw" not in {item.subject for item in report.unknowns}


def test_a_listing_cut_short_is_not_believed(stored: GitRepo) -> None:
    cut_short(stored, locked(stored, "v2", "raw"))
    assert "cut short or changed" in unknown(compared(stored, "listings"))["raw"]


@pytest.mark.parametrize(
    ("content", "files"),
    [
        ('[{"md5": "HASH", "relpath": "a/b.txt", "size": 3}]', ["a/b.txt"]),
        ("[]", []),
        ("{}", None),
        ("[1]", None),
        ("[", None),
        ("[" * 100_000, None),
        ('[{"md5": "HASH"}]', None),
        ('[{"md5": "x", "relpath": "a"}]', None),
        ('[{"md5": "HASH", "relpath": "../a"}]', None),
        ('[{"md5": "HASH", "relpath": "/a"}]', None),
        ('[{"md5": "HASH", "relpath": "a/./b"}]', None),
        ('[{"md5": "HASH", "relpath": "a"}, {"md5": "HASH", "relpath": "a"}]', None),
    ],
)
def test_what_counts_as_a_listing(content: str, files: list[str] | None) -> None:
    found = parse_listing(content.replace("HASH", "0" * 32).encode(), "md5")
    assert (list(found) if found is not None else None) == files


def fit(repo: GitRepo, fetch: bool) -> tuple[str, list[str]]:
    """Return the freshness of the stage that uses a file in a directory, and its reasons."""
    request = StatusRequest(repo.path, "HEAD", fetch=("listings",) if fetch else ())
    (stage,) = (s for s in status_of(request).report.stages if s.name == "dvc.yaml:fit")
    return stage.freshness, [reason.kind for reason in stage.reasons]


def test_a_dep_whose_directory_changed_around_it(stored: GitRepo) -> None:
    lock = stored.git("show", "v2:dvc.lock")
    for path in ("parts", "raw"):
        lock = lock.replace(locked(stored, "v2", path), locked(stored, "v1", path))
    saved(stored, "raw.dvc", stored.git("show", "v1:raw.dvc") + "\n")
    saved(stored, "dvc.lock", lock + "\n")
    assert fit(stored, fetch=False)[0] == "unknown"
    assert fit(stored, fetch=True) == ("fresh", [])


def test_a_dep_that_is_not_what_its_directory_holds(stored: GitRepo) -> None:
    before, after = stored.git("show", "v2:dvc.lock").split("path: parts/a.txt", 1)
    value = after.split("md5: ")[1].split()[0]
    wrong = after.replace(value, locked(stored, "v2", "m.json"), 1)
    saved(stored, "dvc.lock", f"{before}path: parts/a.txt{wrong}\n")
    # That nothing changed since it was locked is all that Git tells.
    assert fit(stored, fetch=False)[0] == "fresh"
    assert fit(stored, fetch=True) == ("stale", ["dep-changed"])


def test_a_dep_that_is_not_in_its_directory(stored: GitRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        text = stored.git("show", f"v2:{file}").replace("parts/a.txt", "parts/z.txt")
        saved(stored, file, text + "\n")
    assert fit(stored, fetch=True) == ("stale", ["dep-missing"])


def test_a_folder_of_a_directory_as_a_dep(tmp_path: Path, shell: DvcShell) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    pipeline = (
        "stages:\n  fit:\n    cmd: ls raw/deep > out\n    deps: [raw/deep]\n    outs: [out]\n"
    )
    repo.files({"raw/deep/a": "1", "raw/b": "2", "dvc.yaml": pipeline})
    repo.dvc("add", "-q", "raw")
    repo.repro("Run")
    repo.files({"raw/b": "3"})
    repo.dvc("add", "-q", "raw")
    repo.save("Another file")
    assert fit(repo, fetch=False)[0] == "unknown"
    assert fit(repo, fetch=True) == ("fresh", [])
    assert dvc_status(repo) == {}
    repo.files({"raw/deep/a": "4"})
    repo.dvc("add", "-q", "raw")
    repo.save("A file of that folder")
    assert fit(repo, fetch=True) == ("stale", ["dep-changed"])
    assert dvc_status(repo) == {"fit": [{"changed deps": {"raw/deep": "modified"}}]}


def dvc_status(repo: DvcRepo) -> Any:
    """Return what the real DVC says, with all data at hand."""
    done = subprocess.run(
        [sys.executable, "-m", "dvc", "status", "--json"],
        cwd=repo.root,
        env=dvc_environment(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)
