"""Limit the size and depth of a YAML text before a parser builds anything from it.

`ValueBuilder` recurses, and merges and aliases expand. Both are limited here on the stream of
events, which libyaml produces without recursion.
"""

import re
from collections.abc import Iterator
from typing import Any

from lineage_diff.errors import InputError

MAX_DEPTH = 100
# A block level needs a column: only 64 columns of indent, indicators or tags can be deep.
_INDENT = re.compile(r"(?:[ \t]|[-?:](?=[ \t])|![^ \t\n]*+){64}")
# Searching for line ends is ten times as fast as testing each character for the start of a line.
_INDENT_BELOW = re.compile(rf"\n{_INDENT.pattern}")
_REFERENCE = re.compile(r"(?:^|[\s\[{,:\-])[*&][^\s&*]", re.MULTILINE)


def has_references(text: str) -> bool:
    """Return whether a text may contain anchors or aliases; a shell's `*.csv` also counts."""
    return ("*" in text or "&" in text) and bool(_REFERENCE.search(text))


def most_values(text: str) -> int:
    """Return an upper bound of the values in a text without aliases."""
    # Every value needs one of these.
    return sum(map(text.count, "\n,:[{"))


def check_yaml_limits(text: str, events: Iterator[Any], file: str, max_values: int) -> int:
    """Refuse a text that is nested too deep, or too large when its aliases are expanded.

    Returns an upper bound of its values, which is at most `max_values`. `events` are PyYAML's;
    they are read only when the characters of the text leave a doubt. Raises `InputError` with the
    line.
    """
    marks = most_values(text)
    if marks > max_values:
        raise too_large(file, max_values)
    openers = text.count("[") + text.count("{")
    if openers < MAX_DEPTH // 2 and not _is_indented(text) and not has_references(text):
        return marks
    return max(marks, _check_events(events, file, max_values))


def _is_indented(text: str) -> bool:
    return bool(_INDENT.match(text) or _INDENT_BELOW.search(text))


def _check_events(events: Iterator[Any], file: str, max_values: int) -> int:
    # Imported here: the fast readers need no PyYAML.
    import yaml

    open_nodes: list[tuple[str | None, int]] = []
    sizes: dict[str | None, int] = {}
    total = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, total))
            total += 1
            if len(open_nodes) > MAX_DEPTH:
                raise too_deep(file, _line(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_nodes.pop()
            if anchor is not None:
                sizes[anchor] = total - before
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if event.anchor is not None:
                sizes[event.anchor] = 1
        elif isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in open_nodes):
                raise too_large(file, max_values, _line(event))
            total += sizes.get(event.anchor, 1)
        if total > max_values:
            raise too_large(file, max_values, _line(event))
    return total


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def too_deep(file: str, line: int | None = None) -> InputError:
    """Error for a text nested deeper than any DVC file needs."""
    return InputError(
        f"nested deeper than {MAX_DEPTH} levels",
        hint="Make the structure flatter.",
        file=file,
        line=line,
    )


def too_large(file: str, max_values: int, line: int | None = None) -> InputError:
    """Error for a text with too many values, counted with aliases expanded."""
    return InputError(
        f"more than {max_values:,} values when its aliases are expanded",
        hint="Split the file, or raise `limits: yaml-nodes` in the base's configuration.",
        file=file,
        line=line,
    )
