"""Read the whole entries of a damaged lock: those beside a conflict, or an error of an edit.

DVC reads nothing of such a lock. The lines from one stage's name to the next are its entry, unless
a conflict reaches into them.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator

from lineage_diff.dvc.lock.entry import lock_entry
from lineage_diff.dvc.lock.schema import entry_error
from lineage_diff.errors import InputError
from lineage_diff.lineage.stage import LockEntry
from lineage_diff.parsing.work_budget import PARSING, WorkBudget
from lineage_diff.parsing.yaml_limits import has_references
from lineage_diff.parsing.yaml_loader import load_yaml

_HEADER = re.compile(r"(?:#[^\n]*\n|\n)*schema: ['\"]2\.0['\"]\n(?:#[^\n]*\n|\n)*stages:\n")
_NAME = re.compile(r"  (?P<name>[^\s#'\"\-?&*!|>@`{\[][^\n]*):\s*$")
_MARKS = ("<<<<<<<", "|||||||", "=======", ">>>>>>>")


def salvage(text: str, work: WorkBudget | None) -> dict[str, LockEntry]:
    """Return, by name, the entries that a run surely wrote; none for any other layout."""
    header = _HEADER.match(text)
    if header is None or "\r" in text or has_references(text):
        return {}
    (work or WorkBudget()).spend(len(text), PARSING)
    first = text.count("\n", 0, header.end())
    lines = text.split("\n")
    doubtful = _doubtful_lines(lines)
    if doubtful is None:
        return {}
    names = [at for at in range(first, len(lines)) if _NAME.match(lines[at])]
    counts = Counter(lines[at].strip() for at in names)
    marks = [at for at, line in enumerate(lines) if line.startswith(_MARKS)]
    bounds = sorted({*names, *marks, _end(lines, first)})
    found: dict[str, LockEntry] = {}
    for at in names:
        end = bounds[min(bisect_right(bounds, at), len(bounds) - 1)]
        if counts[lines[at].strip()] == 1 and not any(line in doubtful for line in range(at, end)):
            found.update(_entry("\n".join(lines[at:end]), at + 1))
    return found


def _end(lines: list[str], first: int) -> int:
    """Return where the stages end: at the next key of the top level, or with the text."""
    tops = (n for n in range(first, len(lines)) if lines[n][:1] not in ("", " ", "#"))
    return next((n for n in tops if not lines[n].startswith(_MARKS)), len(lines))


def _entry(block: str, line: int) -> Iterator[tuple[str, LockEntry]]:
    try:
        data = load_yaml(block, "")
    except InputError:
        return
    if isinstance(data, dict) and len(data) == 1:
        (name, item), *_ = data.items()
        entry = lock_entry(item, line) if entry_error(item) is None else None
        if entry is not None and isinstance(name, str):
            yield name, entry


def _doubtful_lines(lines: list[str]) -> set[int] | None:
    """Return the lines that a conflict may change; `None` if its marks make no pairs.

    A conflict of whole entries does not reach into the entry before it.
    """
    doubtful: set[int] = set()
    start: int | None = None
    for number, line in enumerate(lines):
        mark = line[:7]
        if mark not in _MARKS:
            continue
        if (mark == "<<<<<<<") == (start is not None):
            return None
        if mark == "<<<<<<<":
            start = number
        elif mark == ">>>>>>>" and start is not None:
            doubtful |= _reach(lines, start, number)
            start = None
    return doubtful if start is None else None


def _reach(lines: list[str], start: int, end: int) -> set[int]:
    """Return the lines of the conflict, and those beside it if it is inside of an entry."""
    after = [at + 1 for at in range(start, end + 1) if lines[at].startswith(_MARKS)]
    is_whole = all(_begins(lines[at]) for at in after if at < len(lines))
    inner = range(start, end + 1)
    return {*inner} if is_whole else {start - 1, *inner, end + 1}


def _begins(line: str) -> bool:
    return not line.startswith(" ") or bool(_NAME.match(line))
