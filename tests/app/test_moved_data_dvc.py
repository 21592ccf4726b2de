"""What is said of a model after `dvc move` of the data that it was made from, by the real DVC."""

from pathlib import Path

from lineage_diff.app.audit.questions import impact, trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.history.reader import open_history
from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = """\
stages:
  train:
    cmd: cp raw.csv model.pkl
    deps: [raw.csv]
    outs: [model.pkl]
"""


def test_a_run_on_moved_data_is_told_with_its_own_command_and_commit(
    tmp_path: Path, shell: DvcShell
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    repo.files({"raw.csv": "1\n", "dvc.yaml": PIPELINE})
    repo.dvc("add", "-q", "raw.csv")
    first = repo.repro("run")
    (repo.root / "data").mkdir()
    repo.dvc("move", "raw.csv", "data/raw.csv")
    repo.edit("dvc.yaml", "raw.csv", "data/raw.csv")
    moved = repo.repro("move")
    history = open_history(repo.path)
    (found,) = trace(AuditRequest(history), "model.pkl").traces
    assert found.made is not None
    assert found.made.id == first
    assert [(run.command, [dep.path for dep in run.deps]) for run in found.runs] == [
        ("cp data/raw.csv model.pkl", ["data/raw.csv"])
    ]
    assert [run.made and run.made.id for run in found.runs] == [moved]
    assert [(item.path, item.since and item.since.id) for item in found.inputs] == [
        ("data/raw.csv", moved)
    ]
    for path, is_current in (("raw.csv", False), ("data/raw.csv", True)):
        (answer,) = impact(AuditRequest(history), path).impacts
        assert [(model.path, model.is_current) for model in answer.models] == [
            ("model.pkl", is_current)
        ]
