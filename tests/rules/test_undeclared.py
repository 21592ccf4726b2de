"""Which uses a stage's declarations cover, and how the findings of many stages are told."""

from collections.abc import Mapping
from typing import Any

import pytest
from msgspec.structs import replace

from lineage_diff.lineage.code_usage import IgnoreComment, ParamUse, PathUse, Uses
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Dep, Out, ParamDep, Stage
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding
from lineage_diff.rules.examples import TRAIN, lineage
from lineage_diff.rules.facts import NO_FACTS, RuleFacts
from tests.support.rules import check_rules

HELPER = Uses(imported=(PathUse("src/helper.py", "train.py", 3),))
EPOCHS = Uses(params=(ParamUse("params.yaml", "train.epochs", "train.py", 4),))
PARAMS = {"params.yaml": ValuesFile("params.yaml", {"train": {"epochs": 3, "rate": 1}})}


Side = tuple[Lineage, RuleFacts]
BARE: Side = (lineage(TRAIN), NO_FACTS)


def found(head: Side, base: Side = BARE) -> list[Finding]:
    findings, _ = check_rules(
        Change(), base[0], head[0], Policy(), base_facts=base[1], head_facts=head[1]
    )
    return [finding for finding in findings if finding.rule.startswith("undeclared")]


def using(
    uses: Uses, *stages: Stage, ignore_comments: tuple[IgnoreComment, ...] = (), **parts: Any
) -> Side:
    stages = stages or (TRAIN,)
    facts = RuleFacts(uses={stage.id: uses for stage in stages}, ignore_comments=ignore_comments)
    return lineage(*stages, **parts), facts


def named(*paths: str) -> tuple[Dep, ...]:
    return tuple(Dep(path, path) for path in paths)


@pytest.mark.parametrize(
    ("stage", "count"),
    [
        (TRAIN, 1),
        (replace(TRAIN, deps=named("src/helper.py")), 0),
        (replace(TRAIN, deps=named("src")), 0),
        (replace(TRAIN, deps=named("src/other.py", "src2")), 1),
        (replace(TRAIN, outs=(Out("src", "src"),)), 0),
        (replace(TRAIN, frozen=True), 0),
        (replace(TRAIN, always_changed=True), 0),
        (replace(TRAIN, deps=(), outs=()), 0),
    ],
)
def test_what_covers_a_file(stage: Stage, count: int) -> None:
    assert len(found(using(HELPER, stage))) == count


def test_a_folder_of_which_a_part_is_declared_is_covered() -> None:
    folder = Uses(named=(PathUse("data"),))
    assert not found(using(folder, replace(TRAIN, deps=named("data/raw.csv"))))
    assert found(using(folder, replace(TRAIN, deps=named("data2/raw.csv"))))


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ((), 1),
        ((ParamDep("params.yaml", "params.yaml", ("train.epochs",)),), 0),
        ((ParamDep("params.yaml", "params.yaml", ("train",)),), 0),
        ((ParamDep("params.yaml", "params.yaml", ("train.epochs.max",)),), 0),
        ((ParamDep("params.yaml", "params.yaml", ("train.rate", "train.epoch")),), 1),
        ((ParamDep("params.yaml", "params.yaml", ()),), 0),
        ((ParamDep("other.yaml", "other.yaml", ("train",)),), 1),
    ],
)
def test_what_covers_a_key(params: tuple[ParamDep, ...], count: int) -> None:
    stage = replace(TRAIN, params=params)
    assert len(found(using(EPOCHS, stage, params=PARAMS))) == count


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"params.yaml": ValuesFile("params.yaml", None, "does not parse")},
        {"params.yaml": ValuesFile("params.yaml", {"train": 3})},
        {"params.yaml": ValuesFile("params.yaml", {"train": {"rate": 1}})},
    ],
)
def test_a_key_that_the_file_lacks_is_no_param(params: Mapping[str, ValuesFile]) -> None:
    assert not found(using(EPOCHS, params=params))


def test_a_params_file_as_a_dep_covers_its_keys() -> None:
    stage = replace(TRAIN, deps=named("params.yaml"))
    assert not found(using(EPOCHS, stage, params=PARAMS))


def test_a_file_whose_keys_are_known_is_told_by_its_keys_alone() -> None:
    uses = replace(EPOCHS, read=(PathUse("params.yaml", "train.py", 4),))
    assert [item.rule for item in found(using(uses, params=PARAMS))] == ["undeclared-param"]


@pytest.mark.parametrize(
    ("uses", "rule"), [(HELPER, "undeclared-dependency"), (EPOCHS, "undeclared-param")]
)
def test_what_the_base_had_is_an_info(uses: Uses, rule: str) -> None:
    side = using(uses, params=PARAMS)
    assert [(item.rule, item.severity) for item in found(side, side)] == [(rule, "info")]


def test_new_and_old_files_of_one_stage_are_told_apart() -> None:
    both = Uses(imported=(*HELPER.imported, PathUse("src/new.py", "train.py", 5)))
    findings = found(using(both), using(HELPER))
    assert [(item.severity, item.subject) for item in findings] == [
        ("warning", "dvc.yaml:train:src/new.py"),
        ("info", "dvc.yaml:train:src/helper.py"),
    ]


def test_siblings_of_a_group_are_one_finding() -> None:
    stages = [replace(TRAIN, id=f"dvc.yaml:t@{n}", name=f"t@{n}", group="t") for n in range(9)]
    (finding,) = found(using(HELPER, *stages))
    assert finding.message.startswith("`t` uses `src/helper.py` (`train.py:3`)")
    assert (finding.file, finding.line) == ("dvc.yaml", 2)
    assert len(found(using(EPOCHS, *stages, params=PARAMS))) == 1


def test_stages_that_leave_out_the_same_are_one_finding() -> None:
    stages = [replace(TRAIN, id=f"dvc.yaml:t{n}", name=f"t{n}", line=n) for n in range(2, 9)]
    (finding,) = found(using(HELPER, *stages))
    assert finding.line == 2
    assert "`t2` (and 6 more in this file)" in finding.message


def test_a_comment_at_one_stage_suppresses_that_alone() -> None:
    stages = [replace(TRAIN, id=f"dvc.yaml:t{n}", name=f"t{n}", line=n) for n in (2, 5, 8)]
    quiet = IgnoreComment("dvc.yaml", 2, ("undeclared-dependency",), "generated", "t2:")
    (finding,) = found(using(HELPER, *stages, ignore_comments=(quiet,)))
    assert finding.line == 5
    assert "`t5` (and 1 more in this file)" in finding.message


def test_many_files_are_counted_and_packages_come_last() -> None:
    paths = ("a/__init__.py", "b.py", "c.py", "d.py", "e.py")
    uses = Uses(imported=tuple(PathUse(path, "train.py", 1) for path in paths))
    (finding,) = found(using(uses))
    assert finding.subject == "dvc.yaml:train:b.py"
    assert finding.message.endswith("`d.py` (`train.py:1`) and 2 more, and declares none of it")
