"""Parse one stage's block of `dvc.lock` line by line, in the few shapes that DVC writes.

Much faster than YAML. Any block that is not surely in one of these shapes is left to the YAML
loader.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from msgspec.structs import replace

from lineage_diff.dvc.lock.entry import lock_entry, locked_version
from lineage_diff.dvc.lock.schema import entry_error, item_error
from lineage_diff.errors import DamagedBlockError, InputError
from lineage_diff.lineage.stage import LockEntry
from lineage_diff.lineage.version import Hash, Version
from lineage_diff.parsing.work_budget import TooMuchWorkError, WorkBudget
from lineage_diff.parsing.yaml_limits import has_references
from lineage_diff.parsing.yaml_loader import load_yaml, plain_value
from lineage_diff.parsing.yaml_scalars import HEX_WORD

# The size of the caches for names, commands and params: enough for one large lock.
_REMEMBERED = 16_384

# A cache of paths with their versions by the lines as written: most are repeated.
Items = dict[str, tuple[str, Version]]
_NO_PARAMS: Mapping[str, Mapping[str, Any]] = {}

# Characters without a special meaning inside a plain scalar of YAML.
_PLAIN = r"[A-Za-z0-9_./~+][\w./@%+=,;()$\-\\]*(?: [\w./@%+=,;()$\-\\'\"<>|&*?!]+)*"
_VALUE = re.compile(rf"(?:(?P<plain>{_PLAIN})|'(?P<quoted>[^'\n]*)')", re.ASCII)
_NAME = re.compile(r"[A-Za-z_][\w.@/\-]*", re.ASCII)
_CONTINUED = re.compile(
    r" {6}(?P<more>[\w./@%+=,;()$\-\\][\w./@%+=,;()$\-\\ '\"<>|&*?!]*)", re.ASCII
)
_SECTION = re.compile(r"^    (?=[a-z])", re.MULTILINE)
_FIELDS = frozenset(
    ("path", "hash", "md5", "size", "nfiles", "isexec", "etag", "checksum", "version_id")
)


# The usual form of an item, matched in one step of the regular expression engine. Nothing in it
# looks like the begin of another one.
_ITEM_BEGIN = "    - path: "
_ITEM_REST = (
    r"(?!(?i:true|false|null)\n)((?:\.\./)*[A-Za-z_][\w./@%+=\-]*)\n"
    r"(?:      hash: (md5)\n)?"
    rf"      md5: ({HEX_WORD}(?:\.dir)?)\n"
    r"      size: (0|[1-9][0-9]{0,17})\n"
    r"(?:      nfiles: (0|[1-9][0-9]{0,17})\n)?"
)
_HASH_FIELD = "      hash: md5"
_MD5_FIELD, _SIZE_FIELD, _COUNT_FIELD = "      md5: ", "      size: ", "      nfiles: "
_SOME_ITEMS = f"((?:{_ITEM_BEGIN}" + re.sub(r"(?<!\\)\((?!\?)", "(?:", _ITEM_REST) + ")+)"
_MORE_LINES = r"(?: {6}[^\n]*\n)"
# The usual form of a whole block.
_USUAL = re.compile(
    rf"  ([A-Za-z_][\w.@/\-]*):\n    cmd: ([^\n]+)\n({_MORE_LINES}*)"
    rf"(?:    deps:\n{_SOME_ITEMS})?"
    rf"(?:    params:\n({_MORE_LINES}+))?"
    rf"(?:    outs:\n{_SOME_ITEMS})?",
    re.ASCII,
)


_BEGIN = re.compile(r"  ([A-Za-z_][\w.@/\-]*):\n    cmd: ", re.ASCII)
_OUTS = "\n    outs:\n"
_ALL_ITEMS = re.compile(_SOME_ITEMS, re.ASCII)
_PATH = re.compile(r"    - path: (.*)\n")


class LockBlock:
    """The block of a stage, parsed when its entry is first needed.

    A long history needs few entries. Only a block with the start and end that DVC writes stays
    unparsed: its name and the paths of its outs are then known.
    """

    __slots__ = ("_entry", "_items", "name", "paths", "text")

    def __init__(
        self,
        name: str,
        text: bytes,
        paths: Iterable[str],
        items: Items,
        entry: LockEntry | None = None,
    ) -> None:
        """Take the `paths` of its outs as written; without an `entry`, parse `text` later."""
        self.name = name
        self.paths = tuple(paths)
        self.text = text
        self._entry = entry
        self._items = items

    @classmethod
    def of(
        cls,
        text: bytes,
        items: Items,
        work: WorkBudget | None = None,
        strict: bool = False,
        line: int | None = None,
    ) -> "LockBlock | None":
        """Return the block of a stage, `None` if the text is surely not one.

        `items` is the cache of versions. If it is `strict`, the block is parsed at once, with the
        given line (from 1). Raises `TooMuchWorkError`.
        """
        try:
            block = text.decode("utf-8")
        except UnicodeDecodeError:
            return None
        begin = _BEGIN.match(block) if not strict else None
        if begin is not None and _is_string(begin[1]):
            outs = block.find(_OUTS)
            if outs >= 0 and _ALL_ITEMS.fullmatch(block, outs + len(_OUTS)):
                return cls(begin[1], text, _PATH.findall(block, outs), items)
        read = _read(block, items, line, work)
        return cls(read[0], text, read[1].outs, items, read[1]) if read is not None else None

    @property
    def lines(self) -> int:
        """The number of its lines."""
        return self.text.count(b"\n")

    def entry(self, line: int | None = None, work: WorkBudget | None = None) -> LockEntry:
        """Return the block's entry, with the given line (from 1).

        Raises `DamagedBlockError` if the block turns out not to be a stage block, and
        `TooMuchWorkError`.
        """
        if self._entry is None:
            read = _read(self.text.decode("utf-8"), self._items, line, work)
            if read is None:
                raise DamagedBlockError(self.name)
            self._entry = read[1]
        if line is not None and self._entry.line != line:
            self._entry = replace(self._entry, line=line)
        return self._entry


def _read(
    text: str, items: Items, line: int | None, work: WorkBudget | None
) -> tuple[str, LockEntry] | None:
    return parse_block(text, items, line) or _by_yaml(text, line, work)


def _by_yaml(text: str, line: int | None, work: WorkBudget | None) -> tuple[str, LockEntry] | None:
    if has_references(text):
        return None
    try:
        data = load_yaml(text, "", work)
    except TooMuchWorkError:
        raise
    except InputError:
        return None
    if not isinstance(data, dict) or len(data) != 1:
        return None
    (name, item), *_ = data.items()
    entry = lock_entry(item, line) if entry_error(item) is None else None
    return (name, entry) if isinstance(name, str) and entry is not None else None


def parse_block(block: str, items: Items, line: int | None = None) -> tuple[str, LockEntry] | None:
    """Return a stage's name and entry, equal to those from the YAML loader, or `None`.

    `items` is the cache of versions; `line` is the block's first line, from 1.
    """
    usual = _USUAL.fullmatch(block)
    if usual is None:
        return _by_section(block, line)
    name, first, more, deps, written, outs = usual.groups("")
    cmd, params = _command(first, more), _params(written) if written else _NO_PARAMS
    if cmd is None or params is None or not _is_string(name):
        return None
    return name, LockEntry(cmd, _usual_items(deps, items), _usual_items(outs, items), params, line)


def _by_section(block: str, line: int | None) -> tuple[str, LockEntry] | None:
    head, _, body = block.partition("\n")
    name = head[2:-1]
    starts = [match.start() for match in _SECTION.finditer(body)]
    if not head.endswith(":") or not _is_string(name) or not starts or starts[0]:
        return None
    stage: dict[str, Any] = {}
    for start, end in zip(starts, [*starts[1:], len(body)], strict=True):
        title, _, text = body[start:end].partition("\n")
        key = title[4:].partition(":")[0]
        value = _section(title, text)
        if value is None or key in stage:
            return None
        stage[key] = value
    deps, outs = stage.get("deps", {}), stage.get("outs", {})
    return (
        (name, LockEntry(stage["cmd"], deps, outs, stage.get("params", {}), line))
        if ("cmd" in stage)
        else None
    )


def _section(title: str, text: str) -> Any:
    """Return the value of one key of a stage; `None` for any text in doubt."""
    if title.startswith("    cmd: "):
        return _command(title[9:], text)
    if title in ("    deps:", "    outs:"):
        return _items(text)
    if title == "    params:":
        return _params(text)
    return None


def _usual_items(text: str, items: Items) -> dict[str, Version]:
    """Return the versions by path of items that `_SOME_ITEMS` matches."""
    versions: dict[str, Version] = {}
    for lines in text.split(_ITEM_BEGIN)[1:]:
        item = items.get(lines)
        if item is None:
            item = items[lines] = _usual_item(lines)
        versions[item[0]] = item[1]
    return versions


def _usual_item(lines: str) -> tuple[str, Version]:
    # By the places that `_ITEM_REST` gives its values: a third of the time of a pattern.
    fields = lines.split("\n")
    has_scheme = fields[1] == _HASH_FIELD
    md5, size, nfiles = fields[2:5] if has_scheme else fields[1:4]
    found = Hash("md5" if has_scheme else "md5-dos2unix", md5[len(_MD5_FIELD) :])
    count = int(nfiles[len(_COUNT_FIELD) :]) if nfiles else None
    return fields[0], Version(found, int(size[len(_SIZE_FIELD) :]), count)


@lru_cache(_REMEMBERED)
def _is_string(key: str) -> bool:
    return bool(_NAME.fullmatch(key)) and isinstance(_plain(key), str)


def _plain(text: str) -> Any:
    try:
        return plain_value(text)
    except ValueError:
        return None


def _scalar(text: str) -> Any:
    """Return a value; `None` for any text that is not surely a string, number or bool."""
    match = _VALUE.fullmatch(text)
    if match is None:
        return None
    quoted = match["quoted"]
    return quoted if quoted is not None else _plain(text)


@lru_cache(_REMEMBERED)
def _command(first: str, text: str) -> str | None:
    value = _scalar(first)
    if not isinstance(value, str):
        return None
    parts = [value]
    for line in text.splitlines():
        more = _CONTINUED.fullmatch(line)
        if more is None or first.startswith("'"):
            return None
        parts.append(more["more"].rstrip())
    return " ".join(parts)


def _items(text: str) -> dict[str, Version] | None:
    items: list[dict[str, Any]] = []
    for line in text.splitlines():
        if line.startswith("    - "):
            items.append({})
        elif not line.startswith("      ") or not items:
            return None
        key, colon, written = line[6:].partition(": ")
        value = _scalar(written)
        item = items[-1]
        if not colon or key not in _FIELDS or value is None or key in item:
            return None
        item[key] = value
    versions: dict[str, Version] = {}
    for item in items:
        path = item.get("path")
        if not isinstance(path, str) or item_error(item):
            return None
        versions[path] = locked_version(item, path)
    return versions or None


@lru_cache(_REMEMBERED)
def _params(text: str) -> Mapping[str, Mapping[str, Any]] | None:
    files: dict[str, dict[str, Any]] = {}
    values: dict[str, Any] | None = None
    for line in text.splitlines():
        if line.startswith("        "):
            key, colon, written = line[8:].partition(": ")
            value = _scalar(written)
            if values is None or not colon or not _is_string(key) or value is None or key in values:
                return None
            values[key] = value
        else:
            file = line[6:-1]
            good = line.startswith("      ") and line.endswith(":") and _is_string(file)
            if not good or file in files or values == {}:
                return None
            values = files[file] = {}
    return files if values else None
