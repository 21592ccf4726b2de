"""Data that moves into a directory which DVC tracks as a whole, as the real DVC sees it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.report import Report
from tests.freshness.made_params_cases import changed_commit, status
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.edits import nothing, removed, written

PIPELINE = """\
stages:
  one: {cmd: cp data/a.csv one.pt, deps: [data/a.csv], outs: [one.pt]}
  sub: {cmd: cp data/sub/c.csv sub.pt, deps: [data/sub/c.csv], outs: [sub.pt]}
"""
FILES = {"dvc.yaml": PIPELINE, "data/a.csv": "a\n", "data/b.csv": "b\n", "data/sub/c.csv": "c\n"}
TRACKED = {
    "files": ["data/a.csv", "data/b.csv", "data/sub/c.csv"],
    "some in Git": ["data/b.csv"],
    "a folder in it": ["data/a.csv", "data/b.csv", "data/sub"],
}


@pytest.fixture(scope="module", params=[*TRACKED, "Git"])
def tracked(
    request: pytest.FixtureRequest, shell: DvcShell, tmp_path_factory: pytest.TempPathFactory
) -> tuple[DvcRepo, str, str]:
    repo = DvcRepo(tmp_path_factory.mktemp("tracked") / "repo", shell)
    repo.files(FILES)
    if request.param in TRACKED:
        repo.dvc("add", "-q", *TRACKED[request.param])
    repo.dvc("repro", "-q")
    return repo, repo.save("Run"), request.param


def into_a_folder(repo: DvcRepo) -> None:
    for path in sorted((repo.root / "data").rglob("*")):
        if path.suffix == ".dvc" or path.name == ".gitignore":
            path.unlink()
    repo.git("rm", "-rq", "--cached", "--ignore-unmatch", "data")
    repo.dvc("add", "-q", "data")


@pytest.mark.parametrize(
    ("edit", "stale", "is_proven"),
    [
        (nothing, "", True),
        (written("data/a.csv", "a2\n"), "one", False),
        (written("data/b.csv", "b2\n"), "", False),
        (written("data/new.csv", "n\n"), "", False),
        # What is left is what the locks name.
        (removed("data/b.csv"), "", True),
    ],
    ids=["same", "edited", "other file", "new file", "removed"],
)
def test_the_same_content_is_fresh_and_nothing_else_is(
    tracked: tuple[DvcRepo, str, str],
    tmp_path: Path,
    edit: Callable[[DvcRepo], object],
    stale: str,
    is_proven: bool,
) -> None:
    built, base, kind = tracked
    shutil.copytree(built.path, tmp_path / "repo", symlinks=True)
    repo = built.copied(tmp_path / "repo")
    edit(repo)
    into_a_folder(repo)
    assert {name for name in status(repo) if not name.endswith(".dvc")} == set(stale.split())
    changed_commit(repo)
    report = compare_revisions(Request(repo.path, base, direct=True)).report
    assert _states(report) == dict.fromkeys(("one", "sub"), "fresh" if is_proven else "unknown")
    lost = {
        item.subject: item.severity for item in report.findings if item.rule == "freshness-lost"
    }
    # It lay in a folder before.
    milder = "warning" if kind == "a folder in it" else "error"
    assert lost == ({} if is_proven else {"one.pt": "error", "sub.pt": milder})


def _states(report: Report) -> dict[str, str]:
    return {model.path[:-3]: model.freshness for model in report.models}
