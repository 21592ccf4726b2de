"""Globs of one path segment: `*`, `?`, `[…]` and `\\`, indexed by their plain start or end."""

import re
from collections.abc import Callable
from functools import lru_cache
from sys import intern
from typing import Generic, TypeVar

from lineage_diff.parsing.work_budget import IGNORING, WorkBudget

T = TypeVar("T")
_SPECIAL = frozenset("*?[\\")
_TOKENS = re.compile(r"\*+|\?|\[[!^]?\]?[^\]]*\]|\\.|.", re.DOTALL)


def is_glob(segment: str) -> bool:
    """Return whether a segment may match names other than itself."""
    return not _SPECIAL.isdisjoint(segment)


class Globs(Generic[T]):
    """A value for each glob. A name is matched only with globs that share its plain ends."""

    def __init__(self) -> None:
        self._known: dict[str, T] = {}
        self._heads: dict[int, dict[str, list[tuple[str, T]]]] = {}
        self._tails: dict[int, dict[str, list[tuple[str, T]]]] = {}
        self._found: dict[str, list[T]] = {}

    def get(self, pattern: str, new: Callable[[], T]) -> T:
        """Return the value of a pattern, from `new` if the pattern is unknown."""
        if pattern not in self._known:
            value = self._known[pattern] = new()
            head, tail = _ends(pattern)
            # With neither, it is stored under the empty tail, which every name has.
            ends, plain = (self._heads, head) if head else (self._tails, tail)
            ends.setdefault(len(plain), {}).setdefault(plain, []).append((pattern, value))
        return self._known[pattern]

    def matching(self, name: str, work: WorkBudget) -> list[T]:
        """Return the values of the patterns that match a name. Raises `TooMuchWorkError`."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._search(name, work)
        return found

    def _search(self, name: str, work: WorkBudget) -> list[T]:
        work.spend(8 + len(self._heads) + len(self._tails), IGNORING)
        asked: list[tuple[str, T]] = []
        for length, by_head in self._heads.items():
            asked += by_head.get(name[:length], ())
        for length, by_tail in self._tails.items():
            asked += by_tail.get(name[len(name) - length :] if length <= len(name) else name, ())
        return [value for pattern, value in asked if glob_matches(pattern, name, work)]


def _ends(pattern: str) -> tuple[str, str]:
    """Return the plain characters at the start and at the end of a pattern."""
    special = [place for place, char in enumerate(pattern) if char in _SPECIAL]
    tail = pattern[special[-1] + 1 :] if pattern[special[-1]] == "*" else ""
    return pattern[: special[0]], "" if "[" in pattern or "\\" in pattern else tail


def glob_matches(pattern: str, name: str, work: WorkBudget) -> bool:
    """Match a whole name; backtrack to the last star only. Raises `TooMuchWorkError`."""
    tokens = _tokens(pattern)
    work.spend(len(name) + 1, IGNORING)
    at = place = 0
    star, resume = -1, 0
    while place < len(name):
        if at < len(tokens) and tokens[at] == "*":
            star, resume = at, place
            at += 1
        elif at < len(tokens) and _token_matches(tokens[at], name[place]):
            at += 1
            place += 1
        elif star >= 0:
            # The characters since the star are matched again.
            work.spend(place - resume + 1, IGNORING)
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return all(token == "*" for token in tokens[at:])  # noqa: S105


@lru_cache(maxsize=4096)
def _tokens(pattern: str) -> tuple[str, ...]:
    """Split into `*`, `?`, `[…]` and escaped or plain characters (as `=c`)."""
    found = _TOKENS.findall(pattern)
    return tuple(
        "*" if part[0] == "*" else part if part == "?" or len(part) > 2 else intern(f"={part[-1]}")
        for part in found
    )


def _token_matches(token: str, char: str) -> bool:
    if token == "?":  # noqa: S105
        return True
    if token[0] == "=":
        return token[1] == char
    inverted = token[1] in "!^"
    members = token[2 if inverted else 1 : -1]
    hit = False
    place = 0
    while place < len(members):
        if members[place + 1 : place + 2] == "-" and place + 2 < len(members):
            hit = hit or members[place] <= char <= members[place + 2]
            place += 3
        else:
            hit = hit or members[place] == char
            place += 1
    return hit != inverted
