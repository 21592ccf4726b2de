"""Read `dvc.lock`, also in the format of DVC 1: the versions of each stage's last run.

The format is `dvc.schema.LOCKFILE_SCHEMA`. DVC writes one block of lines per stage; two revisions
share nearly all of them, so blocks are parsed one by one and cached by their text.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.dvc import problems
from lineage_diff.dvc.lock.blocks import Blocks, LockBlocks, find_blocks
from lineage_diff.dvc.lock.datasets import datasets_of
from lineage_diff.dvc.lock.entry import lock_entry
from lineage_diff.dvc.lock.fast_parser import LockBlock
from lineage_diff.dvc.lock.salvage import salvage
from lineage_diff.dvc.lock.schema import entry_error
from lineage_diff.dvc.read_budget import allowed_stages, too_many_stages
from lineage_diff.errors import DamagedBlockError, InputError, MalformedError
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.lineage import Problem
from lineage_diff.lineage.stage import LockEntry
from lineage_diff.parsing.line_numbers import key_lines
from lineage_diff.parsing.work_budget import LastTexts, WorkBudget
from lineage_diff.parsing.yaml_loader import decode, load_yaml

# Lock files that are remembered by their text, for copies of them in other folders.
_COPIED = 16


class LockFile(Struct, frozen=True):
    """The contents of a lock file. `schema` is `None` for an empty one, `1.0` for DVC 1's.

    `datasets` are its entries for the datasets of the `dvc.yaml`, by name.
    """

    entries: Mapping[str, LockEntry] = field(default_factory=dict)
    schema: str | None = None
    problems: tuple[Problem, ...] = ()
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class LockDelta(Struct, frozen=True):
    """Blocks removed and added since the previous revision of a lock file.

    If it does not `follow` the previous revision, all its blocks are new. `datasets` are all of
    the file's datasets.
    """

    gone: list[LockBlock]
    new: list[LockBlock]
    follows: bool = False
    datasets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class LockReader:
    """Reads lock files; equal blocks in files and revisions share their entries.

    Two readers may share their `blocks`.
    """

    def __init__(self, limits: Limits = USUAL, blocks: Blocks | None = None) -> None:
        self.blocks = Blocks() if blocks is None else blocks
        self._limits = limits
        self._layouts: dict[str, LockBlocks] = {}
        self._by_text: dict[bytes, LockBlocks] = {}
        self._kept = 0
        self._last = LastTexts[LockFile]()

    def read(self, text: bytes, file: str, work: WorkBudget | None = None) -> LockFile:
        """Parse a lock file. Raises `InputError` if no part of it can be used."""
        # All its entries are needed: to leave any unparsed would be a search more for each.
        layout = self._layout(text, file, work, with_lines=True)
        if layout is not None:
            with suppress(DamagedBlockError):
                read = LockFile(layout.entries(work), "2.0")
                self._layouts[file] = layout
                return read
        written = decode(text, file)
        work = work or WorkBudget(self._limits)
        known = self._last.known(written, work)
        if known is not None:
            return known
        before = work.left
        try:
            read = _read_any(written, file, self._limits, work)
        except MalformedError as error:
            entries = salvage(written, work)
            if not entries:
                raise
            return LockFile(entries, "2.0", (problems.unreadable_file(error, file, None),))
        # A problem names its file.
        if not read.problems:
            self._last.keep(written, read, before - work.left)
        return read

    def next(
        self, text: bytes, file: str, strict: bool, work: WorkBudget | None = None
    ) -> LockDelta:
        """Return the changes of a revision since the one that was read before.

        Unless it is `strict`, a damaged block raises `DamagedBlockError` only when its entry is
        read. Raises `InputError` if no part of the file can be used.
        """
        layout = self._layout(text, file, work, strict)
        if layout is not None and (not strict or _are_whole(layout.new, work)):
            self._layouts[file] = layout
            return LockDelta(layout.gone, layout.new, layout.follows)
        read = _read_any(decode(text, file), file, self._limits, work)
        self.forget(file)
        blocks = [
            LockBlock(name, b"", entry.outs, {}, entry) for name, entry in read.entries.items()
        ]
        return LockDelta([], blocks, datasets=read.datasets)

    def _layout(
        self,
        text: bytes,
        file: str,
        work: WorkBudget | None,
        strict: bool = False,
        with_lines: bool = False,
    ) -> LockBlocks | None:
        """Find the blocks of a lock, as `find_blocks` does; copies of a file share them."""
        before = self._layouts.get(file)
        if before is not None:
            return find_blocks(text, before, self.blocks, work, strict, with_lines)
        if text not in self._by_text:
            layout = find_blocks(text, None, self.blocks, work, strict, with_lines)
            if layout is None:
                return None
            if len(self._by_text) == _COPIED:
                del self._by_text[next(iter(self._by_text))]
            self._by_text[text] = layout
        return self._by_text[text]

    def forget(self, file: str) -> None:
        """Forget a file's last revision, so that all blocks of the next one are new."""
        self._layouts.pop(file, None)

    def forget_old_blocks(self, most: int) -> None:
        """Keep only the blocks of the last revisions if there are more than `most` others.

        A block that stays in a file must stay the same object.
        """
        if len(self.blocks) > most + self._kept:
            self._by_text.clear()
            current = [block for layout in self._layouts.values() for block in layout.blocks]
            self.blocks.keep(current)
            self._kept = len(self.blocks)


