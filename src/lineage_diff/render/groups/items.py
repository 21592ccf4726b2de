"""Rows of stages, findings, data and unknowns: similar ones share a row that names each of them."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from msgspec import Struct

from lineage_diff.render.groups.causes import identity
from lineage_diff.render.groups.names import SharedName, common_name, family_of, shared_name
from lineage_diff.render.humanize import plain_glob, suppression_entry
from lineage_diff.report.change import (
    DataChange,
    MetricAttribution,
    MetricNote,
    StageChange,
    Unknown,
)
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import Reason

# Fewer similar items have rows of their own.
LEAST = 3
# So few items of a kind are listed one by one.
FEW = 12
# More targets of a command are left out of the hint of a row.
_TARGETS = 5
_DVC_FILES = (".dvc", "dvc.yaml", "dvc.lock")
_COMMAND = re.compile(r"dvc \w+ (?:--\w+ )*")

Item = TypeVar("Item")


class ItemGroup(Struct, Generic[Item], frozen=True, dict=True):
    """The items of one row, and what their names share; of a single item all of its name."""

    items: tuple[Item, ...]
    names: tuple[str, ...]
    shared: SharedName

    @property
    def first(self) -> Item:
        """The item that stands for all."""
        return self.items[0]

    @property
    def name(self) -> str:
        """The name of a single item, else what the names share; empty if it is nothing."""
        return self.names[0] if len(self.names) == 1 else str(self.shared)

    def label(self, place: int) -> str:
        """Return what tells one item from the others."""
        return self.rests[place]

    @cached_property
    def rests(self) -> list[str]:
        """The part of each name that the others do not share."""
        return [self.shared.rest(name) or name for name in self.names]


def item_groups(
    items: Iterable[Item], key_of: Callable[[Item], Hashable], name: Callable[[Item], str]
) -> list[ItemGroup[Item]]:
    """Return rows of items by the first of each; `key_of` gives `None` for a row alone."""
    found: dict[Hashable, list[Item]] = defaultdict(list)
    for place, item in enumerate(items):
        key = key_of(item)
        found[place if key is None else ("", key)].append(item)
    rows: list[ItemGroup[Item]] = []
    for members in found.values():
        parts = [members] if len(members) >= LEAST else [[item] for item in members]
        rows += [_group(part, name) for part in parts]
    return rows


def _group(items: list[Item], name: Callable[[Item], str]) -> ItemGroup[Item]:
    names = tuple(name(item) for item in items)
    families = {family_of(name) for name in names}
    family = families.pop() if len(families) == 1 and len(names) > 1 else None
    shared = SharedName(f"{family}@", "") if family else shared_name(names)
    return ItemGroup(tuple(items), names, shared)


def count_after(rows: Sequence[Any], shown: int) -> int:
    """Count the members of all rows after the first `shown`."""
    return sum(len(getattr(row, "items", None) or row.models) for row in rows[shown:])


def stage_groups(stages: Iterable[StageChange]) -> list[ItemGroup[StageChange]]:
    """Return rows of stages: of one entry that have the same change and kinds of reasons."""
    stages = list(stages)
    few = len(stages) <= FEW
    return item_groups(stages, lambda stage: _stage_likeness(stage, few), lambda stage: stage.name)


def _stage_likeness(stage: StageChange, few: bool) -> Hashable:
    if stage.renamed_from is not None:
        return None
    family = family_of(stage.name)
    reasons = reasons_likeness(family, stage.reasons)
    if family is None and not stage.reasons and few:
        return None
    state = (stage.change, stage.changed, stage.freshness, stage.stale_before)
    return (family or stage.pipeline, state, reasons)


def reasons_likeness(family: str | None, reasons: Iterable[Reason]) -> Hashable:
    """Return what the reasons of two stages of a row share: those of one entry only their kinds."""
    if family is not None:
        return frozenset((reason.kind, reason.detail) for reason in reasons)
    return frozenset(map(reason_identity, reasons))


def reason_identity(reason: Reason) -> Hashable:
    """Return what two stages must have in common to share a reason."""
    return (reason.kind, reason.subject, repr(reason.actual), repr(reason.locked), reason.detail)


def finding_groups(findings: Iterable[Finding]) -> list[ItemGroup[Finding]]:
    """Return rows of findings: of one rule and severity, whose messages differ in names only."""
    return item_groups(findings, _finding_likeness, lambda finding: finding.subject)


def error_groups(findings: Iterable[Finding]) -> list[ItemGroup[Finding]]:
    """Return the rows of the findings that are errors."""
    return finding_groups(finding for finding in findings if finding.severity == "error")


def findings_at_lines(findings: Iterable[Finding]) -> list[ItemGroup[Finding]]:
    """Return the rows of findings as `finding_groups` does; those of a row have the same line."""
    return item_groups(
        findings,
        lambda finding: (finding.file, finding.line, _finding_likeness(finding)),
        lambda finding: finding.subject,
    )


def _finding_likeness(finding: Finding) -> Hashable:
    file = _own_file(finding)
    return (
        finding.rule,
        finding.severity,
        None if file else finding.file,
        plain_message(finding.message, finding.subject, file=file),
        plain_message(finding.hint, finding.subject, file=file),
    )


def _own_file(finding: Finding) -> str | None:
    """Return the file of values that a finding is on, of which each sibling has its own."""
    file, subject = finding.file, finding.subject
    is_own = file is not None and (subject == file or subject.startswith(f"{file}:"))
    return file if is_own and not str(file).endswith(_DVC_FILES) else None


class RowWords(Struct, frozen=True):
    """The words for a row of findings.

    `line` is `None` if the findings are on several lines, and `file` if they are in several files.
    """

    message: str
    hint: str
    file: str | None
    line: int | None


def row_words(row: ItemGroup[Finding]) -> RowWords:
    """Return the words of a row of findings, with what their subjects share for each subject."""
    first = row.first
    if len(row.items) == 1:
        return RowWords(first.message, first.hint, first.file, first.line)
    name = row.name or "…"
    part = common_name([_part(finding.subject) for finding in row.items]) or "…"
    own = _own_file(first)
    file = common_name([str(finding.file) for finding in row.items]) or "…"
    places = {(finding.file, finding.line) for finding in row.items}
    return RowWords(
        plain_message(first.message, first.subject, name, part, own, file),
        _row_hint(row, plain_message(first.hint, first.subject, name, part, own, file)),
        first.file if len({finding.file for finding in row.items}) == 1 else None,
        first.line if len(places) == 1 else None,
    )


def _row_hint(row: ItemGroup[Finding], hint: str) -> str:
    """Return the hint of a row with targets that DVC takes: an entry, else those of all items."""
    # An entry is a target; with `@…` it is none.
    pieces = hint.replace("@…", "").split("`")
    for place in range(1, len(pieces), 2):
        command = _COMMAND.match(pieces[place])
        if command and "…" in pieces[place]:
            whole = (item.hint.split("`")[place] for item in row.items)
            targets = list(dict.fromkeys(text[command.end() :] for text in whole))
            shown = " ".join(targets) if len(targets) <= _TARGETS else "…"
            pieces[place] = f"{command[0]}{shown}"
    return "`".join(pieces)


def row_suppression(row: ItemGroup[Finding]) -> str:
    """Return the line that suppresses a row: all of it, if its names share more than a pipeline."""
    entries, shared = {_entry_of(name) for name in row.names}, row.shared
    if len(set(row.names)) == 1:
        return suppression_entry(row.first)
    if len(entries) == 1 and (entry := entries.pop()) is not None:
        return suppression_entry(row.first, plain_glob(entry))
    if not shared.start or shared.start.endswith(":"):
        return suppression_entry(row.first)
    return suppression_entry(row.first, f"{plain_glob(shared.start)}*{plain_glob(shared.end)}")


def _entry_of(subject: str) -> str | None:
    """Return the entry that generates the stage of a subject; a detail may follow the stage."""
    while (entry := family_of(subject)) is None and ":" in subject:
        subject = subject.rpartition(":")[0]
    return entry


def plain_message(
    message: str,
    subject: str,
    name: str = "…",
    part: str = "…",
    file: str | None = None,
    file_name: str = "…",
) -> str:
    """Return a message with the entry for each generated stage, and `name` for its subject.

    `part` stands for the file or key of a subject `STAGE:FILE`, and `file_name` for the `file`.
    """
    pieces = message.split("`")
    names = {_part(subject): part, subject: name}
    for place in range(1, len(pieces), 2):
        if pieces[place] == file:
            pieces[place] = file_name
        elif pieces[place] or "" in names:
            words = pieces[place].split(" ")
            shown = [names[word] if word in names else _plain_word(word) for word in words]
            pieces[place] = " ".join(shown)
    return "`".join(pieces)


def _part(subject: str) -> str:
    return subject.rpartition(":")[2]


def _plain_word(word: str) -> str:
    if "@" not in word:
        return word
    # A stage of the root's dvc.yaml is named without its file.
    family = family_of(word) or family_of(f":{word}")
    return f"{family.removeprefix(':')}@…" if family else word


def unknown_groups(unknowns: Iterable[Unknown]) -> list[ItemGroup[Unknown]]:
    """Return rows of unknowns: of one reason and kind of name, or name in folders side by side."""
    unknowns = list(unknowns)
    kinds = kinds_of((item.subject for item in unknowns), side_by_side=True)
    return item_groups(
        unknowns, lambda item: (item.reason, kinds[item.subject]), lambda item: item.subject
    )


def data_groups(data: tuple[DataChange, ...]) -> list[ItemGroup[DataChange]]:
    """Return rows of data: many paths of one change and kind of name share a row."""
    if len(data) <= FEW:
        return item_groups(data, lambda item: None, lambda item: item.path)
    kinds = kinds_of([item.path for item in data])

    def key_of(item: DataChange) -> Hashable:
        alone = item.renamed_from is not None or item.files is not None
        return None if alone else (item.change, item.tracked_by, kinds[item.path])

    return item_groups(data, key_of, lambda item: item.path)


def kinds_of(names: Iterable[str], *, side_by_side: bool = False) -> dict[str, Hashable]:
    """Return the kind of each name: its entry, its file's name and top folders, or its folder.

    The top folders are the first two; of two, the first if files `side_by_side` are of one kind.
    """
    deep = {name: (_top_folders(name, side_by_side), name.rpartition("/")[2]) for name in names}
    counts = Counter(deep.values())
    return {name: family_of(name) or _kind(name, key, counts) for name, key in deep.items()}


def _top_folders(name: str, side_by_side: bool) -> str:
    folders = name.split("/")[:-1]
    return "/".join(folders[:1] if side_by_side and len(folders) == 2 else folders[:2])


def _kind(name: str, deep: tuple[str, str], counts: Mapping[tuple[str, str], int]) -> Hashable:
    folder, _, last = name.rpartition("/")
    return deep if counts[deep] >= LEAST else (folder, last.rpartition(".")[2])


def move_groups(moves: Iterable[MetricAttribution]) -> list[ItemGroup[MetricAttribution]]:
    """Return rows of the explanations of metrics that say the same of different files."""
    return item_groups(moves, _move_likeness, lambda move: move.file)


def _move_likeness(move: MetricAttribution) -> Hashable:
    causes = frozenset(map(identity, move.causes))
    entry = family_of(move.stage) or move.stage
    return (entry, move.explanation, move.reason, causes, move.omitted_causes > 0)


def note_groups(notes: Iterable[MetricNote]) -> list[ItemGroup[MetricNote]]:
    """Return rows of notes that say the same of different files."""
    return item_groups(
        notes, lambda note: (note.note, note.key, note.reason), lambda note: note.file
    )
