"""Split a lock file into one block of whole lines for each stage, as DVC writes it.

Two revisions share nearly all blocks. Their common start and end are not parsed again; elsewhere,
equal blocks are parsed once.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.dvc.lock.fast_parser import Items, LockBlock
from lineage_diff.lineage.stage import LockEntry
from lineage_diff.parsing.work_budget import WorkBudget

_HEADER = re.compile(rb"(?:schema: (?:'2\.0'|\"2\.0\")\n)?stages:\n(?=  [^\s])")
_SCHEMA = re.compile(rb"schema: (?:'2\.0'|\"2\.0\")\n*")
_NEXT_BLOCK = re.compile(rb"\n  (?=[^\s])")
# The number of bytes that identify the beginning of a block.
_BEGIN = 3


class LockBlocks(Struct, frozen=True):
    """The text of a lock and its blocks.

    `bounds` are the offsets where the blocks begin, and where the last one ends. `line` is the
    line of the first block, from 1. If it `follows` another revision, `new` blocks replace the
    `gone` blocks of that revision; otherwise all its blocks are new.
    """

    text: bytes
    blocks: list[LockBlock]
    bounds: list[int]
    line: int
    new: list[LockBlock]
    gone: list[LockBlock] = field(default_factory=list)
    follows: bool = False

    def entries(self, work: WorkBudget | None = None) -> Mapping[str, LockEntry]:
        """Return the entries by the names of stages.

        Raises `DamagedBlockError` and `TooMuchWorkError`.
        """
        found: dict[str, LockEntry] = {}
        line = self.line
        for block in self.blocks:
            found[block.name] = block.entry(line, work)
            line += block.lines
        return found


class Blocks:
    """A cache of parsed blocks by their text."""

    def __init__(self) -> None:
        self._known: dict[bytes, LockBlock] = {}
        self._items: Items = {}

    def __len__(self) -> int:
        return len(self._known)

    def keep(self, blocks: Iterable[LockBlock]) -> None:
        """Forget all other blocks."""
        self._known = {block.text: block for block in blocks}
        self._items.clear()

    def read(
        self,
        text: bytes,
        bounds: Iterable[int],
        work: WorkBudget | None,
        strict: bool = False,
        line: int | None = None,
    ) -> list[LockBlock] | None:
        """Return the blocks between the bounds; `None` if one is surely not a stage block.

        If it is `strict`, all new ones are parsed; so they are if the first `line` is given, and
        then their entries get their lines. Raises `TooMuchWorkError`.
        """
        blocks: list[LockBlock] = []
        known = self._known
        for start, end in pairwise(bounds):
            lines = text[start:end]
            block = known.get(lines)
            if block is None:
                block = LockBlock.of(lines, self._items, work, strict or line is not None, line)
                if block is None:
                    return None
                known[lines] = block
            if line is not None:
                line += block.lines
            blocks.append(block)
        return blocks


def find_blocks(
    text: bytes,
    before: LockBlocks | None,
    known: Blocks,
    work: WorkBudget | None = None,
    strict: bool = False,
    with_lines: bool = False,
) -> LockBlocks | None:
    """Find the blocks of a lock; `None` for a layout that DVC does not write.

    The blocks at the start and end that it shares with the revision `before` are the same objects.
    If it is `strict`, the others are parsed, and `with_lines`, their entries have their lines.
    Raises `TooMuchWorkError`.
    """
    if before is not None and before.text == text:
        return replace(before, new=[], gone=[], follows=True)
    body = _body(text) if before is None else _find_difference(text, before)
    if before is not None and body is None:
        before, body = None, _body(text)
    if body is None:
        return None
    start, end, first, last = body
    if not _is_plain(text[start:end]):
        return None
    begins = _begins(text, start, end)
    line = text.count(b"\n", 0, start) + 1 if with_lines or before is None else 0
    blocks = known.read(text, [*begins, end], work, strict, line if with_lines else None)
    if blocks is None:
        return None
    if before is None:
        found = LockBlocks(text, blocks, [*begins, end], line, blocks)
        return found if _names_differ(blocks) else None
    gone = before.blocks[first:last]
    found = LockBlocks(
        text,
        [*before.blocks[:first], *blocks, *before.blocks[last:]],
        [*before.bounds[:first], *begins, *_move_bounds(before, last, len(text))],
        before.line,
        blocks,
        gone,
        follows=True,
    )
    same = [block.name for block in blocks] == [block.name for block in gone]
    return found if same or _names_differ(found.blocks) else None


def _move_bounds(before: LockBlocks, last: int, size: int) -> list[int]:
    """Return the bounds of the shared blocks at the end, moved by the change in size."""
    bounds, by = before.bounds[last:], size - len(before.text)
    return [bound + by for bound in bounds] if by else bounds


def _names_differ(blocks: list[LockBlock]) -> bool:
    return len({block.name for block in blocks}) == len(blocks)


def _body(text: bytes) -> tuple[int, int, int, int] | None:
    """Return the offsets of the blocks in a plain 2.0 lock, whose only other key is `schema`.

    The two zeros after them mean that no block of an earlier revision is replaced.
    """
    header = _HEADER.match(text)
    if header is None or not text.endswith(b"\n"):
        return None
    end = len(text)
    if not header.group().startswith(b"schema"):
        end = text.rfind(b"\nschema: ") + 1
        if not _SCHEMA.fullmatch(text, end):
            return None
    return header.end(), end, 0, 0


def _find_difference(text: bytes, before: LockBlocks) -> tuple[int, int, int, int] | None:
    """Return the offsets of the changed blocks, and the indexes of the blocks they replace.

    `None` if the lines around the blocks differ.
    """
    old, bounds = before.text, before.bounds
    start = _common_prefix(old, text)
    if start < bounds[0] + _BEGIN:
        return None
    left = min(len(old), len(text)) - start
    behind = _common_suffix(old, text, left)
    if len(old) - bounds[-1] > behind:
        return None
    # A block ends only where the next one begins, in both texts.
    first = bisect_right(bounds, start - _BEGIN, 1) - 1
    last = max(first, bisect_left(bounds, len(old) - behind + 1, 0, len(bounds) - 1))
    return bounds[first], bounds[last] + len(text) - len(old), first, last


def _common_prefix(one: bytes, two: bytes) -> int:
    """Return the length of the common start of two texts, in bytes."""
    equal, most = 0, min(len(one), len(two))
    while equal < most:
        middle = (equal + most + 1) // 2
        if one[equal:middle] == two[equal:middle]:
            equal = middle
        else:
            most = middle - 1
    return equal


def _common_suffix(one: bytes, two: bytes, most: int) -> int:
    """Return the length of the common end of two texts, in bytes, up to `most`."""
    equal = 0
    while equal < most:
        middle = (equal + most + 1) // 2
        if one[-middle : len(one) - equal] == two[-middle : len(two) - equal]:
            equal = middle
        else:
            most = middle - 1
    return equal


def _is_plain(text: bytes) -> bool:
    """Return whether the lines look like blocks, judging by their first characters."""
    if not text:
        return True
    if b"\r" in text or b"\t" in text or not (text.startswith(b"  ") and text.endswith(b"\n")):
        return False
    # Find a line without an indent; counting is much faster than a regular expression.
    return text.count(b"\n ") == text.count(b"\n") - 1 and text[2:3].strip() != b""


def _begins(text: bytes, start: int, end: int) -> list[int]:
    """Return the offset of each block in a text of whole blocks."""
    if start == end:
        return []
    return [start, *(found.start() + 1 for found in _NEXT_BLOCK.finditer(text, start, end))]
