"""`dvc.lock`, and the locks of DVC 1: what each stage last ran on.

The format is `dvc.schema.LOCKFILE_SCHEMA`. DVC writes one block of lines per stage; two revisions
share nearly all of them, so blocks are parsed one by one and remembered by their text.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from lineage_diff.lineage.problem import Problem
from lineage_diff.lineage.stage import Command, LockEntry
from lineage_diff.lineage.version import Version
from lineage_diff.read import problems
from lineage_diff.read.errors import InputError
from lineage_diff.read.key_lines import key_lines
from lineage_diff.read.lock_block import Items, parse_block
from lineage_diff.read.lock_version import locked_version
from lineage_diff.read.yaml_limits import has_references
from lineage_diff.read.yaml_loader import decode, load_yaml

_HEADER = re.compile(r"(?:schema: (?:'2\.0'|\"2\.0\")\n)?stages:\n(?=  [^\s])")
_BLOCK = re.compile(r"^  (?=[^\s])", re.MULTILINE)
_SCHEMA = re.compile(r"^schema: (?:'2\.0'|\"2\.0\")$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LockFile:
    """What a lock file holds. `schema` is `None` for an empty one, `1.0` for DVC 1's."""

    entries: Mapping[str, LockEntry] = field(default_factory=dict)
    schema: str | None = None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Block:
    """The text of one stage, whole lines, with what it holds."""

    text: str
    name: str
    entry: LockEntry
    lines: int


class LockReader:
    """Reads lock files, sharing what equal blocks hold between files and revisions."""

    def __init__(self) -> None:
        self._blocks: dict[str, _Block] = {}
        self._items: Items = {}
        self._last: list[_Block] = []

    def read(self, text: bytes, file: str) -> LockFile:
        """Parse a lock file. Raises `InputError` where nothing of it can be used."""
        decoded = decode(text, file)
        fast = self._read_blocks(decoded)
        if fast is not None:
            return LockFile(fast, "2.0")
        return _read_any(decoded, file)

    def _read_blocks(self, text: str) -> dict[str, LockEntry] | None:
        """Read a lock laid out as DVC writes it; `None` for any other.

        The next revision has nearly all blocks of the one before it, in the same order.
        """
        body = _lock_body(text)
        if body is None:
            return None
        line = text.count("\n", 0, len(text) - len(body)) + 1
        entries: dict[str, LockEntry] = {}
        blocks: list[_Block] = []
        places: dict[str, int] = {}
        last, place, start, end = self._last, 0, 0, len(body)
        while start < end:
            block = last[place] if place < len(last) else None
            if block is None or not _is_at(block.text, body, start):
                block = self._block(body[start : _next_block(body, start)], line)
                if block is None:
                    return None
                places = places or {other.name: index for index, other in enumerate(last)}
                place = places.get(block.name, place - 1)
            place += 1
            if block.entry.line != line:
                entry = replace(block.entry, line=line)
                block = self._blocks[block.text] = replace(block, entry=entry)
            if block.name in entries:
                return None
            entries[block.name] = block.entry
            blocks.append(block)
            line += block.lines
            start += len(block.text)
        self._last = blocks
        return entries

    def _block(self, text: str, line: int) -> "_Block | None":
        block = self._blocks.get(text)
        if block is None:
            parsed = self._parse(text, line)
            if parsed is None:
                return None
            block = self._blocks[text] = _Block(text, *parsed, text.count("\n"))
        return block

    def _parse(self, block: str, line: int) -> tuple[str, LockEntry] | None:
        parsed = parse_block(block, self._items, line)
        if parsed is not None:
            return parsed
        if has_references(block):
            return None
        try:
            data = load_yaml(block, "")
        except InputError:
            return None
        if not isinstance(data, dict) or len(data) != 1:
            return None
        (name, item), *_ = data.items()
        entry = lock_entry(item, line)
        return (name, entry) if isinstance(name, str) and entry is not None else None


def _is_at(block: str, body: str, start: int) -> bool:
    """Whether a block is the one that begins there: nothing of it follows."""
    end = start + len(block)
    return body.startswith(block, start) and (
        end == len(body) or _BLOCK.match(body, end) is not None
    )


