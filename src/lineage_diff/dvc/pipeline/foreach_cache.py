"""Parse a stage's template once, then fill in its variables for each item.

`dvc.parsing.EntryDefinition.resolve_stage` searches for variables again in each generated stage,
which takes ten times as long. The syntax is DVC's (`dvc.parsing.interpolate`); any variable other
than a name with one plain value is left to DVC.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import mul
from typing import Any

from msgspec import Struct

from lineage_diff.parsing.work_budget import FILLING, WorkBudget

Tracked = dict[str, dict[str, Any]]
# One value, its file (`None`: no file), and its key in that file.
Found = tuple[Any, str | None, str]
# Takes the variables' values, and the same values as text.
_Fill = Callable[[Sequence[Any], Sequence[str]], Any]
_LEAVES = (int, float, bool, type(None))
# dvc.parsing.interpolate.KEYCRE
_VARIABLE = re.compile(r"(?<!\\)\${(?P<inner>.*?)}")


class StageTemplate(Struct, frozen=True):
    """A template's variables, each once and in the order in which DVC finds them.

    `inserted` counts how often each is inserted into a longer text.
    """

    names: tuple[str, ...]
    inserted: tuple[int, ...]
    _fill: _Fill

    def fill_in(
        self, find: Callable[[str], Found], work: WorkBudget
    ) -> tuple[dict[str, Any], Tracked]:
        """Return the stage's body, and the values that it uses from files, by file and key.

        `find` looks up a variable by its name. Raises `TooMuchWorkError` before a text of more
        characters is made than `work` has steps left.
        """
        tracked: Tracked = {}
        values: list[Any] = []
        for name in self.names:
            value, file, key = find(name)
            values.append(value)
            if file is not None:
                tracked.setdefault(file, {})[key] = value
        texts = [text_of(value) for value in values]
        work.spend(sum(map(mul, self.inserted, map(len, texts))), FILLING)
        return self._fill(values, texts), tracked


def stage_template(template: Mapping[str, Any]) -> StageTemplate | None:
    """Parse a template; `None` if only DVC can resolve it."""
    if "vars" in template:
        return None
    places = _Places({}, [])
    try:
        fill = _part(template, places)
    except _NotPlainError:
        return None
    return StageTemplate(tuple(places.indexes), tuple(places.inserted), fill)


def text_of(value: Any) -> str:
    """Return a value as it is written into a text (`dvc.parsing.interpolate.to_str`)."""
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


class _Places(Struct):
    """The index of each variable by its name, and how often each is inserted into a text."""

    indexes: dict[str, int]
    inserted: list[int]

    def of(self, name: str) -> int:
        """Return the index of a variable."""
        if name not in self.indexes:
            self.indexes[name] = len(self.indexes)
            self.inserted.append(0)
        return self.indexes[name]


class _NotPlainError(Exception):
    """A template contains data other than YAML's usual types."""


def _part(data: Any, places: _Places) -> _Fill:
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


def _matches(text: str) -> Iterator[re.Match[str]]:
    """Yield the variables of a text. Of each line, what follows its last `}` is left out.

    A search would go to the end of the line for each `${` there.
    """
    begin = text.find("${")
    while begin >= 0:
        end = text.find("\n", begin)
        end = len(text) if end < 0 else end
        last = text.rfind("}", begin, end)
        if last >= 0:
            yield from _VARIABLE.finditer(text, begin, last + 1)
        begin = text.find("${", end)


def _text(text: str, places: _Places) -> _Fill:
    matches = list(_matches(text))
    if not matches:
        plain = text.replace(r"\${", "${")
        return lambda *_: plain
    indexes = [places.of(match["inner"]) for match in matches]
    if len(matches) == 1 and text == matches[0].group():
        return lambda values, _: values[indexes[0]]
    for index in indexes:
        places.inserted[index] += 1
    ends = [0, *(match.end() for match in matches)]
    befores = [text[end : match.start()] for end, match in zip(ends, matches, strict=False)]
    after = text[ends[-1] :]

    def fill(_: Sequence[Any], texts: Sequence[str]) -> str:
        parts = [before + texts[index] for before, index in zip(befores, indexes, strict=True)]
        return ("".join(parts) + after).replace(r"\${", "${")

    return fill
