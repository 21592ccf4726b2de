"""Find the line numbers of keys from the layout of a YAML text, without a parser."""

import re

_INDENT = re.compile(r"(?:[ ]*(?:#[^\n]*)?\r?\n)*(?P<indent>[ ]+)[^\s#]")
_KEY = r"""("[^"\n]*"|'[^'\n]*'|[^\s#"'\-][^:\n]*):(?=\s|$)"""
_END = re.compile(r"\n(?=[^\s#])")


def key_lines(text: str, parent: str | None = "stages") -> dict[str, int]:
    """Return, by key, the line of each key directly below `parent` (`None`: the top level).

    Lines count from 1. A key that does not begin a line, as in `{a: 1}`, is left out.
    """
    # A byte order mark is not part of the first key.
    text = text.removeprefix("\ufeff")
    start, end, indent = 0, len(text), ""
    if parent is not None:
        head = re.search(rf"^{re.escape(parent)}[ ]*:[ ]*(?:#.*)?\r?\n", text, re.MULTILINE)
        first = _INDENT.match(text, head.end()) if head else None
        if head is None or first is None:
            return {}
        start, indent = head.end(), first["indent"]
        after = _END.search(text, start)
        end = after.start() if after else end
    # The pattern includes the line end before: searching for it is fast.
    keys = re.compile(rf"\n{indent}{_KEY}", re.MULTILINE)
    lines: dict[str, int] = {}
    number, counted = 1, 0
    text, end = f"\n{text}", end + 1
    for match in keys.finditer(text, start, end):
        number += text.count("\n", counted, match.start())
        counted = match.start()
        lines.setdefault(match[1].strip("'\" "), number)
    return lines
