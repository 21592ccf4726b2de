"""Variables filled in without DVC, held equal to what DVC makes of them wherever it is done."""

from collections.abc import Mapping
from typing import Any

import pytest
from dvc.parsing import interpolate
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.memory import MemorySnapshot
from lineage_diff import limits
from lineage_diff.dvc.pipeline import template_files
from lineage_diff.dvc.pipeline.dvc_yaml import PipelineReader
from lineage_diff.dvc.pipeline.template_files import TemplateFiles
from lineage_diff.dvc.pipeline.templating import resolve
from lineage_diff.dvc.pipeline.usual_template import resolve_usual
from lineage_diff.parsing.work_budget import WorkBudget
from lineage_diff.parsing.yaml_loader import load_any_yaml, load_yaml

FILES = {
    "p/params.yaml": (
        "lr: 0.10\non: true\nnone: null\nname: 'a $b \\${c}'\nlist: [1, x, true, null]\nempty: []\n"
        "deep: {path: [{to: here}, {to: there}], a: {b: 1e3}}\nitem: hidden\nkey: shown\n"
        "chains: {one: {part: 1, on: false}, two: {part: '2', on: null}, 'th.ree': {part: x}}\n"
        "names: [a, b, 1.50, a]\nrows: [{part: a, on: 1}, {part: b, on: 2}]\nshared: {a: 1}\n"
    ),
    "p/more.yaml": "more: {x: 1, list: [true, no]}\nshared: {b: 2, c: {d: 3}}\n",
    "p/same.yaml": "lr: 0.2\n",
    "p/list.yaml": "- 1\n",
    "p/nothing.yaml": "# nothing\n",
    "p/broken.yaml": "a: [\n",
    "p/numbers.yaml": "number: {1: a}\n",
    "p/dates.yaml": "day: 2020-01-01\n",
    "p/other.json": '{"json": {"x": 1}}',
    ".dvc/config": "",
}


def both(data: Mapping[str, Any], files: Mapping[str, str] = FILES, most: int = 50) -> Any:
    """Return what the two resolvers make of a `p/dvc.yaml`, as text."""
    snapshot = MemorySnapshot({path: text.encode() for path, text in files.items()}, "c")
    fast = resolve_usual(data, "p/dvc.yaml", TemplateFiles(snapshot), most)
    if fast is None:
        return None, None
    # As text: it keeps the order, and tells 1 from true.
    general = resolve(data, "p/dvc.yaml", TemplateFiles(snapshot), {}, {}, most)
    return repr(fast), repr(general)


def pipeline(text: str) -> Any:
    """Return a pipeline of one stage `s`, or whatever is written from the left edge."""
    lines = "".join(f"    {line}\n" for line in text.splitlines())
    return load_any_yaml(
        text if text.startswith(("stages:", "vars:")) else f"stages:\n  s:\n{lines}", ""
    )


