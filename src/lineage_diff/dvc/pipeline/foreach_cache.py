"""Parse a stage's template once, then fill in its variables for each item.

`dvc.parsing.EntryDefinition.resolve_stage` searches for variables again in each generated stage,
which takes ten times as long. The syntax is DVC's (`dvc.parsing.interpolate`); any variable other
than a name with one plain value is left to DVC.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

Tracked = dict[str, dict[str, Any]]
# One value, its file (`None`: no file), and its key in that file.
Found = tuple[Any, str | None, str]
# Takes the variables' values, and the same values as text.
_Fill = Callable[[Sequence[Any], Sequence[str]], Any]
_LEAVES = (int, float, bool, type(None))
# dvc.parsing.interpolate.KEYCRE
_VARIABLE = re.compile(r"(?<!\\)\${(?P<inner>.*?)}")


class StageTemplate(Struct, frozen=True):
    """A template's variables, each once and in the order in which DVC finds them."""

    names: tuple[str, ...]
    _fill: _Fill

    def fill_in(self, find: Callable[[str], Found]) -> tuple[dict[str, Any], Tracked]:
        """Return the stage's body, and the values that it uses from files, by file and key.

        `find` looks up a variable by its name.
        """
        tracked: Tracked = {}
        values: list[Any] = []
        for name in self.names:
            value, file, key = find(name)
            values.append(value)
            if file is not None:
                tracked.setdefault(file, {})[key] = value
        return self._fill(values, [text_of(value) for value in values]), tracked


def stage_template(template: Mapping[str, Any]) -> StageTemplate | None:
    """Parse a template; `None` if only DVC can resolve it."""
    if "vars" in template:
        return None
    places: dict[str, int] = {}
    try:
        fill = _part(template, places)
    except _NotPlainError:
        return None
    return StageTemplate(tuple(places), fill)


def text_of(value: Any) -> str:
    """Return a value as it is written into a text (`dvc.parsing.interpolate.to_str`)."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


class _NotPlainError(Exception):
    """A template contains data other than YAML's usual types."""


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
    matches = list(_VARIABLE.finditer(text))
    if not matches:
        plain = text.replace(r"\${", "${")
        return lambda *_: plain
    indexes = [places.setdefault(match["inner"], len(places)) for match in matches]
    if len(matches) == 1 and text == matches[0].group():
        return lambda values, _: values[indexes[0]]
    ends = [0, *(match.end() for match in matches)]
    befores = [text[end : match.start()] for end, match in zip(ends, matches, strict=False)]
    after = text[ends[-1] :]

    def fill(_: Sequence[Any], texts: Sequence[str]) -> str:
        parts = [before + texts[index] for before, index in zip(befores, indexes, strict=True)]
        return ("".join(parts) + after).replace(r"\${", "${")

    return fill
