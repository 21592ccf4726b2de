"""One stage's block of `dvc.lock` by its lines, for the few shapes that DVC itself writes.

Much faster than YAML. What is not surely one of these shapes is left to the YAML loader.
"""

import re
from typing import Any

from lineage_diff.read.yaml_loader import plain_value

# Characters that no YAML rule gives a meaning to inside a plain scalar.
_PLAIN = r"[A-Za-z0-9_./~+][\w./@%+=,;()$\-\\]*(?: [\w./@%+=,;()$\-\\'\"<>|&*?!]+)*"
_VALUE = re.compile(rf"(?:(?P<plain>{_PLAIN})|'(?P<quoted>[^'\n]*)')", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][\w.@/\-]*", re.ASCII)
_CONTINUED = re.compile(
    r" {6}(?P<more>[\w./@%+=,;()$\-\\][\w./@%+=,;()$\-\\ '\"<>|&*?!]*)", re.ASCII
)
_FIELDS = frozenset(
    ("path", "hash", "md5", "size", "nfiles", "isexec", "etag", "checksum", "version_id")
)


def parse_block(block: str) -> dict[str, dict[str, Any]] | None:
    """Return `{name: {cmd, deps, params, outs}}` as the YAML loader would, or `None`."""
    lines = block.rstrip("\n").split("\n")
    head = lines[0]
    name = head[2:-1]
    if not head.endswith(":") or not _is_string(name):
        return None
    stage: dict[str, Any] = {}
    index = 1
    while index < len(lines):
        line = lines[index]
        index += 1
        if line.startswith("    cmd: ") and "cmd" not in stage:
            value, index = _command(line[9:], lines, index)
        elif line in ("    deps:", "    outs:") and line[4:8] not in stage:
            value, index = _items(lines, index)
        elif line == "    params:" and "params" not in stage:
            value, index = _params(lines, index)
        else:
            return None
        if value is None:
            return None
        stage[line[4 : line.index(":")]] = value
    return {name: stage}


def _is_string(key: str) -> bool:
    return bool(_NAME.fullmatch(key)) and isinstance(_plain(key), str)


def _plain(text: str) -> Any:
    try:
        return plain_value(text)
    except ValueError:
        return None


def _scalar(text: str) -> Any:
    """Return a value; `None` for whatever is not surely a string, number or bool."""
    match = _VALUE.fullmatch(text)
    if match is None:
        return None
    quoted = match["quoted"]
    return quoted if quoted is not None else _plain(text)


def _command(first: str, lines: list[str], index: int) -> tuple[str | None, int]:
    value = _scalar(first)
    if not isinstance(value, str):
        return None, index
    parts = [value]
    while index < len(lines) and (more := _CONTINUED.fullmatch(lines[index])):
        if first.startswith("'"):
            return None, index
        parts.append(more["more"].rstrip())
        index += 1
    return " ".join(parts), index


def _items(lines: list[str], index: int) -> tuple[list[dict[str, Any]] | None, int]:
    items: list[dict[str, Any]] = []
    while index < len(lines):
        line = lines[index]
        if line.startswith("    - "):
            items.append({})
        elif not line.startswith("      ") or not items:
            break
        key, colon, text = line[6:].partition(": ")
        value = _scalar(text)
        item = items[-1]
        if not colon or key not in _FIELDS or value is None or key in item:
            return None, index
        item[key] = value
        index += 1
    return items or None, index


def _params(lines: list[str], index: int) -> tuple[dict[str, Any] | None, int]:
    files: dict[str, dict[str, Any]] = {}
    values: dict[str, Any] | None = None
    while index < len(lines) and lines[index].startswith("      "):
        line = lines[index]
        if line.startswith("        "):
            key, colon, text = line[8:].partition(": ")
            value = _scalar(text)
            if values is None or not colon or not _is_string(key) or value is None or key in values:
                return None, index
            values[key] = value
        else:
            file = line[6:-1]
            if not line.endswith(":") or not _is_string(file) or file in files or values == {}:
                return None, index
            values = files.setdefault(file, {})
        index += 1
    return (files if files and values else None), index
