"""Run by the real DVC, the advice makes models and metrics fresh, and uploads nothing."""

import shlex
from pathlib import Path

import pytest

from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.render.summary import Summary
from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = """\
stages:
  prepare: {cmd: cp raw.csv table.csv, deps: [raw.csv], outs: [table.csv]}
  train: {cmd: cp table.csv model.pkl, deps: [table.csv, train.py], outs: [model.pkl]}
  measure:
    cmd: 'echo "{\\"size\\": $(cat model.pkl)}" > scores.json'
    deps: [model.pkl]
    metrics: [scores.json: {cache: false}]
  draw: {cmd: cp model.pkl drawing, deps: [model.pkl, draw.py], outs: [drawing]}
  upload: {cmd: echo x >> uploads, deps: [model.pkl, upload.py]}
"""


FILES = {"raw.csv": "1\n", "train.py": "1\n", "draw.py": "1\n", "upload.py": "1\n"}


@pytest.mark.parametrize(
    ("edited", "command", "left"),
    [
        (("raw.csv",), "dvc repro measure", {"draw", "upload"}),
        (("train.py", "upload.py"), "dvc repro measure", {"draw", "upload"}),
        (("draw.py",), "dvc repro draw", set()),
        (("raw.csv", "draw.py"), "dvc repro draw measure", {"upload"}),
        (("upload.py",), "", {"upload"}),
    ],
)
def test_the_advice_mends_and_uploads_nothing(
    tmp_path: Path, shell: DvcShell, edited: tuple[str, ...], command: str, left: set[str]
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({"dvc.yaml": PIPELINE, ".gitignore": "/uploads\n", **FILES})
    repo.dvc("repro", "-q")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "base")
    for path in edited:
        repo.write(path, "2\n")
    repo.git("commit", "-q", "-a", "-m", "edit")
    report = status_of(StatusRequest(repo.path)).report
    assert Summary(report).command == command
    assert {item.stage.partition(":")[2] for item in report.repro.left_out} == left
    if command:
        repo.dvc(*shlex.split(command)[1:])
        repo.git("commit", "-q", "-a", "--allow-empty", "-m", "run")
    after = status_of(StatusRequest(repo.path)).report
    assert {model.freshness for model in after.models} == {"fresh"}
    stale = {stage.name.partition(":")[2] for stage in after.stages if stage.freshness == "stale"}
    # A copy of what did not change by the run is fresh without one.
    assert stale <= left
    assert Path(repo.path / "uploads").read_text(encoding="utf-8") == "x\n"


MATRIX = """\
stages:
  train:
    matrix: {size: [1, 2, 3]}
    cmd: cp ${item.size}.csv model-${item.size}.pkl
    deps: ["${item.size}.csv"]
    outs: ["model-${item.size}.pkl"]
"""


@pytest.mark.parametrize(
    ("folder", "edited", "command"),
    [
        ("", "13", "dvc repro train@1 train@3"),
        ("ranking/", "123", "dvc repro ranking/dvc.yaml:train"),
    ],
)
def test_an_entry_stands_for_all_its_stages(
    tmp_path: Path, shell: DvcShell, folder: str, edited: str, command: str
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({f"{folder}dvc.yaml": MATRIX, **{f"{folder}{size}.csv": "1\n" for size in "123"}})
    repo.dvc("repro", "-q", "--all-pipelines")
    repo.git("add", "-A")
    repo.git("commit", "-q", "-m", "base")
    for size in edited:
        repo.write(f"{folder}{size}.csv", "2\n")
    repo.git("commit", "-q", "-a", "-m", "edit")
    assert Summary(status_of(StatusRequest(repo.path)).report).command == command
    repo.dvc(*shlex.split(command)[1:])
    repo.git("commit", "-q", "-a", "-m", "run")
    after = status_of(StatusRequest(repo.path)).report
    assert [model.freshness for model in after.models] == ["fresh"] * 3
