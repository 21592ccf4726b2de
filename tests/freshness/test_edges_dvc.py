"""Stages at the edges of what DVC looks at: NaN, outs elsewhere, frozen, out of its sight."""

from pathlib import Path

import pytest

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
    repo.files({path: text.replace("{abs}", absolute) for path, text in case.files.items()})
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
