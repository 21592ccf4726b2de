"""Which findings a comment suppresses, and that a change cannot excuse its own errors."""

import pytest
import yaml
from msgspec.structs import replace

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.lineage import Lineage, Pipeline, Problem
from lineage_diff.lineage.policy import Policy, Suppression
from lineage_diff.lineage.stage import ParamDep
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.render.humanize import suppression_entry
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import Reason
from lineage_diff.rules.examples import MODEL, TRAIN, TRAIN_CHANGE, lineage
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.registry import all_rules, rule_named
from lineage_diff.rules.rule import Rule
from lineage_diff.rules.rule_names import RULE_NAMES
from lineage_diff.rules.suppression import comment_suppressor, policy_suppressor
from tests.support.rules import check_rules

MODEL_QUIET = IgnoreComment("dvc.yaml", 2, ("stale-model",), "made by hand", "train:")
UNLOCKED_QUIET = replace(MODEL_QUIET, rules=("unlocked-stage",))
STALE = Change(models=(replace(MODEL, freshness="stale"),), stages=(TRAIN_CHANGE,))


def side(locked: bool = True) -> Lineage:
    return lineage(TRAIN if locked else replace(TRAIN, lock=None))


def rules(
    before: tuple[IgnoreComment, ...], after: tuple[IgnoreComment, ...], change: Change
) -> list[str]:
    findings, _ = check_rules(
        change,
        side(),
        side(),
        Policy(),
        base_facts=RuleFacts(ignore_comments=before),
        head_facts=RuleFacts(ignore_comments=after),
    )
    return [f"{finding.rule} {finding.severity}" for finding in findings]


