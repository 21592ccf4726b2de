"""Cut an answer to a size that an assistant can read, and list what was left out.

The answer stays data: texts of the repository are values of a JSON object, with their invisible
characters as escapes.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final

import msgspec
from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.report.json_codec import storable_value
from lineage_diff.text import visible

# Most items of one list and characters of one text, tried in this order until the answer fits.
_LEVELS: Final = ((500, 4000), (100, 2000), (30, 1000), (10, 400), (3, 200), (1, 100), (0, 100))
# A value change is a mapping of as many keys: a smaller part of it has no meaning.
_FEWEST_KEYS: Final = 3
_NOTHING: Final = object()
_HOW: Final = (
    "Call the tool again with the same arguments, and with `part` and `offset` (`next_offset`) of "
    "an entry of `left_out`."
)


class CutPart(Struct, frozen=True):
    """A list, mapping or text that was cut: `part` is its JSON Pointer in the whole answer.

    `of` is its whole length, in items or in characters.
    """

    part: str
    shown: int
    of: int
    next_offset: int


class _OverSizeError(Exception):
    """The excerpt exceeds its size."""


def excerpt(
    answer: Mapping[str, Any], part: str, offset: int, most: int, folded: frozenset[str]
) -> dict[str, Any]:
    """Return a part of an answer, of `most` bytes as JSON, with the list of what was left out.

    The keys of `answer` are never cut. The items of the parts `folded` are shown only if asked for.
    Raises `InputError` for a part that does not exist.
    """
    target = _find(answer, part)
    _check_offset(target, part, offset)
    hidden = frozenset(name for name in folded if not _is_within(part, name))
    for items, characters in _LEVELS:
        cutter = _Cutter(items, characters, most, hidden, part)
        try:
            shown = cutter.cut(target, part, offset)
        except _OverSizeError:
            continue
        found = {"part": part, "answer": shown, "left_out": cutter.left_out}
        if cutter.left_out:
            found["how_to_read_more"] = _HOW
        if items == 0 or len(msgspec.json.encode(found)) <= most:
            return found
    raise AssertionError("the last level always returns")


def _is_within(part: str, folder: str) -> bool:
    return part == folder or part.startswith(f"{folder}/")


def _check_offset(target: Any, part: str, offset: int) -> None:
    is_cut = isinstance(target, str | list | tuple) or (part and isinstance(target, Mapping))
    if offset and not (is_cut and offset < len(target)):
        raise InputError(
            f"the part {part!r} has no item {offset:,}",
            hint="Take `part` and `next_offset` from an entry of `left_out`.",
        )


def _find(answer: Any, part: str) -> Any:
    """Return the value at a JSON Pointer (RFC 6901)."""
    value = answer
    names = part.split("/")
    for name in names[1:]:
        value = dict(_children(value)).get(name.replace("~1", "/").replace("~0", "~"), _NOTHING)
    if names[0] or value is _NOTHING:
        raise InputError(
            f"the answer has no part {part!r}",
            hint="Take `part` from an entry of `left_out`, or leave it out.",
        )
    return visible(storable_value(value)) if isinstance(value, str) else value


def _children(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Struct):
        return ((name, getattr(value, name)) for name in value.__struct_fields__)
    if isinstance(value, Mapping):
        return ((_key(key), item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return ((str(index), item) for index, item in enumerate(value))
    return iter(())


def _key(key: Any) -> str:
    return visible(str(storable_value(key)))


class _Cutter:
    """Copies a value as builtins for JSON, within its limits."""

    def __init__(
        self, items: int, characters: int, most: int, folded: frozenset[str], target: str
    ) -> None:
        self.left_out: list[CutPart] = []
        self._items, self._characters, self._left = items, characters, most
        self._folded, self._target = folded, target

    def cut(self, value: Any, part: str, begin: int = 0) -> Any:
        """Return a copy of the value at `part`; of a list, mapping or text from `begin` on."""
        if isinstance(value, str):
            return self._text(visible(storable_value(value)), part, begin)
        if isinstance(value, Mapping | list | tuple):
            return self._collection(value, part, begin)
        if isinstance(value, Struct):
            return {name: self.cut(item, f"{part}/{name}") for name, item in _children(value)}
        self._spend(8)
        return storable_value(value)

    def _text(self, text: str, part: str, begin: int) -> str:
        shown = text[begin : begin + self._characters]
        self._note(part, begin, len(shown), len(text))
        self._spend(len(shown.encode()) + 8)
        return shown

    def _collection(self, value: Any, part: str, begin: int) -> Any:
        most = self._most(value, part)
        children = [*islice(_children(value), begin, begin + most)]
        self._note(part, begin, len(children), len(value))
        shown = [(name, self.cut(item, f"{part}/{_escaped(name)}")) for name, item in children]
        self._spend(sum(len(name) + 4 for name, _ in shown))
        return dict(_distinct(shown)) if isinstance(value, Mapping) else [one for _, one in shown]

    def _most(self, value: Any, part: str) -> int:
        if not part and isinstance(value, Mapping):
            return len(value)
        if any(_is_within(part, name) for name in self._folded):
            return 0
        if part == self._target:
            # At least one, so that reading on comes to an end.
            return max(self._items, 1)
        is_mapping = isinstance(value, Mapping) and self._items > 0
        return max(self._items, _FEWEST_KEYS) if is_mapping else self._items

    def _note(self, part: str, begin: int, shown: int, of: int) -> None:
        if begin + shown < of:
            self.left_out.append(CutPart(part, shown, of, begin + shown))
            self._spend(len(part) + 60)

    def _spend(self, size: int) -> None:
        self._left -= size
        if self._left < 0 and self._items > 0:
            raise _OverSizeError


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _distinct(pairs: list[tuple[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield the pairs with different names: those of two keys may look the same."""
    seen: dict[str, int] = {}
    for name, value in pairs:
        seen[name] = seen.get(name, 0) + 1
        yield (name if seen[name] == 1 else f"{name} ({seen[name]})"), value
