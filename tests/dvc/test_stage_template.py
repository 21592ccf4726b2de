"""Templates filled in for each item, held against what DVC makes of them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from dvc.parsing import DataResolver
from dvc.repo import Repo

from lineage_diff.dvc.pipeline.foreach_cache import stage_template
from lineage_diff.dvc.pipeline.templating import fill_in
from lineage_diff.parsing.work_budget import WorkBudget
from lineage_diff.parsing.yaml_loader import load_yaml

PARAMS = (
    "lr: 0.10\non: true\nnone: null\nname: 'a $b \\${c}'\nlist: [1, x]\n"
    "deep: {path: [{to: here}, {to: there}]}\nitem: hidden\nkey: shown\n"
    "chains: {one: {part: 1, on: false}, two: {part: '2', on: null}}\n"
    "names: [a, b, 1.50, true]\nrows: [{part: a, on: 1}, {part: b, on: 2}]\n"
)
# `${one}` stands for the variable of an iterable that is one plain value.
BODIES = {
    "nothing": "cmd: go",
    "the whole value": "cmd: go\ndesc: ${one}\nfrozen: ${on}\nmeta:\n  x: ${lr}\n  y: ${none}",
    "text around": "cmd: go ${one} --lr=${lr} ${on} ${none} ${lr}!",
    "a key": "cmd: go\nouts:\n- out/${one}:\n    cache: false\n    persist: ${on}",
    "below": "cmd: go ${deep.path[1].to} ${ deep.path.0.to } ${ lr }",
    "escaped": "cmd: go \\${lr} ${lr} \\${}\ndesc: \\${name}\nwdir: ${name}",
    "in a value": "cmd: go ${name}\ndeps: ['${name}', '%s {0} ${lr}']",
    "no text": "cmd: [a, '${one}']\nmeta: {a: 1, b: [2.50, null, true], 3: {}, c: []}",
    "two the same": "cmd: go ${one}${one}\nouts: ['${one}', '${one}']",
}
OF_A_MAPPING = {
    "key and item": "cmd: ${key} ${item.part}\ndeps: ['data/${key}']\nmeta: ${item.on}",
    "spaces": "cmd: ${ key } ${ item . part }\ndesc: ${item[part]}",
}
ITERABLES = {
    "names": ("foreach: ${names}", "item"),
    "written": ("foreach: [a, 2, '2', null]", "item"),
    "mapping": ("foreach: ${chains}", "key"),
    "own mapping": ("foreach: {x: {part: 1, on: y}, 3: {part: 2, on: z}}", "key"),
    "rows": ("foreach: ${rows}", "item.part"),
    "matrix": ("matrix: {part: [a, '${lr}'], on: '${list}', none: [null, true]}", "item.on"),
}
LEFT_TO_DVC = {
    "a list": "cmd: go ${list}",
    "a mapping": "cmd: go ${deep}",
    "a whole mapping": "cmd: ${deep}",
    "missing": "cmd: go ${nowhere}",
    "below a value": "cmd: go ${lr.more}",
    "beyond a list": "cmd: go ${list.7}",
    "no number": "cmd: go ${list.x}",
    "own variables": "vars: [{lr: 1}]\ncmd: go ${lr}",
    "a date": "cmd: go\nmeta: 2020-01-01",
}


def definition(path: Path, iterable: str, body: str) -> Any:
    """Return DVC's definition of a stage `s` with this `foreach` or `matrix`."""
    repo = Repo.init(str(path), no_scm=True)
    (path / "params.yaml").write_text(PARAMS)
    own = load_yaml(iterable, "")
    do = load_yaml(body, "")
    stage = {"do": do} | own if "foreach" in own else do | own
    return DataResolver(repo, str(path), {"stages": {"s": stage}}).definitions["s"]


def ours(made: Any, key: str) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    iterable = made.resolved_iterable
    own = {"item": made.normalized_iterable[key]}
    if hasattr(made, "matrix_data") or isinstance(iterable, Mapping):
        own["key"] = key
    template = stage_template(made.template)
    return fill_in(template, made.context, own, WorkBudget()) if template else None


@pytest.mark.parametrize(("iterable", "one"), ITERABLES.values(), ids=ITERABLES)
@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_plain_values_are_filled_in_as_dvc_does(
    tmp_path: Path, iterable: str, one: str, body: str
) -> None:
    check(definition(tmp_path, iterable, body.replace("${one}", f"${{{one}}}")))


@pytest.mark.parametrize("name", ["mapping", "own mapping"])
@pytest.mark.parametrize("body", OF_A_MAPPING.values(), ids=OF_A_MAPPING)
def test_parts_of_an_item_are_filled_in_as_dvc_does(tmp_path: Path, name: str, body: str) -> None:
    check(definition(tmp_path, ITERABLES[name][0], body))


def check(made: Any) -> None:
    assert made.normalized_iterable
    for key in made.normalized_iterable:
        found = ours(made, key)
        assert found is not None
        body = made.resolve_one(key)[f"s@{key}"]
        tracked = {
            file: dict(values) for file, values in made.resolver.tracked_vars[f"s@{key}"].items()
        }
        # As text: it keeps the order, and tells 1 from true.
        assert json.dumps(found) == json.dumps([body, tracked])


@pytest.mark.parametrize("body", LEFT_TO_DVC.values(), ids=LEFT_TO_DVC)
def test_the_rest_is_left_to_dvc(tmp_path: Path, body: str) -> None:
    made = definition(tmp_path, ITERABLES["mapping"][0], body)
    assert ours(made, "one") is None
