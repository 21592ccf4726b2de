"""The demo: a real repository, really trained, compared, and everything written."""

import json
import re
import subprocess
import sys
from pathlib import Path

import jsonschema_rs
import pytest

from lineage_diff.report import report as contract
from tests.support.git_repo import GitRepo
from tests.support.projects import run


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "made here"
    done = run("demo", str(folder))
    assert done.returncode == 0, done.stderr
    for path in re.findall(r"^  (?!file:)(.+/lineage-diff/\S+)$", done.stdout, re.MULTILINE):
        assert Path(path).stat().st_size, path
    assert "compare main more-customers" in done.stdout
    pages = [(folder / f"lineage-diff/{name}.html").as_uri() for name in ("report", "audit")]
    assert re.findall(r"^  (file:.*)$", done.stdout, re.MULTILINE) == pages
    return folder


def test_its_report_tells_what_the_branch_does(demo: Path) -> None:
    report = json.loads((demo / "lineage-diff/report.json").read_text())
    schema = Path(contract.__file__).with_name("report.schema.json")
    jsonschema_rs.validate(json.loads(schema.read_bytes()), report)
    models = {model["path"]: model for model in report["models"]}
    churn, ranker = models["models/churn.pkl"], models["ranking/ranker.joblib"]
    assert (churn["name"], churn["change"], churn["freshness"]) == ("churn", "retrained", "fresh")
    assert {(cause["kind"], cause["subject"]) for cause in churn["causes"]} == {
        ("data", "data/customers.csv"),
        ("param", "params.yaml:train.epochs"),
        ("code", "src/featurize.py"),
    }
    assert (ranker["change"], ranker["freshness"]) == ("unchanged", "stale")
    accuracy = report["metrics"]["metrics.json"]["accuracy"]
    assert accuracy["diff"] < 0
    assert report["verdict"]["conclusion"] == "failure"


def test_its_files_are_as_old_as_the_repository(demo: Path) -> None:
    """DVC takes a file for unchanged that has its size and time: unpacked files may share one."""
    made = (demo / ".dvcignore").stat().st_mtime_ns
    files = GitRepo(demo).git("ls-files").splitlines()
    assert "src/featurize.py" in files
    assert [file for file in files if (demo / file).stat().st_mtime_ns < made] == []


def test_dvc_agrees_on_the_metrics_and_the_params(demo: Path) -> None:
    report = json.loads((demo / "lineage-diff/report.json").read_text())
    for what in ("metrics", "params"):
        done = subprocess.run(
            [sys.executable, "-m", "dvc", what, "diff", "--json", "main", "more-customers"],
            cwd=demo,
            capture_output=True,
            text=True,
            check=True,
        )
        assert report[what] == json.loads(done.stdout), what


def test_its_work_tree_is_clean_for_git_and_stale_for_dvc(demo: Path) -> None:
    assert GitRepo(demo).git("status", "--porcelain") == ""
    command = [sys.executable, "-m", "dvc", "status", "--json"]
    done = subprocess.run(command, cwd=demo, capture_output=True, text=True, check=True)
    assert list(json.loads(done.stdout)) == ["ranking/dvc.yaml:rank"]


def test_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = run("demo", str(tmp_path))
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert len(done.stderr.splitlines()) == 1
