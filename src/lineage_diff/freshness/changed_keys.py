"""Find the keys that differ inside the values of a param, which DVC compares as a whole."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.report.change import Change, same_value
from lineage_diff.report.reasons import KeyChange, Reason

MOST_KEYS: Final = 20
"""The most changed keys of one reason; further ones are counted."""

DEEPEST: Final = 20
"""Values below this depth are compared as a whole."""

MOST_VISITS: Final = 500_000
"""The most values that are visited for one report: a visit takes about a microsecond."""

NOTHING: Final[Any] = object()
"""Stands for the value of a key that is not there."""


class TooManyValuesError(Exception):
    """Raised when more values would be visited than allowed."""


class Visits:
    """Counts the values that were visited."""

    def __init__(self, most: int = MOST_VISITS) -> None:
        """Allow `most` visits."""
        self._left = most

    def spend(self, count: int) -> None:
        """Count visits. Raises `TooManyValuesError` past the limit."""
        self._left -= count
        if self._left < 0:
            raise TooManyValuesError


class _Difference(Struct, frozen=True):
    parts: tuple[str, ...]
    old: Any
    new: Any


def changed_keys(old: Any, new: Any, visits: Visits, name: str = "") -> list[KeyChange]:
    """Return the innermost values that differ between two values, in the order of their keys.

    The keys of mappings are compared one by one, and the items of lists by their index, after equal
    items at the start and the end of both. Anything else differs as a whole. An added or removed
    mapping counts as its innermost values. The parts of a key are joined by dots after `name`, as
    in DVC; where two keys then read the same, a part with a dot is quoted. Raises
    `TooManyValuesError`.
    """
    found = list(_differences(old, new, (), visits))
    known = Counter(".".join(item.parts) for item in found)
    return [
        _key_change(_name(item.parts, name, known[".".join(item.parts)] > 1), item.old, item.new)
        for item in found
    ]


def keys_or_whole(old: Any, new: Any, visits: Visits, name: str) -> list[KeyChange]:
    """Return `changed_keys`; past the allowed visits, one change of the two values as a whole.

    `NOTHING` is the value of a key that is not there.
    """
    try:
        return changed_keys(old, new, visits, name)
    except TooManyValuesError:
        return [_key_change(name, old, new)]


def with_changed_keys(change: Change) -> Change:
    """Return the change, each reason for a changed mapping or list with the keys that differ."""
    visits = Visits()
    stages = (
        replace(stage, reasons=expand_reasons(stage.reasons, visits)) if stage.reasons else stage
        for stage in change.stages
    )
    return replace(change, stages=tuple(stages))


def expand_reasons(reasons: Iterable[Reason], visits: Visits) -> tuple[Reason, ...]:
    """Return the reasons, those for a changed mapping or list with the keys that differ.

    Past the allowed visits a reason has no keys: then its two values say what differs.
    """
    return tuple(_expand(reason, visits) for reason in reasons)


def _expand(reason: Reason, visits: Visits) -> Reason:
    if reason.kind != "param-changed" or not isinstance(reason.actual, Mapping | list | tuple):
        return reason
    try:
        keys = changed_keys(reason.locked, reason.actual, visits, reason.subject)
    except TooManyValuesError:
        return reason
    if len(keys) == 1 and keys[0].subject == reason.subject:
        return reason
    return replace(reason, keys=tuple(keys[:MOST_KEYS]), omitted_keys=max(0, len(keys) - MOST_KEYS))


def _differences(
    old: Any, new: Any, parts: tuple[str, ...], visits: Visits
) -> Iterator[_Difference]:
    old, new = _empty_like(old, new), _empty_like(new, old)
    if len(parts) < DEEPEST:
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _in_mappings(old, new, parts, visits)
            return
        if isinstance(old, list | tuple) and isinstance(new, list | tuple):
            yield from _in_lists(old, new, parts, visits)
            return
    yield _Difference(parts, old, new)


def _empty_like(value: Any, other: Any) -> Any:
    """Return no keys for a value that is absent beside a mapping with keys."""
    return {} if value is NOTHING and isinstance(other, Mapping) and other else value


def _in_mappings(
    old: Mapping[Any, Any], new: Mapping[Any, Any], parts: tuple[str, ...], visits: Visits
) -> Iterator[_Difference]:
    visits.spend(len(old) + len(new))
    for key in sorted({**old, **new}, key=str):
        was, now = old.get(key, NOTHING), new.get(key, NOTHING)
        if not same_value(was, now):
            yield from _differences(was, now, (*parts, str(key)), visits)


def _in_lists(
    old: Sequence[Any], new: Sequence[Any], parts: tuple[str, ...], visits: Visits
) -> Iterator[_Difference]:
    visits.spend(len(old) + len(new))
    shorter = min(len(old), len(new))
    start = next((i for i in range(shorter) if not same_value(old[i], new[i])), shorter)
    ends = range(shorter - start)
    end = next((i for i in ends if not same_value(old[-1 - i], new[-1 - i])), len(ends))
    for index in range(start, max(len(old), len(new)) - end):
        was = old[index] if index < len(old) - end else NOTHING
        now = new[index] if index < len(new) - end else NOTHING
        if not same_value(was, now):
            yield from _differences(was, now, (*parts, str(index)), visits)


def _name(parts: tuple[str, ...], above: str, ambiguous: bool) -> str:
    names = map(_quote, parts) if ambiguous else parts
    return ".".join((above, *names) if above else names)


def _quote(part: str) -> str:
    return json.dumps(part, ensure_ascii=False) if "." in part or not part else part


def _key_change(subject: str, old: Any, new: Any) -> KeyChange:
    """Return the change of one value; `NOTHING` is the value of a key that is not there."""
    if old is NOTHING:
        return KeyChange(subject, "added", None, new)
    if new is NOTHING:
        return KeyChange(subject, "removed", old, None)
    return KeyChange(subject, "modified", old, new)
