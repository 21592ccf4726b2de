"""Params and metrics behind symbolic links to what DVC tracks, and what is made from it."""

import shutil
from pathlib import Path

import pytest

from lineage_diff.app.audit.questions import impact, trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.git.repository import open_repository
from lineage_diff.history.reader import HistoryReader
from tests.freshness.made_params_cases import changed_commit, status
from tests.support.dvc_repo import DvcRepo, DvcShell

PIPELINE = """\
stages:
  tune:
    cmd: sh tune.sh
    deps: [s.py, tune.sh]
    outs: [best.txt, best.yaml: {cache: false}]
  kept: {cmd: cp kept-link.yaml kept.pt, params: [{kept-link.yaml: [lr]}], outs: [kept.pt]}
  tuned: {cmd: cp tuned-link.yaml tuned.pt, params: [{tuned-link.yaml: [k]}], outs: [tuned.pt]}
  file: {cmd: cp file-link file.pt, deps: [file-link], outs: [file.pt]}
  folder: {cmd: cp folder-link/x folder.pt, deps: [folder-link], outs: [folder.pt]}
  made: {cmd: cp made-link made.pt, deps: [made-link], outs: [made.pt]}
metrics: [metrics-link.json]
"""
LINKS = {
    "kept-link.yaml": "conf/kept.yaml",
    "tuned-link.yaml": "best.yaml",
    "file-link": "store/x",
    "folder-link": "store",
    "made-link": "chain",
    "chain": "best.txt",
    "metrics-link.json": "kept.json",
}
ADDED = {
    "conf/kept.yaml": "lr: 1\nx: 1\n",
    "kept.json": '{"acc": 1}\n',
    "store/x": "x\n",
    "store/y": "y\n",
}


@pytest.fixture(scope="module")
def built(shell: DvcShell, tmp_path_factory: pytest.TempPathFactory) -> tuple[DvcRepo, str]:
    repo = DvcRepo(tmp_path_factory.mktemp("links") / "repo", shell)
    tune = 'cp s.py best.txt && echo "k: $(cat s.py)" > best.yaml\n'
    repo.files({"dvc.yaml": PIPELINE, "s.py": "one\n", "tune.sh": tune, **ADDED})
    repo.dvc("add", "-q", "conf/kept.yaml", "kept.json", "store")
    for path, target in LINKS.items():
        repo.symlink(path, target)
    repo.dvc("repro", "-q", "tune")
    return repo, repo.repro("Run")


@pytest.fixture
def repo(built: tuple[DvcRepo, str], tmp_path: Path) -> tuple[DvcRepo, str]:
    shutil.copytree(built[0].path, tmp_path / "copy", symlinks=True)
    return built[0].copied(tmp_path / "copy"), built[1]


def _request(repo: DvcRepo) -> AuditRequest:
    return AuditRequest(HistoryReader(open_repository(repo.path)))


MADE_FROM = {
    "store": {"file.pt", "folder.pt"},
    "store/x": {"file.pt", "folder.pt"},
    "store/y": {"folder.pt"},
    "best.txt": {"made.pt"},
    "best.yaml": {"tuned.pt"},
    "conf/kept.yaml": {"kept.pt"},
    "s.py": {"made.pt", "tuned.pt"},
    "file-link": {"file.pt"},
}


@pytest.mark.parametrize("path", MADE_FROM)
def test_impact_follows_links(path: str, built: tuple[DvcRepo, str]) -> None:
    (found,) = impact(_request(built[0]), path).impacts
    assert {model.path for model in found.models} == MADE_FROM[path]


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        ("file.pt", {"store"}),
        ("folder.pt", {"store"}),
        ("made.pt", {"s.py", "tune.sh"}),
        ("tuned.pt", {"s.py", "tune.sh"}),
        ("kept.pt", {"conf/kept.yaml"}),
    ],
)
def test_trace_follows_links(model: str, inputs: set[str], built: tuple[DvcRepo, str]) -> None:
    (found,) = trace(_request(built[0]), model).traces
    assert {item.path for item in found.inputs} == inputs


def test_every_stage_is_fresh_while_nothing_changes(repo: tuple[DvcRepo, str]) -> None:
    made, base = repo
    assert status(made) == set()
    changed_commit(made)
    report = compare_revisions(Request(made.path, base, direct=True)).report
    assert {stage.freshness for stage in report.stages} == {"fresh"}


@pytest.mark.parametrize(("text", "stale"), [("lr: 2\nx: 1\n", {"kept"}), ("lr: 1\nx: 2\n", set())])
def test_params_that_dvc_keeps_behind_a_link(
    text: str, stale: set[str], repo: tuple[DvcRepo, str]
) -> None:
    made, base = repo
    made.files({"conf/kept.yaml": text, "kept.json": '{"acc": 2}\n'})
    made.dvc("add", "-q", "conf/kept.yaml", "kept.json")
    assert status(made) == stale
    changed_commit(made)
    report = compare_revisions(Request(made.path, base, direct=True)).report
    found = {stage.name: stage.freshness for stage in report.stages}
    assert found["dvc.yaml:kept"] == "unknown"
    assert {item.subject for item in report.unknowns} == {"kept-link.yaml", "metrics-link.json"}
    fetched = compare_revisions(Request(made.path, base, direct=True, fetch=("metrics",))).report
    states = {stage.name.removeprefix("dvc.yaml:"): stage.freshness for stage in fetched.stages}
    assert {name for name, state in states.items() if state != "fresh"} == stale
    assert fetched.metrics["metrics-link.json"]["acc"]["new"] == 2


def test_params_that_a_stage_makes_behind_a_link(repo: tuple[DvcRepo, str]) -> None:
    made, base = repo
    made.files({"s.py": "two\n"})
    changed_commit(made)
    report = compare_revisions(Request(made.path, base, direct=True)).report
    assert {model.path for model in report.models if model.affected} == {"made.pt", "tuned.pt"}
    states = {stage.name.removeprefix("dvc.yaml:"): stage.freshness for stage in report.stages}
    stale = {name for name, state in states.items() if state == "stale"}
    assert stale == {"tune", "tuned", "made"}
    made.dvc("repro", "-q", "tune")
    assert status(made) == {"tuned", "made"}
