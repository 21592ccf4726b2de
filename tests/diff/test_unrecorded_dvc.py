"""What no run did: locks that went away, files and locks edited by hand. DVC tells what differs."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.render.options import ShowOptions
from lineage_diff.render.rendering import render_report
from lineage_diff.report.report import Report
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment
from tests.support.edits import written

PIPELINE = """\
stages:
  t:
    cmd: cp d model.pkl; cp d kept.pt; cp src.json m.json; cp src.csv p.csv
    deps: [d, src.json, src.csv]
    outs: [model.pkl, {kept.pt: {cache: false}}]
    metrics: [{m.json: {cache: false}}]
    plots: [{p.csv: {cache: false}}]
"""
ENTRY = "  t:\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> DvcRepo:
    repo = DvcRepo(tmp_path_factory.mktemp("unrecorded") / "repo", shell)
    repo.files({"dvc.yaml": PIPELINE, "d": "1\n", "src.json": '{"acc": 0.5}\n'})
    repo.files({"src.csv": "x,y\n1,2\n"})
    repo.repro("Run")
    return repo


@pytest.fixture
def repo(made: DvcRepo, tmp_path: Path) -> DvcRepo:
    shutil.copytree(made.path, tmp_path / "copy", symlinks=True)
    return made.copied(tmp_path / "copy")


def lock_deleted(repo: DvcRepo) -> None:
    repo.remove("dvc.lock")


def entry_deleted(repo: DvcRepo) -> None:
    repo.write("dvc.lock", "schema: '2.0'\nstages: {}\n")


def outs_deleted(repo: DvcRepo) -> None:
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text[: text.index("    outs:\n")])


def stage_renamed(repo: DvcRepo) -> None:
    repo.edit("dvc.yaml", ENTRY, "  fit:\n")


def lock_ignored(repo: DvcRepo) -> None:
    repo.git("rm", "-q", "--cached", "dvc.lock")
    repo.write(".gitignore", "dvc.lock\nmodel.pkl\n")


def rehashed_in_lock(path: str) -> Callable[[DvcRepo], None]:
    def edit(repo: DvcRepo) -> None:
        text = (repo.path / "dvc.lock").read_text()
        start = text.index(
            "md5: ", text.index(f"path: {path}\n") + len(f"path: {path}\n      hash: md5")
        )
        repo.write("dvc.lock", text[:start] + f"md5: {'a' * 32}" + text[start + 37 :])

    return edit


def deleted(path: str) -> Callable[[DvcRepo], None]:
    return lambda repo: repo.remove(path)


def ran(repo: DvcRepo) -> None:
    repo.files({"d": "2\n"})
    repo.dvc("repro", "-q")


NOT_RECORDED = "version not recorded, ⚠️ stale"


@pytest.mark.parametrize(
    ("make", "model", "kept", "words"),
    [
        (lock_deleted, "unrecorded", "unchanged", [NOT_RECORDED, "no run of its stage"]),
        (entry_deleted, "unrecorded", "unchanged", [NOT_RECORDED, "no run of its stage"]),
        (outs_deleted, "unrecorded", "unchanged", [NOT_RECORDED]),
        (stage_renamed, "unrecorded", "unchanged", [NOT_RECORDED, "no run of its stage"]),
        (lock_ignored, "unrecorded", "unchanged", [NOT_RECORDED, "no run of its stage"]),
        (written("kept.pt", "3\n"), "unchanged", "edited", ["replaced in Git without a recorded"]),
        (deleted("kept.pt"), "unchanged", "unchanged", ["kept.pt is not in Git, no input changed"]),
        (
            written("m.json", '{"acc": 0.9}\n'),
            "unchanged",
            "unchanged",
            ["m.json is not the output of its recorded run, no input changed"],
        ),
        (
            written("p.csv", "x,y\n1,3\n"),
            "unchanged",
            "unchanged",
            ["p.csv is not the output of its recorded run, no input changed"],
        ),
        (
            rehashed_in_lock("m.json"),
            "unchanged",
            "unchanged",
            ["m.json is not the output of its recorded run", "that run did not make what is here"],
        ),
        (
            rehashed_in_lock("d"),
            "unchanged",
            "unchanged",
            ["the lock records a different d than the committed one"],
        ),
        (written("d", "3\n"), "unchanged", "unchanged", ["inputs changed, not retrained"]),
        (ran, "retrained", "retrained", ["retrained"]),
    ],
)
def test_no_run_is_made_up(
    repo: DvcRepo, make: Callable[[DvcRepo], None], model: str, kept: str, words: list[str]
) -> None:
    make(repo)
    repo.save("Change")
    report = compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report
    assert {item.path: item.change for item in report.models} == {
        "model.pkl": model,
        "kept.pt": kept,
    }
    text = " ".join(shown(report).split())
    for said in words:
        assert said in text
    ran_again = model == "retrained" or make.__name__ == "edit"
    assert any("ran" in stage.changed for stage in report.stages) == ran_again
    assert "retrained" not in text.replace("not retrained", "") or model == "retrained"
    assert {item.path for item in report.data if item.tracked_by == "stage"} == of_dvc(repo)
    fails = report.verdict.conclusion == "failure"
    assert fails == (model != "retrained")


def test_what_comes_back_is_no_run_either(repo: DvcRepo) -> None:
    lock_deleted(repo)
    written("kept.pt", "3\n")(repo)
    repo.save("Lose it")
    repo.git("revert", "--no-edit", "HEAD")
    report = compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report
    changes = {item.path: item.change for item in report.models}
    assert changes == {"model.pkl": "recorded", "kept.pt": "retrained"}
    assert "version recorded, none before" in shown(report)


def test_a_file_that_is_again_what_its_run_made(repo: DvcRepo) -> None:
    written("kept.pt", "3\n")(repo)
    repo.save("Edit")
    repo.git("revert", "--no-edit", "HEAD")
    report = compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report
    assert {item.path: item.change for item in report.models}["kept.pt"] == "edited"
    assert "file in Git matches its run again" in shown(report)
    assert report.verdict.conclusion == "success"


def shown(report: Report) -> str:
    return render_report("terminal", report, ShowOptions()).decode()


def of_dvc(repo: DvcRepo) -> set[str]:
    """Return the paths that `dvc diff` tells of."""
    dvc = (str(Path(sys.executable).with_name("dvc")), "diff", "--json", "HEAD~1", "HEAD")
    run = subprocess.run(dvc, cwd=repo.path, env=dvc_environment(), capture_output=True, check=True)
    told = json.loads(run.stdout or "{}")
    return {item["path"] for items in told.values() for item in items if items}
