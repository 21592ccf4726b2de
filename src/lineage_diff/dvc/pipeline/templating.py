"""Resolve `${}`, `foreach` and `matrix` of a `dvc.yaml` with DVC's own `dvc.parsing`."""

import gc
import math
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct, field

from lineage_diff import limits
from lineage_diff.dvc import problems
from lineage_diff.dvc.pipeline.foreach_cache import Found, StageTemplate, stage_template
from lineage_diff.dvc.pipeline.template_files import TemplateFiles, TemplateProject
from lineage_diff.dvc.problems import TemplateError
from lineage_diff.errors import InputError
from lineage_diff.lineage.lineage import Problem
from lineage_diff.lineage.paths import folder_of
from lineage_diff.parsing.work_budget import (
    EXPRESSION_STEPS,
    FILLING,
    REFERENCE_STEPS,
    TooMuchWorkError,
    WorkBudget,
)
from lineage_diff.text import hide_dvc_messages

# Groups of stages between two looks for circles: some ten megabytes of them.
_COLLECTED = 200
# Parsed expressions that are kept: more than the work of one commit may hold.
_REMEMBERED = 1 << 16
# Characters that a regular expression visits in one step.
_SEARCHED = 16


class Definition(Struct, frozen=True):
    """A resolved stage definition, and the `foreach` or `matrix` that generated it."""

    name: str
    body: Mapping[str, Any]
    group: str | None = None
    tracked: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Resolved(Struct, frozen=True):
    """A resolved `dvc.yaml`. `failed` are the problems of single stages."""

    definitions: tuple[Definition, ...]
    sections: Mapping[str, Any]
    failed: tuple[Problem, ...] = ()


class Filling(Struct, frozen=True):
    """The budget for texts with values of variables, and the length of the longest value."""

    work: WorkBudget
    longest: int


def is_templated(text: str) -> bool:
    """Return whether a `dvc.yaml` may need templating; a cheap check with false positives."""
    return "${" in text or "foreach" in text or "matrix" in text or "vars" in text


