"""What the answers need of an engine of SQL, and literals for its queries."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

Found = Mapping[str, Any]
"""A row by the names of its columns. Times are aware, lists are lists."""

_LITERALS = 5_000
"""Literals in one query: a parser takes longer for more, and the answer is the same in parts."""


class Engine(Protocol):
    """Answers queries on the views of `organization.views`."""

    def rows(self, sql: str) -> Iterator[Found]:
        """Yield the rows of a query."""
        ...


def literal(value: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + value.replace("'", "''") + "'"


def one_of(column: str, values: Sequence[str]) -> str:
    """Return the condition that a column has one of some values; they must not be too many."""
    if len(values) == 1:
        return f"{column} = {literal(values[0])}"
    return f"{column} IN ({', '.join(map(literal, values))})"


def in_parts(values: Iterable[str]) -> Iterator[Sequence[str]]:
    """Yield values without repetition, sorted, in numbers that one query takes."""
    ordered = sorted(set(values))
    for start in range(0, len(ordered), _LITERALS):
        yield ordered[start : start + _LITERALS]


def overlaps(column: str, path: str) -> str:
    """Return the condition that a path is the one named, lies in it, or is a folder around it."""
    parts = path.split("/")
    around = ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
    # "0" follows "/": all paths in the folder, as a range that statistics exclude.
    inside = f"{column} >= {literal(path + '/')} AND {column} < {literal(path + '0')}"
    return f"({one_of(column, around)} OR ({inside}))"
