"""Experiments that the real DVC ran, pushed and applied, in the table and in a change's report."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.cli.main import main
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.git_repo import GitRepo

SCRIPT = r"""cp params.yaml model.pkl
sed -n 's/^lr: *\(.*\)/{"accuracy": \1}/p' params.yaml > metrics.json
"""
PIPELINE = """stages:
  train:
    cmd: sh train.sh
    deps: [train.sh]
    params: [lr]
    outs: [model.pkl]
    metrics: [{metrics.json: {cache: false}}]
"""


@pytest.fixture(scope="module")
def pushed(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> DvcRepo:
    """A project with a branch, from which two experiments were run and pushed to `origin`."""
    folder = tmp_path_factory.mktemp("experiments")
    repo = DvcRepo(folder / "repo", shell)
    repo.write("train.sh", SCRIPT)
    repo.write("params.yaml", "lr: 0.1\n")
    repo.write("dvc.yaml", PIPELINE)
    repo.write(".github/lineage-diff.yml", "experiments: all\n")
    repo.dvc("repro")
    repo.save("base")
    repo.branch("change")
    repo.write("params.yaml", "lr: 0.2\n")
    repo.dvc("repro")
    repo.save("other rate")
    for name, rate in (("bold", "0.5"), ("weak", "0.05")):
        repo.dvc("exp", "run", "-q", "-n", name, "-S", f"lr={rate}")
        repo.git("checkout", "-q", "-f", ".")
    GitRepo(folder / "server").git("config", "receive.denyCurrentBranch", "ignore")
    repo.git("remote", "add", "origin", str(folder / "server"))
    repo.git("push", "-q", "origin", "main", "change")
    repo.dvc("exp", "push", "-q", "--no-cache", "origin", "bold", "weak")
    return repo


def clone(repo: DvcRepo, path: Path) -> GitRepo:
    """Return a clone of the server with the experiments, as the documentation makes it."""
    found = GitRepo(repo.path.parent / "server").clone(path)
    found.git("fetch", "-q", "origin", "refs/exps/*:refs/exps/*")
    found.git("branch", "-q", "-f", "change", "origin/change")
    return found


def report(
    repo: GitRepo, capsys: pytest.CaptureFixture[str], *revs: str, code: int = 0
) -> dict[str, Any]:
    assert main(["compare", *revs, "--repo", str(repo.path), "--format", "json"]) == code
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def shown(table: dict[str, Any]) -> dict[str, tuple[str, float, float, str | None]]:
    """Return freshness, rate, accuracy and rank by revision."""
    (lr,), (accuracy,) = table["params"], table["metrics"]
    return {
        item["rev"]: (item["freshness"], rate["value"], cell["value"], cell["rank"])
        for item, rate, cell in zip(
            table["revisions"], lr["values"], accuracy["values"], strict=True
        )
    }


def test_pushed_experiments_are_compared_by_their_names(
    pushed: DvcRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(clone(pushed, tmp_path / "clone"), capsys, "change", "bold", "weak")
    assert shown(found["table"]) == {
        "change": ("fresh", 0.2, 0.2, None),
        "bold": ("fresh", 0.5, 0.5, "best"),
        "weak": ("fresh", 0.05, 0.05, None),
    }


def test_the_report_of_the_branch_compares_them(
    pushed: DvcRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(clone(pushed, tmp_path / "clone"), capsys, "main", "change")
    assert list(shown(found["experiments"])) == ["main", "change", "bold", "weak"]
    assert shown(found["experiments"])["bold"] == ("fresh", 0.5, 0.5, "best")


def test_an_applied_experiment_is_promoted(
    pushed: DvcRepo, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(pushed.path, tmp_path / "copy", symlinks=True)
    applied = pushed.copied(tmp_path / "copy")
    applied.git("checkout", "-q", "main")
    applied.write(".github/lineage-diff.yml", "experiments: promoted\n")
    applied.save("promoted ones")
    applied.git("checkout", "-q", "change")
    found = report(applied, capsys, "main", "change")
    assert found["experiments"] is None
    applied.dvc("exp", "apply", "-q", "bold")
    applied.save("apply bold")
    found = report(applied, capsys, "main", "change")
    assert [item["rev"] for item in found["experiments"]["revisions"]] == [
        "main",
        "change",
        "bold",
    ]
