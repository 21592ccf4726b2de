"""Resolve the usual `${…}`, `foreach` and `matrix` of a `dvc.yaml` without DVC.

The results equal those of `templating.resolve`, which uses DVC's own code and takes longer to load
than everything else. Any file in doubt, also one with an error, is left to it.
"""

import math
import re
from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.dvc.pipeline.foreach_cache import Found, StageTemplate, stage_template, text_of
from lineage_diff.dvc.pipeline.template_files import TemplateFiles
from lineage_diff.dvc.pipeline.templating import Definition, Resolved
from lineage_diff.dvc.pipeline.variables import (
    NotUsualError,
    Part,
    Variables,
    check_plain,
    has_variables,
    is_value,
    keys_of,
    load_variables,
)
from lineage_diff.lineage.paths import folder_of
from lineage_diff.parsing.work_budget import WorkBudget

_SECTIONS: Mapping[str, type] = {
    "artifacts": dict,
    "datasets": list,
    "metrics": list,
    "params": list,
    "plots": list,
}
_EXACT = re.compile(r"\$\{([^}\n]*)\}")
# The variables `item` and `key`; the item of a matrix has one part for each axis.
_Own = Mapping[str, Part | Mapping[str, Part]]


def resolve_usual(
    data: Mapping[str, Any], file: str, files: TemplateFiles, most: int
) -> Resolved | None:
    """Resolve all variables of at most `most` stages; `None` if only DVC can."""
    if "datasets" in data:
        return None
    try:
        variables = load_variables(data.get("vars", []), folder_of(file), files)
        definitions: list[Definition] = []
        for group, body in data.get("stages", {}).items():
            left = most - len(definitions)
            definitions += _definitions(variables, group, body, left, files.work)
        return Resolved(tuple(definitions), _sections(variables, data, files.work))
    # A number can be too long to convert to text.
    except (NotUsualError, ValueError):
        return None


def _definitions(
    variables: Variables, group: str, body: Mapping[str, Any], left: int, work: WorkBudget
) -> Iterator[Definition]:
    generated = _read_template(variables, body)
    if generated is None:
        filled, tracked = _template(body).fill_in(_Lookup(variables, {}), work)
        yield Definition(group, filled, None, tracked)
        return
    body, count, items = generated
    if count > min(left, limits.STAGES_TEXT // (len(str(body)) + 1)):
        raise NotUsualError
    template = _template(body)
    for key, own in dict(items).items():
        filled, tracked = template.fill_in(_Lookup(variables, own), work)
        yield Definition(f"{group}@{key}", filled, group, tracked)


def _sections(variables: Variables, data: Mapping[str, Any], work: WorkBudget) -> Mapping[str, Any]:
    given = {key: data.get(key, empty()) for key, empty in _SECTIONS.items()}
    filled, _ = _template({"": given}).fill_in(_Lookup(variables, {}), work)
    sections: Mapping[str, Any] = filled[""]
    if not all(isinstance(name, str) for name in sections["artifacts"]):
        raise NotUsualError
    return sections


def _template(body: Mapping[str, Any]) -> StageTemplate:
    template = stage_template(body)
    if template is None:
        raise NotUsualError
    for name in template.names:
        keys_of(name)
    return template


def _read_template(
    variables: Variables, body: Mapping[str, Any]
) -> tuple[Mapping[str, Any], int, Iterator[tuple[str, _Own]]] | None:
    """Return the template of a `foreach` or `matrix`, the number of stages, and their items."""
    if "matrix" in body:
        template = {key: value for key, value in body.items() if key != "matrix"}
        axes = {axis: _parts(variables, given) for axis, given in body["matrix"].items()}
        if not axes or has_variables(list(axes)):
            raise NotUsualError
        return template, math.prod(map(len, axes.values())), _combinations(axes)
    if "foreach" in body:
        data, keys = _iterable(variables, body["foreach"])
        items = (
            _of_mapping(data, keys) if isinstance(data, dict) else _of_list(variables, data, keys)
        )
        return body["do"], len(data), items
    return None


def _iterable(variables: Variables, given: Any) -> tuple[Any, tuple[str, ...] | None]:
    """Return a literal list or mapping and `None`, or a variable's value and its keys."""
    keys = None
    if isinstance(given, str):
        exact = _EXACT.fullmatch(given)
        if exact is None:
            raise NotUsualError
        keys = keys_of(exact[1])
        given = variables.select(keys)
    if not isinstance(given, dict | list):
        raise NotUsualError
    return given, keys


def _of_mapping(
    data: Mapping[Any, Any], keys: tuple[str, ...] | None
) -> Iterator[tuple[str, _Own]]:
    if keys is None and has_variables(data):
        raise NotUsualError
    for name, value in data.items():
        key = text_of(name)
        yield key, {"item": _part(value, keys, str(name)), "key": Part(key)}


def _of_list(
    variables: Variables, data: list[Any], keys: tuple[str, ...] | None
) -> Iterator[tuple[str, _Own]]:
    parts = _parts_of(variables, data, keys)
    by_number = not all(is_value(part.value) for part in parts)
    for number, part in enumerate(parts):
        yield str(number) if by_number else part.name, {"item": part}


def _combinations(axes: Mapping[str, list[Part]]) -> Iterator[tuple[str, _Own]]:
    named = [
        [
            (part.name if is_value(part.value) else f"{axis}{number}", part)
            for number, part in enumerate(parts)
        ]
        for axis, parts in axes.items()
    ]
    for combination in product(*named):
        key = "-".join(name for name, _ in combination)
        item = dict(zip(axes, (part for _, part in combination), strict=True))
        yield key, {"item": item, "key": Part(key)}


def _parts(variables: Variables, given: Any) -> list[Part]:
    """Return the values of an axis."""
    data, keys = _iterable(variables, given)
    if not isinstance(data, list):
        raise NotUsualError
    return _parts_of(variables, data, keys)


def _parts_of(variables: Variables, data: list[Any], keys: tuple[str, ...] | None) -> list[Part]:
    if keys is not None:
        return [Part(value, (*keys, str(number))) for number, value in enumerate(data)]
    return [_read_item(variables, value) for value in data]


def _read_item(variables: Variables, value: Any) -> Part:
    """Return an item of a literal list; it may be a variable."""
    if not has_variables(value):
        check_plain(value)
        return Part(value)
    exact = _EXACT.fullmatch(value) if isinstance(value, str) else None
    if exact is None:
        raise NotUsualError
    keys = keys_of(exact[1])
    return Part(variables.select(keys), keys)


def _part(value: Any, keys: tuple[str, ...] | None, name: str) -> Part:
    if keys is None:
        check_plain(value)
        return Part(value)
    return Part(value, (*keys, name))


class _Lookup(Struct, frozen=True):
    """Finds the variables of one stage; its `item` and `key` hide others with these names."""

    variables: Variables
    own: _Own

    def __call__(self, name: str) -> Found:
        keys = keys_of(name)
        own = self.own.get(keys[0])
        if own is None:
            return self.variables.find(keys)
        if isinstance(own, Part):
            return own.find(keys[1:], self.variables)
        if len(keys) < 2 or keys[1] not in own:
            raise NotUsualError
        return own[keys[1]].find(keys[2:], self.variables)