USUAL = {
    "nothing": "cmd: go",
    "values": "cmd: go ${lr} ${on} ${none} ${ name }\ndesc: ${name}\nfrozen: ${on}",
    "below": "cmd: go ${deep.path[1].to} ${deep.path.0.to} ${deep.a.b}\ndeps: ['${deep[a][b]}']",
    "escaped": "cmd: go \\${lr} ${lr} ${x\ndesc: \\${name}",
    "not closed in its line": "cmd: |\n  go ${x\n  } ${lr} ${on} } ${x\n  ${name} \\${ ${lr\n",
    "keys": "cmd: go\nouts:\n- out/${lr}:\n    cache: ${on}\nparams:\n- ${name}.yaml:\n  - a",
    "wdir": "cmd: go\nwdir: ../${deep.path.0.to}",
    "no text": "cmd: [a, '${lr}']\nmeta: {a: 1, b: [2.50, null, true], 3: {}, c: []}",
    "foreach list": "foreach: ${names}\ndo:\n  cmd: go ${item} ${key} ${item}",
    "foreach bools": "foreach: ${list}\ndo:\n  cmd: go ${item}",
    "foreach rows": "foreach: ${rows}\ndo:\n  cmd: go ${item.part} ${item[on]}",
    "foreach mapping": "foreach: ${chains}\ndo:\n  cmd: go ${key} ${item.part} ${lr}",
    "foreach nothing": "foreach: ${empty}\ndo:\n  cmd: go ${item.part}",
    "foreach written": "foreach: [a, true, null, 1.50, '${on}', '${lr}']\ndo:\n  cmd: go ${item}",
    "foreach mixed": "foreach: [a, {b: 1}, '${rows.0}']\ndo:\n  cmd: go ${lr}",
    "foreach own mapping": "foreach: {a: 1, true: {b: x}, 3: null}\ndo:\n  cmd: go ${key}",
    "foreach below": "foreach: ${deep.path}\ndo:\n  cmd: go ${item.to}\n  wdir: ${item.to}",
    "matrix": "matrix: {a: [x, true], b: '${list}', c: ['${on}']}\ncmd: ${item.a} ${item.b} ${key}",
    "matrix of rows": "matrix: {a: [1], b: '${rows}'}\ncmd: go ${item.a} ${item.b.part}",
    "vars": "vars:\n- more.yaml\n- local: [1, true]\nstages:\n  s:\n    foreach: ${local}\n"
    "    do:\n      cmd: go ${item} ${more.x} ${shared.c.d} ${shared.a}",
    "vars twice": "vars: [params.yaml, more.yaml, ./more.yaml, nothing.yaml]\n"
    "stages:\n  s:\n    foreach: ${shared}\n    do: {cmd: 'go ${key}', desc: '${lr}'}",
    "sections": "stages: {}\nmetrics: ['${name}.json']\nplots:\n- ${lr}:\n    x: ${key}\n- a.csv\n"
    "artifacts:\n  ${name}: {path: '${lr}', labels: ['${item}']}\nparams: [a.yaml]",
}
LEFT_TO_DVC = {
    "a list": "cmd: go ${list}",
    "a mapping": "cmd: go ${deep}",
    "a whole mapping": "cmd: ${deep}",
    "missing": "cmd: go ${nowhere}",
    "below a value": "cmd: go ${lr.more}",
    "beyond a list": "cmd: go ${list.7}",
    "no index": "cmd: go ${list.01} ${list.x}",
    "no name": "cmd: go ${}",
    "no name that is asked for": "foreach: ${empty}\ndo:\n  cmd: go ${a..b}",
    "own variables": "vars: [{lr: 1}]\ncmd: go ${lr}",
    "a date": "cmd: go\nmeta: 2020-01-01",
    "a part of a text": "foreach: ['a${lr}']\ndo:\n  cmd: go",
    "a key": "foreach: {'${lr}': 1}\ndo:\n  cmd: go",
    "a date in a list": "foreach: [2020-01-01]\ndo:\n  cmd: go",
    "a value to go through": "foreach: ${lr}\ndo:\n  cmd: go",
    "an axis of a mapping": "matrix: {a: '${deep}'}\ncmd: go",
    "an axis of an item": "matrix: {a: [1]}\ncmd: go ${item}",
    "a missing axis": "matrix: {a: [1]}\ncmd: go ${item.b}",
    "too many": "foreach: [1, 2, 3]\ndo:\n  cmd: go",
    "too many in all": "matrix: {a: [1, 2], b: [3, 4]}\ncmd: go",
    "JSON": "vars: [other.json]\nstages: {}",
    "some of a file": "vars: ['more.yaml:more']\nstages: {}",
    "no such file": "vars: [absent.yaml]\nstages: {}",
    "a list for a file": "vars: [list.yaml]\nstages: {}",
    "a broken file": "vars: [broken.yaml]\nstages: {}",
    "numbers for names": "vars: [numbers.yaml]\nstages: {}",
    "dates for values": "vars: [dates.yaml]\nstages: {}",
    "twice": "vars: [same.yaml]\nstages: {}",
    "twice below": "vars: [more.yaml, {shared: {c: 1}}]\nstages: {}",
    "a variable in `vars`": "vars: [{a: '${lr}'}]\nstages: {}",
    "an artifact's name": "stages: {}\nartifacts: {'${lr}': {path: a}}",
    "datasets": "stages: {}\ndatasets: []",
}


@pytest.mark.parametrize("text", USUAL.values(), ids=USUAL)
def test_the_usual_is_filled_in_as_dvc_does(text: str) -> None:
    fast, general = both(pipeline(text))
    assert fast is not None
    assert fast == general


@pytest.mark.parametrize("text", LEFT_TO_DVC.values(), ids=LEFT_TO_DVC)
def test_the_rest_is_left_to_dvc(text: str) -> None:
    assert both(pipeline(text), most=2)[0] is None


def test_a_file_of_variables_that_pipelines_share_is_parsed_once_and_counts_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "vars: [../a.yaml, ../b.yaml]\nstages:\n  s: {cmd: 'x ${a} ${b.c} ${own}'}\n"
    files = {"a.yaml": "a: 1\n", "b.yaml": "b: {c: 2}\n"}
    for number in range(5):
        files[f"p{number}/params.yaml"] = f"own: {number}\n"
    snapshot = MemorySnapshot({path: text.encode() for path, text in files.items()}, "c")
    parsed: list[str] = []

    def recorded(text: str, file: str, work: WorkBudget) -> Any:
        parsed.append(file)
        return load_yaml(text, file, work)

    monkeypatch.setattr(template_files, "load_yaml", recorded)
    reader, spent = PipelineReader(), []
    for number in range(5):
        work = WorkBudget()
        before = work.left
        read = reader.read(snapshot, f"p{number}/dvc.yaml", "1", text.encode(), "", 50, work)
        assert [stage.cmd for stage in read.stages] == [f"x 1 2 {number}"]
        spent.append(before - work.left)
    own = [f"p{number}/params.yaml" for number in range(5)]
    assert sorted(parsed) == ["a.yaml", "b.yaml", *own]
    # But for the text of the pipeline itself, which is kept in another way.
    assert len(set(spent[1:])) == 1


