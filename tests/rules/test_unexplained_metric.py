"""`unexplained-metric`: what runs on the same inputs may differ in, and how findings are folded."""

from typing import Any, Literal

import pytest
from msgspec.structs import replace

from lineage_diff.diff.metric_direction import is_noise
from lineage_diff.lineage.policy import MetricPolicy, Policy
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change, MetricAttribution, MetricNote
from lineage_diff.rules.examples import TRAIN, lineage
from tests.support.rules import check_rules

TOLERANT = Policy(
    metrics=(
        MetricPolicy("accuracy", tolerance=0.05),
        MetricPolicy("loss", tolerance=0.1, relative=True),
    )
)


@pytest.mark.parametrize(
    ("key", "old", "new", "noise"),
    [
        ("accuracy", 0.91, 0.87, True),
        ("accuracy", 0.91, 0.85, False),
        ("accuracy", 0.85, 0.91, False),
        ("loss", 2.0, 2.1, True),
        ("loss", 2.0, 2.3, False),
        ("f1", 0.5, 0.5000001, True),
        ("f1", 0.5, 0.50001, False),
        ("train.time", 10, 20, True),
        ("fitSeconds", 10, 20, True),
        ("peak_memory", 10, 20, True),
        ("times_used.recall", 0.5, 0.6, True),
        ("gpu.memory.peak", 10, 20, True),
        ("time.of.recall", 0.5, 0.6, False),
        ("best", "a", "b", True),
        ("flag", False, True, True),
        ("f1", 0.5, float("nan"), False),
        ("f1", 10**400, 0.5, False),
        ("f1", 10**400, 10**400 + 1, False),
    ],
)
def test_noise(key: str, old: Any, new: Any, noise: bool) -> None:
    assert is_noise("metrics.json", key, old, new, TOLERANT) is noise


OF_ITS_FILE = Policy(metrics=(MetricPolicy("metrics.json:accuracy", tolerance=0.0),))


def _change(*roots: Stage) -> Change:
    files = [f"{root.name}.json" for root in roots]
    return Change(
        metrics={file: {"accuracy": {"old": 0.9, "new": 0.8, "diff": -0.1}} for file in files},
        metric_causes=tuple(
            MetricAttribution(file, root.id, (), "unexplained", roots=(root.id,))
            for file, root in zip(files, roots, strict=True)
        ),
    )


def test_an_explained_file_leaves_the_next_one_unexplained() -> None:
    one, two = (replace(TRAIN, id=f"dvc.yaml:{name}", name=name) for name in ("a", "b"))
    change = _change(one, two)
    explained = replace(change.metric_causes[0], explanation="causes")
    change = replace(change, metric_causes=(explained, change.metric_causes[1]))
    commit = lineage(one, two)
    findings, _ = check_rules(change, commit, commit, Policy())
    found = [item.subject for item in findings if item.rule == "unexplained-metric"]
    assert found == ["b.json:accuracy"]


@pytest.mark.parametrize(("group", "count"), [("train", 1), (None, 2)])
def test_siblings_of_one_matrix_are_one_finding(group: str | None, count: int) -> None:
    siblings = [
        replace(TRAIN, id=f"dvc.yaml:{name}", name=name, group=group) for name in ("t@a", "t@b")
    ]
    commit = lineage(*siblings)
    findings, _ = check_rules(_change(*siblings), commit, commit, Policy())
    found = [finding for finding in findings if finding.rule == "unexplained-metric"]
    assert len(found) == count
    assert all((finding.file, finding.line) == (TRAIN.file, TRAIN.line) for finding in found)


def test_a_stage_that_the_head_has_not_is_nobody_s_finding() -> None:
    findings, _ = check_rules(_change(TRAIN), lineage(TRAIN), lineage(), Policy())
    assert not [finding for finding in findings if finding.rule == "unexplained-metric"]


@pytest.mark.parametrize(
    ("old", "new", "note", "policy", "count"),
    [
        (0.9355, 0.9353, "tolerated", Policy(), 0),
        (0.9, 0.8, "tolerated", Policy(), 0),
        (0.9355, 0.9353, "worse", Policy(), 1),
        (0.9353, 0.9355, None, Policy(), 0),
        (0.9353, 0.9355, "better", Policy(), 0),
        (0.9353, 0.9453, "better", Policy(), 1),
        (0.9353, 0.9453, None, Policy(), 1),
        (0.9353, 0.9355, None, Policy(metrics=(MetricPolicy("accuracy", tolerance=0.0),)), 1),
        (0.9353, 0.9355, None, OF_ITS_FILE, 1),
    ],
)
def test_what_is_within_the_noise_is_no_warning(
    old: float,
    new: float,
    note: Literal["tolerated", "worse", "better"] | None,
    policy: Policy,
    count: int,
) -> None:
    change = Change(
        metrics={"metrics.json": {"accuracy": {"old": old, "new": new, "diff": new - old}}},
        metric_causes=(
            MetricAttribution("metrics.json", TRAIN.id, (), "unexplained", roots=(TRAIN.id,)),
        ),
        metric_notes=(MetricNote("metrics.json", "accuracy", note),) if note else (),
    )
    findings, _ = check_rules(change, lineage(TRAIN), lineage(TRAIN), policy)
    assert sum(finding.rule == "unexplained-metric" for finding in findings) == count
