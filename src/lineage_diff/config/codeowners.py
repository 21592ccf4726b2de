"""Find the code owners of paths, by the rules that GitHub documents.

https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners

The first of three files counts, and in it the last pattern that matches. Patterns are those of
`.gitignore`, without `!`, `[ ]` and an escaped `#`: GitHub skips such lines. `docs/*` matches no
file of a folder inside. A pattern without owners leaves its files without owners.
"""

import re
from collections.abc import Iterator

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)?|[^\s@]+@[^\s@]+")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_PATTERN = re.compile(r"((?:\\ |[^\s])+)\s*(.*)")
_MOST_STARS = 3
_STARS = re.compile(r"\*+|\?|[^*?]+")


class OwnersLine(Struct, frozen=True):
    """One line of the file: a pattern as a regular expression, and its owners."""

    pattern: re.Pattern[str]
    owners: tuple[str, ...]


class CodeOwners(Struct, frozen=True):
    """The lines of a `CODEOWNERS` file, the last one first. `file` is its path, if there is one."""

    file: str | None = None
    lines: tuple[OwnersLine, ...] = ()

    def of(self, path: str) -> tuple[str, ...]:
        """Return the owners of a path: users, teams and addresses as the file has them."""
        found = next((line for line in self.lines if line.pattern.match(path)), None)
        return found.owners if found is not None else ()


def read_codeowners(snapshot: Snapshot) -> CodeOwners:
    """Return the code owners that a commit names; none for a file that is unreadable or too long.

    GitHub does not load a file of more than 3 MB.
    """
    for place in PLACES:
        try:
            target = snapshot.resolve(place)
            text = snapshot.read(place) if target is not None else None
        except InputError:
            return CodeOwners()
        if text is not None:
            if len(text) > limits.CODEOWNERS_BYTES:
                return CodeOwners()
            lines = tuple(lines_of(text.decode("utf-8", "replace")))
            return CodeOwners(place, lines[::-1])
    return CodeOwners()


def lines_of(text: str) -> Iterator[OwnersLine]:
    """Yield the lines of a file that GitHub takes, in their order."""
    for line in text.split("\n")[: limits.CODEOWNERS_LINES]:
        found = _PATTERN.fullmatch(_COMMENT.sub("", line).strip())
        if found is None:
            continue
        pattern, owners = found[1].replace("\\ ", " "), found[2].split()
        refused = pattern.startswith("!") or any(sign in pattern for sign in "[]\\")
        # Each `**` may try all folders of a path.
        refused = refused or not pattern.strip("/") or pattern.count("**") > _MOST_STARS
        if refused or not all(map(_OWNER.fullmatch, owners)):
            continue
        yield OwnersLine(_compiled(pattern), tuple(owners))


def _compiled(pattern: str) -> re.Pattern[str]:
    trimmed = pattern.strip("/")
    anchored = "/" in pattern.rstrip("/")
    start = "" if anchored else "(?:.*/)?"
    if pattern.endswith("/"):
        end = "/.*"
    elif pattern.endswith("/*"):
        end = ""
    else:
        end = "(?:/.*)?"
    return re.compile(f"{start}{''.join(_segments(trimmed))}{end}\\Z", re.DOTALL)


def _segments(pattern: str) -> Iterator[str]:
    """Yield the parts of a pattern with their slashes; `**` stands for any number of folders."""
    parts = pattern.split("/")
    for part in parts[:-1]:
        yield "(?:.*/)?" if part == "**" else f"{''.join(map(_signs, _STARS.findall(part)))}/"
    yield ".*" if parts[-1] == "**" else "".join(map(_signs, _STARS.findall(parts[-1])))


def _signs(text: str) -> str:
    if text.startswith("*"):
        return "[^/]*"
    return "[^/]" if text == "?" else re.escape(text)
