"""Every rule's own examples, and what a policy makes of findings."""

from pathlib import Path
from typing import Literal, get_args

import pytest
from msgspec.structs import replace

from lineage_diff import rules
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy, Severity
from lineage_diff.report.change import Change
from lineage_diff.report.reasons import Reason
from lineage_diff.rules.engine import all_rules, find_all, select_findings
from lineage_diff.rules.examples import MODEL, TRAIN, TRAIN_CHANGE, lineage, problem
from lineage_diff.rules.rule import COMPARE, Command, Context, Rule
from lineage_diff.rules.rule_names import RULE_NAMES, THEMES
from tests.support.rules import check_rules

RULES = all_rules()
CODE = Reason("dep-changed", "train.py", "md5:aa", "md5:bb", file="dvc.yaml", line=2)
STALE = replace(TRAIN_CHANGE, freshness="stale", reasons=(CODE,))
STALE_MODEL = replace(MODEL, freshness="stale")


def stale(before: bool | None) -> Change:
    return Change(
        models=(replace(STALE_MODEL, stale_before=before),),
        stages=(replace(STALE, stale_before=before),),
    )


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_its_failing_example_fails(rule: Rule) -> None:
    found = list(rule.check(rule.fails.context))
    assert found
    for finding in found:
        assert finding.rule == rule.name
        assert finding.severity == rule.severity
        assert finding.subject
        assert finding.message
        assert finding.hint


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_its_passing_example_passes(rule: Rule) -> None:
    assert not list(rule.check(rule.passes.context))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_that_is_off_has_no_findings(rule: Rule) -> None:
    case = rule.fails.context
    policy = replace(case.policy, rules={**case.policy.rules, rule.name: "off"})
    context = replace(case, policy=policy)
    findings, _ = select_findings(context, find_all(context))
    assert rule.name not in {finding.rule for finding in findings}


def was_there(context: Context) -> Context:
    """Return an example whose base commit has all that its head has."""
    change = replace(
        context.change,
        models=tuple(replace(model, stale_before=True) for model in context.change.models),
        stages=tuple(replace(stage, stale_before=True) for stage in context.change.stages),
    )
    locked = {
        (stage.id, dep.path): str(dep.locked.hash)
        for stage in context.head.stages
        for dep in stage.deps
        if dep.locked is not None
    }
    uncommitted = tuple(
        replace(item, hash=locked[item.stage, item.path]) for item in context.head_facts.uncommitted
    )
    facts = replace(context.head_facts, uncommitted=uncommitted)
    return replace(context, change=change, base=context.head, base_facts=facts, head_facts=facts)


# Of these only what the change itself does is looked for: in the history since the base, and in
# the remote.
ONLY_NEW = {"not-pushed", "push-unknown", "spliced-lock"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_what_was_there_before_has_the_severity_of_the_table(rule: Rule) -> None:
    if rule.runs == COMPARE or rule.name in ONLY_NEW:
        assert rule.severities["before"] is None
        return
    found = list(rule.check(was_there(rule.fails.context)))
    assert {finding.severity for finding in found} == {rule.severities["before"]}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("command", get_args(Command))
def test_each_command_finds_it_with_the_severity_of_the_table(rule: Rule, command: Command) -> None:
    case = rule.fails.context
    strict = {rule.name: rule.in_status} if command == "status" and rule.in_status else {}
    policy = replace(case.policy, rules={**case.policy.rules, **strict})
    findings, _ = select_findings(case, find_all(replace(case, policy=policy), command))
    severities = {item.severity for item in findings if item.rule == rule.name}
    assert severities == ({rule.severities[command]} - {None})


def test_names_are_unique_and_sorted() -> None:
    assert tuple(rule.name for rule in all_rules()) == RULE_NAMES
    names = [rule.name for rule in RULES]
    assert names == sorted(set(names))


def test_every_file_is_in_the_table_of_rules() -> None:
    """A rule that is not in it would never run."""
    folder = Path(rules.__path__[0])
    themes = {theme.parent.name for theme in folder.glob("*/__init__.py")}
    assert themes == set(THEMES)
    for theme, names in THEMES.items():
        files = {file.stem for file in (folder / theme).glob("*.py")} - {"__init__"}
        assert [name.replace("-", "_") for name in names] == sorted(files)


@pytest.mark.parametrize(
    ("before", "setting", "severity"),
    [
        (False, None, "error"),
        (None, None, "error"),
        (True, None, "warning"),
        (False, "warning", "warning"),
        (True, "error", "warning"),
        (True, "info", "info"),
    ],
)
def test_a_model_that_was_stale_before_is_milder(
    before: bool | None, setting: Severity | None, severity: Severity
) -> None:
    policy = Policy(rules={"stale-model": setting} if setting else {})
    findings, verdict = check_rules(stale(before), lineage(TRAIN), lineage(TRAIN), policy)
    assert [(finding.rule, finding.severity) for finding in findings] == [("stale-model", severity)]
    assert verdict.conclusion == ("failure" if severity == "error" else "success")


def test_a_stale_stage_speaks_for_what_it_outdates() -> None:
    outdated = replace(
        TRAIN_CHANGE,
        name="dvc.yaml:evaluate",
        freshness="stale",
        reasons=(Reason("outdated-by", "dvc.yaml:train"),),
    )
    findings, _ = check_rules(
        Change(stages=(outdated, STALE)), lineage(TRAIN), lineage(TRAIN), Policy()
    )
    assert [finding.subject for finding in findings] == ["dvc.yaml:train"]
    assert "outdates 1 more" in findings[0].message
    assert (findings[0].file, findings[0].line) == ("dvc.yaml", 2)


def test_a_stale_model_names_the_change_above_and_the_way_down() -> None:
    prepare = replace(STALE, name="dvc.yaml:prepare")
    train = replace(
        TRAIN_CHANGE, freshness="stale", reasons=(Reason("outdated-by", "dvc.yaml:prepare"),)
    )
    findings, _ = check_rules(
        Change(models=(STALE_MODEL,), stages=(prepare, train)),
        lineage(TRAIN),
        lineage(TRAIN),
        Policy(),
    )
    (finding,) = findings
    assert "`train.py` is `aa` here; `prepare` last ran on `bb`" in finding.message
    assert "through `train`" in finding.message
    assert finding.hint.startswith("Run `dvc repro train`")


@pytest.mark.parametrize(
    ("base", "head", "severity"), [((), ("x",), "error"), (("x",), (), "warning")]
)
def test_a_problem_of_the_base_only_is_a_warning(
    base: tuple[str, ...], head: tuple[str, ...], severity: Severity
) -> None:
    sides = [
        lineage(TRAIN, problems=tuple(problem("cycle", "dvc.yaml", text) for text in side))
        for side in (base, head)
    ]
    findings, _ = check_rules(Change(), sides[0], sides[1], Policy())
    assert [finding.severity for finding in findings] == [severity]


def test_ignored_paths_are_not_judged() -> None:
    broken = lineage(TRAIN, problems=(problem("cycle", "old/dvc.yaml", "x"),))
    findings, verdict = check_rules(Change(), broken, broken, Policy(ignore=("old",)))
    assert not findings
    assert verdict.conclusion == "success"


@pytest.mark.parametrize(
    ("head", "conclusion"), [(Lineage("0" * 40), "neutral"), (lineage(TRAIN), "success")]
)
def test_no_stage_on_either_side_is_neutral(
    head: Lineage, conclusion: Literal["neutral", "success"]
) -> None:
    _, verdict = check_rules(Change(), Lineage("0" * 40), head, Policy())
    assert verdict.conclusion == conclusion
