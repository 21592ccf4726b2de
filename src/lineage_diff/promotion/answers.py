"""The answer of a condition, and lists of its details."""

from collections.abc import Sequence

from msgspec import Struct

from lineage_diff.report.promotion import ConditionState

MOST_DETAILS = 10
"""Further lines of one condition: a record that people read."""


class ConditionAnswer(Struct, frozen=True):
    """A state, one line for it with names in backticks, and further lines."""

    state: ConditionState
    line: str
    details: tuple[str, ...] = ()


def met(line: str, *details: str) -> ConditionAnswer:
    """Return the answer that a condition holds."""
    return ConditionAnswer("met", line, details)


def broken(line: str, details: Sequence[str] = ()) -> ConditionAnswer:
    """Return the answer that a condition does not hold."""
    return ConditionAnswer("broken", line, tuple(details))


def unknown(line: str, details: Sequence[str] = ()) -> ConditionAnswer:
    """Return the answer that it cannot be known whether a condition holds."""
    return ConditionAnswer("unknown", line, tuple(details))


def not_asked(line: str) -> ConditionAnswer:
    """Return the answer that a condition does not apply."""
    return ConditionAnswer("not-asked", line)


def listed(texts: Sequence[str], noun: str) -> tuple[str, tuple[str, ...]]:
    """Return a line for texts of one kind, and the details if there is more than one."""
    if len(texts) == 1:
        return texts[0], ()
    return f"{len(texts):,} {noun}", tuple(texts)
