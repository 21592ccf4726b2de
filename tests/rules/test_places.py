"""Every finding says in which file and on which line to look."""

from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from lineage_diff.diff.line_numbers import line_of_key, reported_values, with_param_lines
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Policy
from lineage_diff.lineage.stage import Out, Stage
from lineage_diff.report.change import Change, DataChange, MetricNote, Side
from lineage_diff.report.reasons import Reason
from lineage_diff.rules.engine import all_rules, find_all, select_findings
from lineage_diff.rules.examples import MODEL, TRAIN, TRAIN_CHANGE, lineage
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.locations import MetricLocations, RemovedLocations
from lineage_diff.rules.rule import Context, Rule
from tests.support.rules import check_rules

LINES = {"m.json": {"a": 2, "a.b": 3}}
MEASURE = replace(
    TRAIN, id="dvc.yaml:measure", name="measure", outs=(Out("m.json", "m.json"),), line=9
)
WORSE = Change(metric_notes=(MetricNote("m.json", "a.b", "worse"),))
MISSING = Change(metric_notes=(MetricNote("m.json", "a.c", "missing"),))
FILE_MISSING = Change(metric_notes=(MetricNote("m.json", None, "missing"),))
REMOVED = Change(models=(replace(MODEL, change="removed", new=None),))
NO_DATA = Change(data=(DataChange("raw.csv", "removed", Side("md5:aa"), None, "dvc"),))
RAW = Stage("in/raw.dvc", None, "in/raw.dvc", "in", outs=(Out("raw.csv", "raw.csv"),), line=1)
TWO = replace(RAW, outs=(Out("other.csv", "other.csv"),), line=1)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_each_rule_names_file_and_line(rule: Rule) -> None:
    case = rule.fails.context
    context = replace(case, policy=replace(case.policy, rules={rule.name: rule.severity}))
    findings, _ = select_findings(context, find_all(context))
    places = [(item.file, item.line) for item in findings if item.rule == rule.name]
    assert places
    assert all(file and line and line > 0 for file, line in places)


@pytest.mark.parametrize(
    ("change", "base", "head", "lines", "place"),
    [
        (WORSE, lineage(), lineage(MEASURE), LINES, ("m.json", 3)),
        (MISSING, lineage(), lineage(MEASURE), LINES, ("m.json", 2)),
        (FILE_MISSING, lineage(), lineage(MEASURE), LINES, ("m.json", 1)),
        (WORSE, lineage(), lineage(MEASURE), {}, ("dvc.yaml", 9)),
        (WORSE, lineage(), lineage(replace(MEASURE, outs=(Out("x", "x"),))), {}, ("m.json", 1)),
        (REMOVED, lineage(TRAIN), lineage(replace(TRAIN, outs=(), line=7)), {}, ("dvc.yaml", 7)),
        (REMOVED, lineage(TRAIN), lineage(MEASURE), {}, ("dvc.yaml", 1)),
        (REMOVED, lineage(TRAIN), lineage(), {}, ("dvc.yaml", 1)),
        (NO_DATA, lineage(RAW), lineage(TWO), {}, ("in/raw.dvc", 1)),
        (NO_DATA, lineage(RAW), lineage(), {}, ("in/raw.dvc", 1)),
    ],
)
def test_what_is_gone_or_worse_has_a_place(
    change: Change,
    base: Lineage,
    head: Lineage,
    lines: dict[str, dict[str, int]],
    place: tuple[str, int],
) -> None:
    facts = RuleFacts(value_lines=lines)
    findings, _ = check_rules(change, base, head, Policy(), head_facts=facts)
    rules = {"metric-regressed", "metric-missing", "model-removed", "data-removed"}
    assert [(item.file, item.line) for item in findings if item.rule in rules] == [place]


INNER = replace(MEASURE, id="dvc.yaml:a", line=4, outs=(Out("d/e/m.json", "d/e/m.json"),))
OUTER = replace(MEASURE, id="dvc.yaml:b", line=5, outs=(Out("d", "d"),))


@pytest.mark.parametrize(
    ("stages", "line"),
    [
        ((INNER, OUTER), 4),
        ((OUTER, INNER), 5),
        ((replace(INNER, line=None), OUTER), 5),
        ((MEASURE, OUTER), 5),
        ((MEASURE,), 1),
    ],
)
def test_the_first_stage_that_declares_a_metric_is_its_place(
    stages: tuple[Stage, ...], line: int
) -> None:
    locations = MetricLocations(Context(Change(), lineage(), lineage(*stages)))
    assert locations.find("d/e/m.json", "a")[1] == line


class Counted(tuple[Out, ...]):
    """Outs that count how often they are looked through."""

    looks = 0

    def __iter__(self) -> Iterator[Out]:
        Counted.looks += 1
        return super().__iter__()


def test_each_place_is_found_without_a_look_at_every_stage() -> None:
    names = [f"m{number}" for number in range(1_000)]
    stages = [
        replace(MEASURE, id=f"dvc.yaml:{name}", line=line, outs=Counted((Out(name, name),)))
        for line, name in enumerate(names, 1)
    ]
    context = Context(Change(), lineage(*stages), lineage(*stages))
    metrics, removed = MetricLocations(context), RemovedLocations(context)
    Counted.looks = 0
    expected = [("dvc.yaml", line) for line in range(1, 1_001)]
    assert [metrics.find(name, None) for name in names] == expected
    assert [removed.find(name, None, name) for name in names] == expected
    assert Counted.looks == 2_000


@pytest.mark.parametrize(
    ("file", "key", "line"),
    [
        ("m.json", "a.b", 3),
        ("m.json", "a.b.c", 3),
        ("m.json", "a.x", 2),
        ("m.json", "x", 1),
        ("m.json", "", 1),
        ("n.json", "a", None),
    ],
)
def test_the_nearest_key_above_counts(file: str, key: str, line: int | None) -> None:
    assert line_of_key(LINES, file, key) == line


def test_reasons_that_name_a_key_get_its_line() -> None:
    param = Reason("param-changed", "m.json:a.b", 2, 1, file="m.json")
    code = Reason("dep-changed", "train.py", "md5:a", "md5:b", file="dvc.yaml", line=2)
    change = Change(stages=(replace(TRAIN_CHANGE, freshness="stale", reasons=(param, code)),))
    assert reported_values(change) == ("m.json",)
    assert reported_values(replace(WORSE, stages=change.stages)) == ("m.json",)
    (stage,) = with_param_lines(change, LINES).stages
    assert stage.reasons == (replace(param, line=3), code)
    assert with_param_lines(change, {}) == change
