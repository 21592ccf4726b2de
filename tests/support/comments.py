"""Read a comment back: what is above its folds, its rows, the models that it names."""

import re
from collections import Counter

_CODE = re.compile(r"<code>(.*?)</code>|(`+) ?(.+?) ?\2")
_MERMAID = re.compile(r"```mermaid.*?```", re.DOTALL)
# What only lets a line break, or keeps Markdown from reading a mark.
_UNSEEN = re.compile("<!--.*?-->|<wbr>")


def above_folds(comment: str) -> str:
    """Return what stands above the first folded section, without the picture."""
    return _MERMAID.sub("", comment.partition("<details>")[0]).partition("<picture>")[0]


def model_rows(above: str) -> int:
    """Count the rows of the table of models, without its head and the row for all others."""
    rows = [line for line in above.splitlines() if line.startswith("| ")]
    return sum(not row.startswith(("| Model |", "| … ")) for row in rows)


def equal_rows(comment: str) -> list[str]:
    """List the rows that a table or list of the comment has twice; a list within one counts by
    itself."""
    rows: Counter[tuple[int, str, str]] = Counter()
    for place, part in enumerate(_MERMAID.sub("", comment).split("<details>")):
        above = ""
        for line in part.splitlines():
            above = line if line.startswith("- ") else above
            if line.startswith(("| ", "- ", "  - ")) and not line.startswith("| |"):
                rows[place, above if line.startswith("  - ") else "", line] += 1
    return [row for (_, _, row), count in rows.items() if count > 1]


def models_held(comment: str) -> set[str]:
    """Return the paths of the models that the comment names, with the folder of their group."""
    found: set[str] = set()
    folder = ""
    for line in comment.splitlines():
        if line.startswith("- **") and " in " in line.partition(": ")[0]:
            folder = _last(line.partition(": ")[0])
        elif line.startswith("  - "):
            found |= {folder + code for code in _codes(line)}
        elif line.startswith("- "):
            folder = ""
            found |= set(_codes(line))
        elif line.startswith("| "):
            found |= set(_codes(line.split(" | ")[0]))
    return found


def _codes(text: str) -> list[str]:
    return [_plain(one or three) for one, _, three in _CODE.findall(text)]


def _last(line: str) -> str:
    return next(reversed(_codes(line)), "")


def _plain(code: str) -> str:
    # Imported here: only a name with marks of its own needs it.
    from html import unescape

    return unescape(_UNSEEN.sub("", code))
