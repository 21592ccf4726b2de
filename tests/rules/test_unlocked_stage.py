"""Stages without a lock entry: one finding for each `dvc.yaml`, suppressed one by one."""

import pytest
from msgspec.structs import replace

from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.policy import Policy, Suppression
from lineage_diff.lineage.stage import Stage
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, lineage
from lineage_diff.rules.facts import RuleFacts
from tests.support.rules import check_rules

RULE = "unlocked-stage"


def never_ran(name: str, line: int = 2, file: str = "dvc.yaml") -> Stage:
    return replace(TRAIN, id=f"{file}:{name}", name=name, file=file, line=line, lock=None)


def found(
    *stages: Stage,
    before: tuple[Stage, ...] = (),
    ignore_comments: tuple[IgnoreComment, ...] = (),
    policy: Policy | None = None,
) -> list[Finding]:
    facts = RuleFacts(ignore_comments=ignore_comments)
    findings, _ = check_rules(
        Change(), lineage(*before), lineage(*stages), policy or Policy(), head_facts=facts
    )
    return [finding for finding in findings if finding.rule == RULE]


@pytest.mark.parametrize(
    ("stages", "subject", "line", "said", "target"),
    [
        ([never_ran("a", 4)], "dvc.yaml:a", 4, "`a` has no entry", "a"),
        (
            [never_ran("b", 9), never_ran("a", 4)],
            "dvc.yaml",
            4,
            "2 stages of `dvc.yaml` have no entry in its lock file, so they never ran, or the "
            "runs were not committed: `a`, `b`",
            "dvc.yaml",
        ),
        (
            [never_ran(f"t@{n}", 4) for n in range(30)],
            "dvc.yaml:t",
            4,
            ": `t` (30 stages)",
            "t",
        ),
        (
            [never_ran(f"t@{n}", 4, "sub/dvc.yaml") for n in range(2)],
            "sub/dvc.yaml:t",
            4,
            ": `t` (2 stages)",
            "sub/dvc.yaml:t",
        ),
        (
            [*(never_ran(f"t@{n}", 4) for n in range(3)), *(never_ran(x, 9) for x in "abcdef")],
            "dvc.yaml",
            4,
            "9 stages of `dvc.yaml`",
            "dvc.yaml",
        ),
    ],
)
def test_all_of_one_file_are_one_finding(
    stages: list[Stage], subject: str, line: int, said: str, target: str
) -> None:
    (finding,) = found(*stages)
    assert (finding.subject, finding.file, finding.line) == (subject, stages[0].file, line)
    assert said in finding.message
    assert finding.hint == f"Run `dvc repro {target}` and commit the lock file."


def test_many_names_are_counted() -> None:
    (finding,) = found(*(never_ran(f"s{n}") for n in range(8)))
    assert finding.message.endswith(": `s0`, `s1`, `s2`, `s3`, `s4` and 3 more")


def test_files_and_what_was_there_before_are_told_apart() -> None:
    old, new = (never_ran("a"), never_ran("b")), (never_ran("c"), never_ran("d"))
    other = never_ran("a", file="sub/dvc.yaml")
    findings = found(*old, *new, other, before=old)
    assert [(item.severity, item.subject) for item in findings] == [
        ("warning", "dvc.yaml"),
        ("warning", "sub/dvc.yaml:a"),
        ("info", "dvc.yaml"),
    ]
    assert "`a`, `b`" in findings[2].message


def test_a_suppressed_stage_is_not_counted() -> None:
    stages = [never_ran("a", 2), never_ran("b", 5), never_ran("c", 8)]
    comment = IgnoreComment("dvc.yaml", 2, (RULE,), "for later", "a:")
    entry = Policy(suppressions=(Suppression(RULE, "for later", "dvc.yaml:b", 1),), source="p.yml")
    (by_comment,) = found(*stages, ignore_comments=(comment,))
    assert by_comment.message.startswith("2 stages")
    assert by_comment.line == 5
    (by_both,) = found(*stages, ignore_comments=(comment,), policy=entry)
    assert by_both.subject == "dvc.yaml:c"
