"""The template of a `foreach` or `matrix`: taken apart once, then filled in for each item.

`dvc.parsing.EntryDefinition.resolve_stage` looks for variables anew in each stage it makes, which
takes ten times as long. What is looked up, and how it is written, is DVC's own here too; what is
more than a name with one plain value is left to DVC.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

Tracked = dict[str, dict[str, Any]]
# Takes each variable's value, and the same as text.
_Fill = Callable[[Sequence[Any], Sequence[str]], Any]
_LEAVES = (int, float, bool, type(None))


class StageTemplate(Struct, frozen=True):
    """A template's variables, each once and in the order that DVC meets them, by their roots."""

    _variables: tuple[tuple[str, str], ...]
    _fill: _Fill

    def filled(self, context: Any, own: Mapping[str, Any]) -> tuple[dict[str, Any], Tracked] | None:
        """Return the stage's body, and the values that it takes from files by file and key.

        `own` (`item`, `key`) hides what the `context`, a `dvc.parsing.context.Context`, has by
        these names. `None` where a variable is missing or is a list or a mapping.
        """
        from dvc.parsing.context import Context, KeyNotInContext, Value
        from dvc.parsing.interpolate import to_str

        nearest = Context(own)
        tracked: Tracked = {}
        values: list[Any] = []
        for name, root in self._variables:
            try:
                node = (nearest if root in own else context).select(name)
            except KeyNotInContext:
                return None
            if not isinstance(node, Value):
                return None
            values.append(node.value)
            if not node.meta.local:
                for file, key in node.get_sources().items():
                    tracked.setdefault(file, {})[key] = node.value
        return self._fill(values, [to_str(value) for value in values]), tracked


def stage_template(template: Mapping[str, Any]) -> StageTemplate | None:
    """Take a template apart that passed DVC's check; `None` where only DVC can resolve it."""
    from dvc.parsing.interpolate import normalize_key

    if "vars" in template:
        return None
    places: dict[str, int] = {}
    try:
        fill = _part(template, places)
    except _NotPlainError:
        return None
    roots = [normalize_key(name).partition(".")[0].strip() for name in places]
    return StageTemplate(tuple(zip(places, roots, strict=True)), fill)


class _NotPlainError(Exception):
    """A template holds what is none of YAML's usual data."""


def _part(data: Any, places: dict[str, int]) -> _Fill:
    if isinstance(data, dict):
        pairs = [(_part(key, places), _part(value, places)) for key, value in data.items()]
        return lambda *given: {key(*given): value(*given) for key, value in pairs}
    if isinstance(data, list):
        parts = [_part(item, places) for item in data]
        return lambda *given: [part(*given) for part in parts]
    if isinstance(data, str):
        return _text(data, places)
    if isinstance(data, _LEAVES):
        return lambda *_: data
    raise _NotPlainError


def _text(text: str, places: dict[str, int]) -> _Fill:
    from dvc.parsing.interpolate import BRACE_OPEN, get_matches, is_exact_string

    matches = get_matches(text)
    if not matches:
        plain = text.replace(r"\${", BRACE_OPEN)
        return lambda *_: plain
    indexes = [places.setdefault(match["inner"], len(places)) for match in matches]
    if is_exact_string(text, matches):
        return lambda values, _: values[indexes[0]]
    ends = [0, *(match.end() for match in matches)]
    befores = [text[end : match.start()] for end, match in zip(ends, matches, strict=False)]
    after = text[ends[-1] :]

    def fill(_: Sequence[Any], texts: Sequence[str]) -> str:
        parts = [before + texts[index] for before, index in zip(befores, indexes, strict=True)]
        return ("".join(parts) + after).replace(r"\${", BRACE_OPEN)

    return fill
