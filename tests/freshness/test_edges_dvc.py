"""Stages at the edges of what DVC looks at: NaN, outs elsewhere, frozen, out of its sight."""

from pathlib import Path

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from tests.freshness.edge_cases import CASES, Case, force_added
from tests.freshness.made_params_cases import status
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.states import state_alone


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_what_dvc_status_says(case: Case, shell: DvcShell, tmp_path: Path) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    absolute = str(tmp_path / "absolute.txt")
    for path, text in case.files.items():
        repo.files({path: text.replace("{abs}", absolute).replace("{root}", str(repo.root))})
    repo.git("add", "-A")
    for step in case.steps:
        step(repo)
    assert status(repo) == set(case.theirs)
    commit = force_added(repo)
    state = state_alone(LineageReader(open_repository(repo.path)), commit)
    lineage = state.lineage
    assert not lineage.problems
    address = {stage.id: stage.address for stage in lineage.stages}
    found = {address[name]: judged.freshness for name, judged in freshness(state).items()}
    assert {name for name, state in found.items() if state == "stale"} == case.ours
    assert {name for name, state in found.items() if state == "unknown"} == set(case.unknown)
    failed = status_of(StatusRequest(repo.path)).report.verdict.errors > 0
    assert failed == bool(case.ours)


@pytest.mark.parametrize(
    ("old", "new"), [("deps: [f]", "deps: [/a/f]"), ("[model.pkl]", "[/a/model.pkl]")]
)
def test_a_path_that_is_made_absolute_is_an_error(
    shell: DvcShell, tmp_path: Path, old: str, new: str
) -> None:
    repo = DvcRepo(tmp_path / "repo", shell)
    stage = "stages:\n  t:\n    cmd: cp f model.pkl\n    deps: [f]\n    outs: [model.pkl]\n"
    repo.files({"f": "1\n", "dvc.yaml": stage})
    repo.repro("Run")
    repo.edit("dvc.yaml", old, new)
    repo.save("absolute")
    report = compare_revisions(Request(repo.path, "HEAD~1", "HEAD")).report
    assert [item.affected for item in report.models] == [True]
    assert [(item.rule, item.severity) for item in report.findings] == [("freshness-lost", "error")]
