"""What no commit shows of a real pipeline, judged with its history and by the real `dvc status`."""

import pytest

from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.freshness.stages import freshness
from lineage_diff.git.repository import open_repository
from lineage_diff.lineage.policy import Policy
from lineage_diff.report.change import Change
from lineage_diff.rules.engine import check_rules
from tests.freshness.unseen_cases import BASE, CASES, Case, Unseen
from tests.support.states import state_alone


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_differs_from_dvc_has_its_row(unseen: Unseen, case: Case) -> None:
    unseen.reset()
    case.mutate(unseen)
    unseen.commit()
    assert unseen.dvc(lambda dvc: dvc.status()).keys() == case.theirs
    state = unseen.read()
    lineage = state.lineage
    assert not lineage.problems
    found = {
        name.partition(":")[2]: judged.freshness
        for name, judged in freshness(state).items()
        if judged.freshness != "fresh"
    }
    assert found == BASE | case.ours
    findings, _ = check_rules(Change(), lineage, lineage, Policy(), "lint")
    orphans = [item.subject for item in findings if item.rule == "orphaned-lock"]
    assert orphans == ([f"dvc.lock:{name}" for name in case.orphans])
    assert (case.row is None) == (case.theirs == case.ours.keys() and not orphans)


def test_the_reason_is_told(unseen: Unseen) -> None:
    unseen.reset()
    details = {
        name.partition(":")[2]: reason.detail
        for name, judged in freshness(unseen.read()).items()
        for reason in judged.reasons
    }
    ignored = "Git ignores it, and DVC does not keep it"
    assert [details["secret"], details["report"]] == [ignored, ignored]
    assert details["loose"] == ("neither Git nor DVC tracks it, nor did when the stage was locked")


def test_a_commit_without_its_history_takes_it_for_gone(unseen: Unseen) -> None:
    unseen.reset()
    found = freshness(state_alone(LineageReader(open_repository(".")), unseen.base))
    states = {name.partition(":")[2]: judged.freshness for name, judged in found.items()}
    assert states["loose"] == "stale"
    assert [states["secret"], states["report"]] == ["unknown", "unknown"]
