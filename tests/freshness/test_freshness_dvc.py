"""Each mutation of a real pipeline, judged from the commit and by the real `dvc status`."""

import pytest

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from lineage_diff.report.reasons import NOTES
from tests.freshness.usual_cases import CASES, Case, Project
from tests.support.states import stale_by_itself, state_alone


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_says_what_dvc_status_says(project: Project, case: Case) -> None:
    project.reset()
    case.mutate(project)
    commit = project.commit()
    theirs = set(project.status())
    state = state_alone(LineageReader(open_repository(".")), commit)
    lineage = state.lineage
    assert not lineage.problems
    found = freshness(state)
    address = {stage.id: stage.address for stage in lineage.stages}
    ours = stale_by_itself(state, found)
    unknown = case.unknown | {"inner"}
    assert ours - unknown == theirs - unknown - case.silent
    if case.stale is not None:
        assert ours == case.stale
    notes = {(address[s], r.kind) for s, f in found.items() for r in f.reasons if r.kind in NOTES}
    assert case.notes <= notes
    for name in case.unknown:
        assert {f.freshness for s, f in found.items() if address[s] == name} <= {"unknown", "stale"}
