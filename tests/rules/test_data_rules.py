"""When data shrank, what is not pinned, and which code nobody can see."""

from typing import Literal

import pytest
from msgspec.structs import replace

from lineage_diff.lineage.code_usage import UncommittedCode
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import DataPolicy, Policy
from lineage_diff.lineage.stage import Dep, Import, Out, Stage
from lineage_diff.lineage.version import Version
from lineage_diff.report.change import Change, DataChange, Side
from lineage_diff.report.pushed import PushedOut
from lineage_diff.rules.examples import LOCK, MODEL, TRAIN, WEIGHTS, lineage
from lineage_diff.rules.facts import RuleFacts
from tests.support.rules import check_rules


def data(
    old: Side | None,
    new: Side | None,
    path: str = "raw.csv",
    tracked: Literal["stage", "dvc", "git"] = "dvc",
) -> DataChange:
    return DataChange(path, "modified", old, new, tracked)


def side(size: int | None, nfiles: int | None = None) -> Side:
    return Side("md5:aa", size, nfiles)


def rules(
    change: Change, head: Lineage | None = None, tolerated: tuple[DataPolicy, ...] = ()
) -> list[str]:
    policy = Policy(data=tolerated)
    findings, _ = check_rules(change, lineage(TRAIN), head or lineage(TRAIN), policy)
    return [finding.subject for finding in findings if finding.rule == "data-shrank"]


@pytest.mark.parametrize(
    ("item", "count"),
    [
        (data(side(100_000), side(79_999)), 1),
        (data(side(100_000), side(80_000)), 0),
        (data(side(100_000), side(0)), 1),
        (data(side(9_999), side(0)), 0),
        (data(side(100), side(90), tracked="git"), 0),
        (data(side(100_000), side(10), tracked="git"), 0),
        (data(side(100, 100), side(100, 79)), 1),
        (data(side(100, 100), side(100, 80)), 0),
        (data(side(100, 4), side(100, 1)), 0),
        (data(side(100, 100), side(101, 10)), 0),
        (data(side(100, 100), side(99, 10)), 1),
        (data(side(None, 100), side(101, 10)), 1),
        (data(side(None), side(10)), 0),
        (data(side(100_000), side(None)), 0),
        (data(side(100_000), None), 0),
        (data(side(100_000), side(10), "plot.png"), 0),
        (data(side(100_000), side(10), "model.pkl"), 0),
    ],
)
def test_a_loss_above_the_share(item: DataChange, count: int) -> None:
    assert len(rules(Change(models=(MODEL,), data=(item,)))) == count


@pytest.mark.parametrize(
    ("tolerated", "lost", "count"),
    [
        ((DataPolicy("*.csv", 0.5),), 50, 0),
        ((DataPolicy("*.csv", 0.5),), 51, 1),
        ((DataPolicy("*.csv", 0.0),), 1, 1),
        ((DataPolicy("*.csv", 1.0),), 100, 0),
        ((DataPolicy("*.tsv", 0.5),), 50, 1),
        ((DataPolicy("raw.csv", 0.1), DataPolicy("*", 0.5)), 15, 1),
        ((DataPolicy("*", 0.5), DataPolicy("raw.csv", 0.1)), 15, 0),
    ],
)
def test_what_the_policy_tolerates(
    tolerated: tuple[DataPolicy, ...], lost: int, count: int
) -> None:
    by_size = data(side(100_000), side(1_000 * (100 - lost)))
    by_files = data(side(100_000, 100), side(100_000, 100 - lost))
    for item in (by_size, by_files):
        assert len(rules(Change(data=(item,)), tolerated=tolerated)) == count


def test_the_first_data_on_the_way_speaks_for_what_is_made_from_it() -> None:
    prepare = Stage("dvc.yaml:a", "a", "dvc.yaml", "", "x", outs=(Out("a", "a"),), lock=LOCK)
    split = replace(
        prepare, id="dvc.yaml:b", name="b", deps=(Dep("a", "a"),), outs=(Out("b", "b"),)
    )
    less = [data(side(100_000), side(10), path, "stage") for path in ("a", "b")]
    assert rules(Change(data=tuple(less)), lineage(prepare, split)) == ["a"]
    assert rules(Change(data=(less[1],)), lineage(prepare, split)) == ["b"]


REPO = Import("repo", "https://example.com/x", "raw.csv")
URL = Import("url", "https://example.com/raw.csv")


@pytest.mark.parametrize(
    ("imported", "out", "count"),
    [
        (REPO, WEIGHTS, 1),
        (replace(REPO, rev_lock="41c0"), None, 0),
        (URL, None, 1),
        (URL, Version(None, 10), 1),
        (URL, WEIGHTS, 0),
        (replace(URL, locked=WEIGHTS), None, 0),
        (Import("db", "x"), None, 0),
        (None, None, 0),
    ],
)
def test_an_import_must_say_what_it_took(
    imported: Import | None, out: Version | None, count: int
) -> None:
    outs = (Out("raw.csv", "raw.csv", locked=out),)
    stage = Stage("raw.csv.dvc", None, "raw.csv.dvc", "", outs=outs, imported=imported, line=1)
    for base, severity in ((lineage(), "warning"), (lineage(stage), "info")):
        findings, _ = check_rules(Change(), base, lineage(stage), Policy())
        assert [(item.rule, item.severity, item.line) for item in findings] == [
            ("unpinned-import", severity, 1)
        ] * count


def test_uncommitted_code_is_new_or_was_there_before() -> None:
    locked = TRAIN.deps[0].locked
    assert locked is not None
    item = UncommittedCode(TRAIN.id, "train.py", str(locked.hash))
    head, facts = lineage(TRAIN), RuleFacts(uncommitted=(item,))
    for base, severity in ((lineage(replace(TRAIN, deps=())), "warning"), (head, "info")):
        findings, _ = check_rules(Change(), base, head, Policy(), head_facts=facts)
        assert [(f.rule, f.severity, f.file, f.line) for f in findings] == [
            ("unreachable-code", severity, "dvc.lock", 3)
        ]


@pytest.mark.parametrize(
    ("stage", "target", "hint"),
    [
        (
            "dvc.yaml:train",
            "train",
            "Run `dvc push train` on a machine that has the data. If none has it any more, run the "
            "stage again.",
        ),
        (
            "raw.csv.dvc",
            "raw.csv.dvc",
            "Run `dvc push raw.csv.dvc` on a machine that has the data. If none has it any more, "
            "add the data again.",
        ),
    ],
)
def test_what_was_not_pushed_is_run_or_added_again(stage: str, target: str, hint: str) -> None:
    out = PushedOut("raw.csv", stage, target, "missing", "md5:aa", missing=1)
    findings, _ = check_rules(Change(pushed=(out,)), lineage(TRAIN), lineage(TRAIN), Policy())
    assert [item.hint for item in findings if item.rule == "not-pushed"] == [hint]