def test_dvc_parses_each_expression_once(monkeypatch: pytest.MonkeyPatch) -> None:
    parsers: list[None] = []
    parser = interpolate.get_parser

    def counted() -> Any:
        parsers.append(None)
        return parser()

    monkeypatch.setattr(interpolate, "get_parser", counted)
    group = "\n    foreach: ${once.only}\n    do: {cmd: 'go ${item} ${once.more}'}\n"
    data = load_any_yaml(
        "vars: [once: {only: [1, 2], more: 3}]\ndatasets: []\nstages:\n"
        + "".join(f"  s{number}:{group}" for number in range(9)),
        "",
    )
    snapshot = MemorySnapshot({}, "c")
    made = resolve(data, "p/dvc.yaml", TemplateFiles(snapshot), {}, {}, 50)
    assert [each.body["cmd"] for each in made.definitions] == ["go 1 3", "go 2 3"] * 9
    # `item` may be known from before.
    assert len(parsers) in (2, 3)


def test_no_more_text_is_made_than_by_dvc(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = pipeline("foreach: [1, 2]\ndo:\n  cmd: go")
    assert both(stage)[0] is not None
    monkeypatch.setattr(limits, "STAGES_TEXT", 20)
    assert both(stage)[0] is None


USUAL_NAMES = """
    lr on none name list.0 list[1] deep.path[0].to deep.a.b item key item.part item[part] names.2
    chains.one.part rows.1.on
"""
OTHER_NAMES = """
    list.9 deep.path.1 item.on item.a item.b item.b.part item.0 more.x more.list.0 shared.a shared.b
    shared.c shared.c.d local local.x nowhere list deep rows chains
"""
VARIABLE = st.one_of(
    st.sampled_from([*USUAL_NAMES.split() * 8, *OTHER_NAMES.split(), "a b", "[0]", "a..b", "\\"])
).map("${{{}}}".format)
ITERABLE = st.sampled_from(["list", "empty", "deep", "deep.path", "names", "rows", "chains"]).map(
    "${{{}}}".format
)
TEXTS = st.lists(
    st.one_of(VARIABLE, VARIABLE, st.sampled_from(["go ", "-", "\\", "$", "${", "}", " ", "é"])),
    max_size=4,
).map("".join)
PLAIN = st.one_of(st.booleans(), st.none(), st.integers(-2, 9), st.sampled_from([1.5, "a", "true"]))
ROWS = st.one_of(PLAIN, PLAIN, TEXTS, st.dictionaries(st.sampled_from(["part", "on"]), PLAIN))
LISTS = st.one_of(ITERABLE, ITERABLE, st.lists(ROWS, max_size=3))
MAPPINGS = st.dictionaries(
    st.sampled_from(["one", "two", "a.b", 3, True]) | TEXTS, ROWS, max_size=3
)
BODIES = st.fixed_dictionaries(
    {"cmd": TEXTS},
    optional={
        "deps": st.lists(TEXTS, max_size=2),
        "outs": st.lists(TEXTS | st.dictionaries(TEXTS, st.just({"cache": False})), max_size=2),
        "wdir": TEXTS,
        "desc": TEXTS,
        "frozen": st.booleans() | VARIABLE,
        "meta": st.dictionaries(TEXTS, PLAIN | TEXTS, max_size=2),
    },
)
AXES = st.dictionaries(st.sampled_from(["a", "b"]), LISTS, max_size=2)
STAGES = st.one_of(
    BODIES,
    st.fixed_dictionaries({"foreach": LISTS | MAPPINGS, "do": BODIES}),
    st.builds(lambda body, axes: body | {"matrix": axes}, BODIES, AXES),
)
VARS = st.sampled_from(
    [
        *("more.yaml", "params.yaml", "./more.yaml", "nothing.yaml") * 3,
        *("same.yaml", "more.yaml:more", {"shared": {"b": 1}}),
        *({"local": {"x": 1}}, {"local": {"y": []}}, {"shared": {"e": None}}),
    ]
)


@given(
    st.dictionaries(st.sampled_from("stu"), STAGES, min_size=1, max_size=2),
    st.lists(VARS, max_size=2),
    st.lists(TEXTS, max_size=2),
    st.dictionaries(TEXTS, st.fixed_dictionaries({"path": TEXTS}), max_size=1),
)
@settings(max_examples=200, deadline=None)
def test_any_pipeline_is_filled_in_as_dvc_does_or_left_to_it(
    stages: Mapping[str, Any], entries: list[Any], paths: list[str], artifacts: Mapping[str, Any]
) -> None:
    data = {"vars": entries, "stages": stages, "metrics": paths, "artifacts": artifacts}
    fast, general = both(data)
    assert fast == general
