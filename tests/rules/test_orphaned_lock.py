"""How many findings, and how severe, a lock file's orphaned entries are."""

import pytest

from lineage_diff.lineage.lineage import Lineage, Pipeline
from lineage_diff.lineage.policy import Policy
from lineage_diff.report.change import Change
from lineage_diff.rules.examples import LOCK, TRAIN, lineage, problem
from tests.support.rules import check_rules


def side(*names: str) -> Lineage:
    orphans = dict.fromkeys(names, LOCK)
    return lineage(
        TRAIN, pipelines=(Pipeline("dvc.yaml", (TRAIN.id,), "dvc.lock", "2.0", orphans),)
    )


@pytest.mark.parametrize(
    ("base", "head", "severities"),
    [
        ((), ("a",), ["warning"]),
        (("a",), ("a",), ["info"]),
        (("a",), ("a", "b", "c"), ["warning", "info"]),
        (("a",), (), []),
    ],
)
def test_new_entries_weigh_more_than_old_ones(
    base: tuple[str, ...], head: tuple[str, ...], severities: list[str]
) -> None:
    findings, _ = check_rules(Change(), side(*base), side(*head), Policy())
    assert [finding.severity for finding in findings] == severities
    assert {finding.line for finding in findings} <= {LOCK.line}


def test_many_entries_are_one_finding_that_counts_them() -> None:
    findings, _ = check_rules(Change(), side(), side(*(f"fold_{n}" for n in range(9))), Policy())
    assert len(findings) == 1
    assert findings[0].message.endswith("and 4 more")


def test_a_pipeline_that_was_read_in_part_proves_nothing() -> None:
    head = lineage(
        TRAIN,
        pipelines=side("a").pipelines,
        problems=(problem("unresolved-variable", "dvc.yaml", "x"),),
    )
    findings, _ = check_rules(Change(), side(), head, Policy())
    assert [finding.rule for finding in findings] == ["unresolved-variable"]