def _are_whole(blocks: list[LockBlock], work: WorkBudget | None) -> bool:
    """Return whether each block is a whole stage block."""
    try:
        for block in blocks:
            block.entry(work=work)
    except DamagedBlockError:
        return False
    return True


def _read_any(text: str, file: str, limits: Limits, work: WorkBudget | None = None) -> LockFile:
    limits = limits if work is None else work.limits
    data = load_yaml(text, file, work, limits) or {}
    if not isinstance(data, dict):
        raise _not_a_lock(file)
    if not data:
        raise _not_a_lock(file, "it holds nothing, not even `schema`")
    lines = key_lines(text)
    schema = data.get("schema")
    if schema is None and "stages" not in data:
        return _entries(data, "1.0", text, file, key_lines(text, None), limits, legacy=True)
    if schema is None:
        raise _not_a_lock(file, "the key `schema` is missing")
    if str(schema) != "2.0" or not isinstance(schema, str):
        found = problems.newer_lock(file, schema, _line_of(text, "schema"))
        return LockFile(schema=str(schema), problems=(found,))
    stages = data.get("stages", {})
    if not isinstance(stages, dict):
        raise _not_a_lock(file, "`stages` is not a mapping")
    read = _entries(stages, "2.0", text, file, lines, limits)
    foreign = sorted(str(key) for key in data.keys() - {"schema", "stages", "datasets"})
    return replace(
        read,
        problems=(*read.problems, *_foreign(foreign, text, file)),
        datasets=datasets_of(data.get("datasets")),
    )


def _foreign(keys: list[str], text: str, file: str) -> Iterator[Problem]:
    tops = key_lines(text, None) if keys else {}
    for key in keys:
        yield problems.invalid_pipeline(
            file, f"`{key}`", "is no key of a dvc.lock", tops.get(key), partial=False
        )


def _entries(
    stages: Mapping[Any, Any],
    schema: str,
    text: str,
    file: str,
    lines: Mapping[str, int],
    limits: Limits,
    legacy: bool = False,
) -> LockFile:
    most = allowed_stages(len(text), limits)
    if len(stages) > most:
        raise too_many_stages(len(stages), most, file)
    entries: dict[str, LockEntry] = {}
    found: list[Problem] = [problems.legacy_lock(file)] if legacy else []
    for name, item in stages.items():
        line = lines.get(str(name))
        entry = lock_entry(item, line)
        what = None if legacy else entry_error(item)
        if what is None and not isinstance(name, str) and not legacy:
            what = "must have a name of text"
        if what is None and entry is None:
            what = "not a lock entry that DVC writes"
        if what is not None:
            found.append(problems.invalid_pipeline(file, f"`{name}`", what, line, partial=False))
        if entry is not None:
            entries[str(name)] = entry
    return LockFile(entries, schema, tuple(found))


def _not_a_lock(file: str, what: str = "not a lock file: no mapping of stages") -> InputError:
    return InputError(what, hint="Write it again with `dvc repro` or `dvc commit`.", file=file)


def _line_of(text: str, key: str) -> int | None:
    match = re.search(rf"^{key}\s*:", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else None
