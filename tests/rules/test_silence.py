"""Which findings a comment silences, and that a change cannot excuse its own errors."""

import pytest
from msgspec.structs import replace

from lineage_diff.lineage.code_usage import Silence
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, PolicySilence
from lineage_diff.report.change import Change
from lineage_diff.rules.examples import MODEL, TRAIN, TRAIN_CHANGE, lineage
from lineage_diff.rules.facts import RuleFacts
from tests.support.rules import check_rules

MODEL_QUIET = Silence("dvc.yaml", 2, ("stale-model",), "made by hand", "train:")
UNLOCKED_QUIET = replace(MODEL_QUIET, rules=("unlocked-stage",))
STALE = Change(models=(replace(MODEL, freshness="stale"),), stages=(TRAIN_CHANGE,))


def side(locked: bool = True) -> Lineage:
    return lineage(TRAIN if locked else replace(TRAIN, lock=None))


def rules(before: tuple[Silence, ...], after: tuple[Silence, ...], change: Change) -> list[str]:
    findings, _ = check_rules(
        change,
        side(),
        side(),
        Policy(),
        base_facts=RuleFacts(silences=before),
        head_facts=RuleFacts(silences=after),
    )
    return [f"{finding.rule} {finding.severity}" for finding in findings]


@pytest.mark.parametrize(
    ("silences", "told"),
    [
        ((), ["unlocked-stage"]),
        ((UNLOCKED_QUIET,), []),
        ((replace(UNLOCKED_QUIET, line=3),), ["unlocked-stage"]),
        ((replace(UNLOCKED_QUIET, file="sub/dvc.yaml"),), ["unlocked-stage"]),
        ((MODEL_QUIET,), ["unlocked-stage"]),
        ((replace(UNLOCKED_QUIET, reason=""),), ["idle-ignore", "unlocked-stage"]),
        ((replace(UNLOCKED_QUIET, rules=("unlock-stage",)),), ["idle-ignore", "unlocked-stage"]),
        ((replace(MODEL_QUIET, rules=("cycle", "unlocked-stage")),), []),
    ],
)
def test_a_new_comment_silences_a_warning(silences: tuple[Silence, ...], told: list[str]) -> None:
    facts = RuleFacts(silences=silences)
    findings, _ = check_rules(Change(), side(), side(locked=False), Policy(), head_facts=facts)
    assert [item.rule for item in findings if item.rule != "policy-changed"] == told


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ((), ["stale-model error", "policy-changed warning"]),
        ((MODEL_QUIET,), []),
        ((replace(MODEL_QUIET, line=9),), []),
        ((replace(MODEL_QUIET, anchor="tune:"),), ["stale-model error", "policy-changed warning"]),
        ((replace(MODEL_QUIET, reason="x"),), ["stale-model error", "policy-changed warning"]),
    ],
    ids=["new", "known", "moved", "of another stage", "with another reason"],
)
def test_only_a_comment_of_the_base_silences_an_error(
    before: tuple[Silence, ...], told: list[str]
) -> None:
    assert rules(before, (MODEL_QUIET,), STALE) == told


def test_a_comment_that_is_gone_silences_nothing() -> None:
    assert rules((MODEL_QUIET,), (), STALE) == ["stale-model error"]


@pytest.mark.parametrize(
    ("old", "new", "verb"), [({}, {"p.yml": "a"}, "adds"), ({"p.yml": "a"}, {}, "removes")]
)
def test_a_change_of_the_configuration_is_told(
    old: dict[str, str], new: dict[str, str], verb: str
) -> None:
    findings, verdict = check_rules(
        Change(),
        side(),
        side(),
        Policy(),
        base_facts=RuleFacts(configuration=old),
        head_facts=RuleFacts(configuration=new),
    )
    (finding,) = findings
    assert (finding.rule, finding.file) == ("policy-changed", "p.yml")
    assert f"this change {verb} `p.yml`" in finding.message
    assert verdict.conclusion == "success"


STALE_UNLOCKED = side(locked=False)


def by_policy(rule: str, path: str | None = None) -> Policy:
    return Policy(silence=(PolicySilence(rule, "known", path, 7),), source="p.yml")


@pytest.mark.parametrize(
    ("rule", "path", "told"),
    [
        ("stale-model", None, []),
        ("stale-model", "model.pkl", []),
        ("stale-model", "*.pkl", []),
        ("stale-model", "dvc.yaml", []),
        ("stale-model", "dvc.yaml:train", ["stale-model"]),
        ("stale-model", "train.py", ["stale-model"]),
        ("unlocked-stage", None, ["stale-model"]),
    ],
)
def test_an_entry_of_the_configuration_silences_errors_too(
    rule: str, path: str | None, told: list[str]
) -> None:
    findings, verdict = check_rules(STALE, side(), side(), by_policy(rule, path))
    assert [item.rule for item in findings] == told
    assert verdict.conclusion == ("failure" if told else "success")


def test_an_entry_silences_one_stage_by_its_id() -> None:
    for path, told in (("dvc.yaml:train", 0), ("dvc.yaml:tune", 1)):
        policy = by_policy("unlocked-stage", path)
        findings, _ = check_rules(Change(), side(), STALE_UNLOCKED, policy)
        assert sum(item.rule == "unlocked-stage" for item in findings) == told


@pytest.mark.parametrize(
    ("path", "idle"),
    [
        (None, False),
        ("dvc.yaml", False),
        ("dvc.yaml:train", False),
        ("dvc.yaml:train:train.py", False),
        ("*.pkl", False),
        ("sandbox/**", True),
        ("dvc.yml", True),
    ],
)
@pytest.mark.parametrize(("known", "severity"), [({}, "warning"), ({"p.yml": "a"}, "info")])
def test_an_entry_whose_path_matches_nothing_is_told(
    path: str | None, idle: bool, known: dict[str, str], severity: str
) -> None:
    base, facts = side(), RuleFacts(configuration=known)
    policy = by_policy("stale-model", path)
    findings, _ = check_rules(Change(), base, base, policy, base_facts=facts, head_facts=facts)
    expected = [("idle-ignore", severity, "p.yml", 7)] if idle else []
    assert [(item.rule, item.severity, item.file, item.line) for item in findings] == expected
