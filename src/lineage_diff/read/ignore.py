"""`.dvcignore`: Git's ignore patterns, matched in time linear in path and pattern.

DVC turns a pattern into a regular expression that can take exponential time
(`dvc.ignore.DvcIgnorePatterns`); the meaning here is the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from lineage_diff.read import limits

DVCIGNORE = ".dvcignore"


@dataclass(frozen=True, slots=True)
class Rule:
    """One pattern. `segments` are globs, `**` among them; `folder` is where it was written."""

    folder: str
    segments: tuple[str, ...]
    ignored: bool
    only_folders: bool


def parse_ignore(text: str, folder: str) -> tuple[Rule, ...]:
    """Parse a `.dvcignore` that lies in `folder`; rules after the 2,000th are left out."""
    rules = []
    for line in text.splitlines()[: limits.IGNORE_RULES]:
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        ignored = not pattern.startswith("!")
        pattern = pattern if ignored else pattern[1:]
        only_folders = pattern.endswith("/")
        core = pattern.rstrip("/")
        anchored = "/" in core
        segments = tuple(part for part in core.split("/") if part)
        if segments:
            where = segments if anchored else ("**", *segments)
            rules.append(Rule(folder, where, ignored, only_folders))
    return tuple(rules)


def is_ignored(path: str, is_folder: bool, rules: Iterable[Rule]) -> bool:
    """Whether the last rule that matches `path` ignores it; its folders are judged before it.

    `rules` are in order: a parent folder's first.
    """
    for rule in reversed(tuple(rules)):
        if rule.only_folders and not is_folder:
            continue
        prefix = f"{rule.folder}/" if rule.folder else ""
        if path.startswith(prefix) and _matches(rule, path[len(prefix) :].split("/"), is_folder):
            return rule.ignored
    return False


def _matches(rule: Rule, parts: list[str], is_folder: bool) -> bool:
    """Match the path or a folder above it, one pattern segment at a time."""
    count = len(parts)
    reached = {0}
    last = len(rule.segments) - 1
    for index, segment in enumerate(rule.segments):
        if segment == "**":
            first = min(reached)
            # At the end, `**` needs something inside, or the folder itself.
            start = first + (index == last and not is_folder)
            reached = set(range(start, count + 1))
        else:
            reached = {at + 1 for at in reached if at < count and _glob(segment, parts[at])}
        if not reached:
            return False
    return True


@lru_cache(maxsize=65536)
def _glob(pattern: str, name: str) -> bool:
    """Match a name against `*`, `?`, `[…]` and `\\`, remembering only the last star."""
    tokens = _tokens(pattern)
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
            resume += 1
            at, place = star + 1, resume
        else:
            return False
    return all(token == "*" for token in tokens[at:])  # noqa: S105


@lru_cache(maxsize=4096)
def _tokens(pattern: str) -> tuple[str, ...]:
    """Split into `*`, `?`, `[…]` and escaped or plain characters (as `=c`)."""
    found = re.findall(r"\*+|\?|\[[!^]?\]?[^\]]*\]|\\.|.", pattern, re.DOTALL)
    return tuple(
        "*" if part[0] == "*" else part if part == "?" or len(part) > 2 else f"={part[-1]}"
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