def _next_block(body: str, start: int) -> int:
    found = _BLOCK.search(body, start + 1)
    return found.start() if found is not None else len(body)


def _lock_body(text: str) -> str | None:
    """Return the lines below `stages:` of a plain 2.0 lock, whose only other key is `schema`."""
    header = _HEADER.match(text)
    if header is None or not text.endswith("\n") or "\r" in text or "\t" in text:
        return None
    body, tail = text[header.end() :], ""
    if not header.group().startswith("schema"):
        cut = body.rfind("\nschema: ")
        if cut < 0:
            return None
        body, tail = body[: cut + 1], body[cut + 1 :]
        if not _SCHEMA.fullmatch(tail.rstrip("\n")):
            return None
    # A line that begins with no space: much faster than an expression for it.
    if body.count("\n ") != body.count("\n") - 1:
        return None
    return body


def lock_entry(item: Any, line: int | None) -> LockEntry | None:
    """Make a stage's entry from its loaded block; `None` where DVC's schema refuses it."""
    if not isinstance(item, dict) or not item.keys() <= {"cmd", "deps", "params", "outs"}:
        return None
    cmd = command(item.get("cmd"))
    deps, outs = _versions(item.get("deps", ())), _versions(item.get("outs", ()))
    params = item.get("params", {})
    if cmd is None or deps is None or outs is None or not isinstance(params, dict):
        return None
    if not all(isinstance(values, dict) for values in params.values()):
        return None
    return LockEntry(cmd, deps, outs, params, line)


def command(value: Any) -> Command:
    """Return a command as DVC keeps it: text, or the tuple of a list's items."""
    if isinstance(value, list):
        return tuple(str(part) for part in value)
    return value if isinstance(value, str) else None


def _versions(items: Iterable[Any]) -> dict[str, Version] | None:
    if not isinstance(items, list | tuple):
        return None
    versions: dict[str, Version] = {}
    for item in items:
        if not isinstance(item, dict) or not isinstance(item.get("path"), str):
            return None
        versions[item["path"]] = locked_version(item, item["path"])
    return versions


def _read_any(text: str, file: str) -> LockFile:
    data = load_yaml(text, file)
    if data is None or data == {}:
        return LockFile()
    if not isinstance(data, dict):
        raise _not_a_lock(file)
    lines = key_lines(text)
    schema = data.get("schema")
    if schema is None and "stages" not in data:
        return _entries(data, "1.0", text, file, key_lines(text, None), legacy=True)
    if schema is None:
        raise _not_a_lock(file, "the key `schema` is missing")
    if str(schema) != "2.0" or not isinstance(schema, str):
        found = problems.newer_lock(file, str(schema), _line_of(text, "schema"))
        return LockFile(schema=str(schema), problems=(found,))
    stages = data.get("stages", {})
    if not isinstance(stages, dict):
        raise _not_a_lock(file, "`stages` is not a mapping")
    return _entries(stages, "2.0", text, file, lines)


def _entries(
    stages: Mapping[Any, Any],
    schema: str,
    text: str,
    file: str,
    lines: Mapping[str, int],
    legacy: bool = False,
) -> LockFile:
    entries: dict[str, LockEntry] = {}
    found: list[Problem] = [problems.legacy_lock(file)] if legacy else []
    for name, item in stages.items():
        line = lines.get(str(name))
        entry = lock_entry(item, line)
        if entry is None:
            what = "not a lock entry that DVC writes"
            found.append(problems.invalid_pipeline(file, f"`{name}`", what, line, partial=False))
        else:
            entries[str(name)] = entry
    return LockFile(entries, schema, tuple(found))


def _not_a_lock(file: str, what: str = "not a lock file: no mapping of stages") -> InputError:
    return InputError(what, mend="Write it again with `dvc repro` or `dvc commit`.", file=file)


def _line_of(text: str, key: str) -> int | None:
    match = re.search(rf"^{key}\s*:", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else None