@pytest.mark.parametrize(
    ("comments", "told"),
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
def test_a_new_comment_suppresses_a_warning(
    comments: tuple[IgnoreComment, ...], told: list[str]
) -> None:
    facts = RuleFacts(ignore_comments=comments)
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
def test_only_a_comment_of_the_base_suppresses_an_error(
    before: tuple[IgnoreComment, ...], told: list[str]
) -> None:
    assert rules(before, (MODEL_QUIET,), STALE) == told


def test_a_comment_that_is_gone_suppresses_nothing() -> None:
    assert rules((MODEL_QUIET,), (), STALE) == ["stale-model error"]


@pytest.mark.parametrize(
    ("old", "new", "verb"), [({}, {"p.yml": "a"}, "adds"), ({"p.yml": "a"}, {}, "removes")]
)
def test_a_change_of_the_configuration_is_a_finding(
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
    return Policy(suppressions=(Suppression(rule, "known", path, 7),), source="p.yml")


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
def test_an_entry_of_the_configuration_suppresses_errors_too(
    rule: str, path: str | None, told: list[str]
) -> None:
    findings, verdict = check_rules(STALE, side(), side(), by_policy(rule, path))
    assert [item.rule for item in findings] == told
    assert verdict.conclusion == ("failure" if told else "success")


def test_an_entry_suppresses_one_stage_by_its_id() -> None:
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
def test_an_entry_whose_path_matches_nothing_is_a_finding(
    path: str | None, idle: bool, known: dict[str, str], severity: str
) -> None:
    base, facts = side(), RuleFacts(configuration=known)
    policy = by_policy("stale-model", path)
    findings, _ = check_rules(Change(), base, base, policy, base_facts=facts, head_facts=facts)
    expected = [("idle-ignore", severity, "p.yml", 7)] if idle else []
    assert [(item.rule, item.severity, item.file, item.line) for item in findings] == expected


NAMED = lineage(
    replace(
        TRAIN,
        id="p/dvc.yaml:train@a",
        group="train",
        file="p/dvc.yaml",
        params=(ParamDep("params.yaml", "params.yaml", ("lr",)),),
    ),
    pipelines=(Pipeline("q/dvc.yaml", (), "q/dvc.lock", "2.0"),),
    problems=(Problem("newer-lock", "broken.yaml", "It is broken.", "Mend it."),),
    unreadable=("unread.yaml",),
    metrics={"m.json": ValuesFile("m.json", {})},
    params={"other.yaml": ValuesFile("other.yaml", {})},
)


@pytest.mark.parametrize("side_of", ["base", "head"])
@pytest.mark.parametrize(
    ("path", "idle"),
    [
        ("p/dvc.yaml:train@a", False),
        ("p/dvc.yaml:train@…", False),
        ("p/dvc.yaml:train", False),
        ("p/dvc.yaml:train@a:detail:more", False),
        ("p/dvc.yaml", False),
        ("q/dvc.yaml", False),
        ("q/dvc.lock", False),
        ("train.py", False),
        ("model.pkl", False),
        ("params.yaml", False),
        ("params.yaml:lr", False),
        ("broken.yaml", False),
        ("unread.yaml", False),
        ("m.json", False),
        ("other.yaml", False),
        ("p.yml", False),
        ("train", True),
        ("lr", True),
    ],
)
def test_an_entry_may_name_whatever_a_commit_has(path: str, idle: bool, side_of: str) -> None:
    sides = (NAMED, lineage()) if side_of == "base" else (lineage(), NAMED)
    facts = RuleFacts(configuration={"p.yml": "a"})
    findings, _ = check_rules(
        Change(), *sides, by_policy("stale-model", path), base_facts=facts, head_facts=facts
    )
    found = [item.subject for item in findings if item.rule == "idle-ignore"]
    assert bool(found) is idle


PARAM = Reason("param-changed", "params.yaml:epochs", 20, 10, file="params.yaml")
STALE_STAGE = Change(
    stages=(replace(TRAIN_CHANGE, freshness="stale", reasons=(PARAM,), stale_before=False),)
)


@pytest.mark.parametrize(
    ("path", "is_suppressed"),
    [
        ("train", True),
        ("dvc.yaml:train", True),
        ("tr*", True),
        ("params.yaml", True),
        ("dvc.yaml", False),
        ("*:train", True),
        ("rain", False),
        ("sub/dvc.yaml:train", False),
        ("train:x", False),
    ],
)
def test_an_entry_names_a_stage_as_the_report_shows_it(path: str, is_suppressed: bool) -> None:
    policy = by_policy("stale-stage", path)
    findings, verdict = check_rules(STALE_STAGE, side(), side(), policy, "status")
    found = [item.rule for item in findings if item.rule == "stale-stage"]
    assert found == ([] if is_suppressed else ["stale-stage"])
    assert [item.subject for item in verdict.suppressed] == ["dvc.yaml:train"] * is_suppressed


def test_a_bare_stage_is_suppressed_but_no_path_of_that_name_is_ignored() -> None:
    findings, _ = check_rules(STALE_STAGE, side(), side(), Policy(ignore=("train",)), "status")
    assert [item.rule for item in findings] == ["stale-stage"]


def test_what_is_suppressed_is_in_the_verdict_with_its_reason() -> None:
    facts = RuleFacts(ignore_comments=(MODEL_QUIET,))
    _, verdict = check_rules(STALE, side(), side(), Policy(), base_facts=facts, head_facts=facts)
    (item,) = verdict.suppressed
    assert (item.rule, item.severity, item.subject) == ("stale-model", "error", "model.pkl")
    assert (item.by, item.reason) == ("comment", "made by hand")
    _, verdict = check_rules(STALE, side(), side(), by_policy("stale-model"))
    assert [(item.by, item.reason) for item in verdict.suppressed] == [("policy", "known")]
    assert verdict.conclusion == "success"


def test_status_reports_an_idle_entry() -> None:
    policy = by_policy("stale-stage", "nothing")
    for command in ("status", "lint"):
        findings, _ = check_rules(Change(), side(), side(), policy, command)
        assert [item.rule for item in findings] == ["idle-ignore"]


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_the_entry_that_a_finding_shows_suppresses_it(rule: Rule) -> None:
    example = rule.fails.context
    for finding in rule.check(example):
        text = suppression_entry(finding)
        if not text:
            assert rule.name in ("policy-changed", "idle-ignore")
            continue
        (entry,) = yaml.safe_load(text)
        policy = Policy(suppressions=(Suppression(**entry),))
        assert policy_suppressor(policy)(finding) == "…"


@pytest.mark.parametrize("subject", ["a*[b]?.pkl", "ä ö.pkl", 'q"u\\o.pkl', "new\nline", "\u202e"])
def test_the_entry_for_an_unusual_name_suppresses_it_alone(subject: str) -> None:
    finding = Finding("stale-model", "error", subject, "", "")
    (entry,) = yaml.safe_load(suppression_entry(finding))
    suppressed = policy_suppressor(Policy(suppressions=(Suppression(**entry),)))
    assert suppressed(finding) == "…"
    assert suppressed(replace(finding, subject="axbyz.pkl")) is None


NOT_BY_COMMENT = (
    "policy-changed",
    "model-without-lineage",
    "unpinned-import",
    "converted-file",
    "legacy-lock",
    "lock-conflict",
    "missing-object",
    "newer-lock",
    "orphaned-lock",
)


def test_the_pages_offer_a_comment_for_every_rule_that_one_can_suppress() -> None:
    offered = {rule.name for rule in all_rules() if rule.by_comment}
    assert offered == {*RULE_NAMES} - {*NOT_BY_COMMENT}


@pytest.mark.parametrize("name", NOT_BY_COMMENT)
def test_no_comment_in_a_dvc_yaml_suppresses_the_findings_of_the_rule(name: str) -> None:
    context = rule_named(name).fails.context
    findings = tuple(rule_named(name).check(context))
    comments = tuple(
        IgnoreComment("dvc.yaml", line, (name,), "why", "train:") for line in range(1, 20)
    )
    known = RuleFacts(ignore_comments=comments)
    why = comment_suppressor(replace(context, base_facts=known, head_facts=known))
    assert findings
    assert [why(finding) for finding in findings] == [None] * len(findings)