def resolve(
    data: Mapping[str, Any],
    file: str,
    files: TemplateFiles,
    parsing: dict[str, Any],
    lines: Mapping[str, int],
    most: int,
) -> Resolved:
    """Resolve all variables of at most `most` stages. `lines` are the stages' lines.

    Raises `InputError` if nothing can be resolved, for example because a vars file is broken.
    """
    from dvc.parsing import DataResolver

    hide_dvc_messages()
    _remember_expressions()
    files.work.spend(_search_steps(data, EXPRESSION_STEPS), FILLING)
    try:
        resolver = DataResolver(TemplateProject(files, parsing), folder_of(file), dict(data))
    except Exception as error:  # DVC's templating raises many kinds on odd input
        raise _failure(error, file) from error
    longest = max(_longest_text(dict(data)), _longest_text(resolver.context.data))
    files.work.spend(_references(data) * longest // 4, FILLING)
    definitions: list[Definition] = []
    failed: list[Problem] = []
    for number, (group, definition) in enumerate(resolver.definitions.items(), 1):
        if number % _COLLECTED == 0:
            # DVC's parser of expressions leaves circles, and the collector is paused meanwhile.
            gc.collect(0)
        try:
            left = most - len(definitions)
            filling = Filling(files.work, longest)
            generated = _expand(resolver, group, definition, file, lines.get(group), left, filling)
            for item in generated:
                if isinstance(item, Problem):
                    failed.append(item)
                else:
                    definitions.append(item)
        except TooMuchWorkError:
            raise
        except Exception as error:
            message = _failure(error, file).message
            failed.append(problems.unresolved_variable(file, message, lines.get(group), group))
    sections: dict[str, Any] = {}
    for key in ("artifacts", "datasets", "metrics", "params", "plots"):
        try:
            sections[key] = getattr(resolver, f"resolve_{key}")()
        except Exception as error:
            failed.append(problems.unresolved_variable(file, _failure(error, file).message, None))
    return Resolved(tuple(definitions), sections, tuple(failed))


def _references(data: Any) -> int:
    return str(data).count("${")


def _search_steps(data: Any, parsing: int) -> int:
    """Return the steps in which DVC finds all variables in nested mappings and lists.

    `parsing` are those for a part of an expression that it parses, each expression once.
    """
    steps, waiting, known = 0, [data], set[str]()
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            if "${" in each:
                steps += _unclosed(each) // _SEARCHED
                for inner in each.split("${")[1:]:
                    steps += REFERENCE_STEPS
                    expression = inner.partition("}")[0]
                    if expression not in known:
                        known.add(expression)
                        steps += parsing * (1 + sum(map(expression.count, ".[")))
        elif isinstance(each, Mapping):
            waiting += each.keys()
            waiting += each.values()
        elif isinstance(each, list | tuple):
            waiting += each
    return steps


def _unclosed(text: str) -> int:
    """Return the characters that DVC visits for each `${` without a `}` behind it in its line."""
    ends = (line.rpartition("}")[2] for line in text.split("\n"))
    return sum(end.count("${") * len(end) for end in ends)


def _longest_text(data: Any) -> int:
    """Return the length of the longest text in nested mappings and lists."""
    longest, waiting = 0, [data]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            longest = max(longest, len(each))
        elif isinstance(each, Mapping):
            waiting += each.values()
        elif isinstance(each, Sequence):
            waiting += each
        elif hasattr(each, "value"):
            # `dvc.parsing.context.Value`
            longest = max(longest, len(str(each.value)))
    return longest


def _expand(
    resolver: Any,
    group: str,
    definition: Any,
    file: str,
    line: int | None,
    left: int,
    filling: Filling,
) -> Iterator[Definition | Problem]:
    if not hasattr(definition, "resolved_iterable"):
        body = definition.resolve()[group]
        yield Definition(group, body, None, _plain(resolver.tracked_vars.get(group)))
        return
    is_matrix = hasattr(definition, "matrix_data")
    limit = min(left, limits.STAGES_TEXT // (len(str(definition.template)) + 1))
    # A literal list is counted first: DVC copies it item by item to resolve it.
    written = None if is_matrix else definition.foreach_data
    if isinstance(written, list | dict) and len(written) > limit:
        yield problems.too_many_stages(file, group, len(written), limit, line)
        return
    data = definition.resolved_iterable
    if is_matrix and not data:
        what = "`matrix` has no dimension"
        yield problems.invalid_pipeline(file, f"stage `{group}`", what, line, True, group)
        return
    count = math.prod(len(axis) for axis in data.values()) if is_matrix else len(data)
    if count > limit:
        yield problems.too_many_stages(file, group, count, limit, line)
        return
    # DVC has already checked the template.
    template = stage_template(definition.template)
    inserted = _references(definition.template) * filling.longest // 4
    searched = _search_steps(definition.template, 0)
    has_key = is_matrix or isinstance(data, Mapping)
    for key, item in definition.normalized_iterable.items():
        name = f"{group}@{key}"
        own = {"item": item, "key": key} if has_key else {"item": item}
        filled = fill_in(template, resolver.context, own, filling.work) if template else None
        if filled is not None:
            yield Definition(name, filled[0], group, filled[1])
            continue
        try:
            filling.work.spend(inserted + searched, FILLING)
            body = definition.resolve_one(key)[name]
        except TooMuchWorkError:
            raise
        except Exception as error:
            yield problems.unresolved_variable(file, _failure(error, file).message, line, group)
            return
        yield Definition(name, body, group, _plain(resolver.tracked_vars.get(name)))


def fill_in(
    template: StageTemplate, context: Any, own: Mapping[str, Any], work: WorkBudget
) -> tuple[Mapping[str, Any], Mapping[str, Mapping[str, Any]]] | None:
    """Fill in a template; `None` if a variable is missing, a list or a mapping.

    The values in `own` (`item`, `key`) hide those with the same names in the `context`, a
    `dvc.parsing.context.Context`.
    """
    from dvc.parsing.context import Context, KeyNotInContext, Value
    from dvc.parsing.interpolate import normalize_key

    nearest = Context(own)

    def find(name: str) -> Found:
        root = normalize_key(name).partition(".")[0].strip()
        node = (nearest if root in own else context).select(name)
        if not isinstance(node, Value):
            raise _NoValueError
        if node.meta.local:
            return node.value, None, ""
        ((file, key),) = node.get_sources().items()
        return node.value, file, key

    try:
        return template.fill_in(find, work)
    except (KeyNotInContext, _NoValueError):
        return None


class _NoValueError(Exception):
    """A variable is a list or a mapping."""


def _plain(tracked: Any) -> Mapping[str, Mapping[str, Any]]:
    return {str(file): dict(values) for file, values in tracked.items()} if tracked else {}


def _failure(error: Exception, file: str) -> InputError:
    if isinstance(error, InputError):
        return error
    text = " ".join(str(error).split()) or type(error).__name__
    return TemplateError(text.removesuffix("."), hint=problems.template_hint(text), file=file)


def _remember_expressions() -> None:
    """Let DVC parse each expression once: its parser takes a tenth of a millisecond for `item`."""
    from dvc.parsing import interpolate

    if not hasattr(interpolate.parse_expr, "cache_info"):
        interpolate.parse_expr = lru_cache(_REMEMBERED)(interpolate.parse_expr)
