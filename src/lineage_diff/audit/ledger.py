"""Index all versions of all paths that DVC made or tracked over time, with their runs."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.lineage.history import CommitInfo, Record, Timeline, Unreadable
from lineage_diff.lineage.stage import Stage
from lineage_diff.lineage.version import Hash, Version, same_hash, same_version
from lineage_diff.report.change import same_value


class LedgerEntry(Struct, frozen=True):
    """The run and version of a path at one point of the timeline.

    `record` is `None` if nothing makes the path any more.
    """

    point: int
    record: Record | None
    path: str

    @property
    def version(self) -> Version | None:
        """The version of the path."""
        return self.record.outs.get(self.path) if self.record is not None else None


class Ledger(Struct, frozen=True):
    """The entries of each path, oldest first; `points` are their commits.

    `paths` are the keys of `entries`, sorted; `gone` has by point the paths that nothing makes
    from there on, each with its last entry. `links` are the paths that symbolic links of the last
    commit lead to, by the path of the dep or params file. `last` are the records in force at the
    end, by stage, each with its point.
    """

    points: tuple[CommitInfo, ...]
    entries: Mapping[str, tuple[LedgerEntry, ...]]
    unreadable: tuple[Unreadable, ...] = ()
    complete: bool = True
    paths: tuple[str, ...] = ()
    gone: Mapping[int, tuple[tuple[str, LedgerEntry], ...]] = field(default_factory=dict)
    links: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    last: Mapping[str, tuple[int, Record]] = field(default_factory=dict)

    def inside(self, folder: str) -> tuple[str, ...]:
        """Return the paths that lie in a folder."""
        start = bisect_left(self.paths, f"{folder}/")
        return self.paths[start : bisect_left(self.paths, f"{folder}0", start)]

    def at(self, path: str, point: int) -> LedgerEntry | None:
        """Return the entry of a path in force at a point; `None` if nothing makes it."""
        entries = self.entries.get(path, ())
        index = bisect_right(entries, point, key=lambda entry: entry.point) - 1
        return entries[index] if index >= 0 and entries[index].record is not None else None

    def producer(self, path: str, wanted: Hash | None, point: int) -> LedgerEntry | None:
        """Return the entry that made the wanted version of a path, not later than a point.

        If the entry at the point has another version, as after a partial `dvc repro`, older ones
        are searched. With no version wanted, it is the entry at the point.
        """
        here = self.at(path, point)
        if wanted is None or here is None or _has(here, wanted):
            return here
        entries = self.entries.get(path, ())
        index = bisect_right(entries, point, key=lambda entry: entry.point)
        return next((e for e in reversed(entries[:index]) if _has(e, wanted)), None)

    def versions(self, path: str) -> Iterator[tuple[LedgerEntry | None, LedgerEntry]]:
        """Yield each entry of a path that changed its version, with the previous entry."""
        before: LedgerEntry | None = None
        for entry in self.entries.get(path, ()):
            if before is None or not same_version(before.version, entry.version):
                yield before, entry
            before = entry

    def since(self, path: str, entry: LedgerEntry) -> LedgerEntry:
        """Return the oldest entry from which on the path has had this entry's version."""
        first = entry
        for other in reversed(self.entries[path]):
            if other.point > entry.point:
                continue
            if not same_version(other.version, entry.version):
                break
            first = other
        return first

    def run_since(self, path: str, entry: LedgerEntry, record: Record) -> LedgerEntry:
        """Return the oldest entry from which on the path has had this version of this run.

        A later run that makes the same from other inputs is another one: after `dvc move`, say.
        """
        first = entry
        for other in reversed(self.entries[path]):
            if other.point > entry.point:
                continue
            if not same_version(other.version, entry.version) or other.record is None:
                break
            if other.record is not record and not _is_same_run(other.record, record):
                break
            first = other
        return first

    def commit(self, entry: LedgerEntry) -> CommitInfo | None:
        """Return the commit of an entry; `None` if the history is truncated before it."""
        if not self.complete and entry.point == 0:
            return None
        return self.points[entry.point]


def ledger(timeline: Timeline) -> Ledger:
    """Follow each path through the points of a timeline."""
    entries: dict[str, list[LedgerEntry]] = {}
    last: dict[str, tuple[int, Record]] = {}
    for index, point in enumerate(timeline.points):
        found: dict[str, Record | None] = {}
        for record in point.gone:
            found.update(dict.fromkeys(record.paths))
            last.pop(record.stage, None)
        for record in point.new:
            found.update(dict.fromkeys(record.paths, record))
            last[record.stage] = index, record
        for path, producer in found.items():
            entry = LedgerEntry(index, producer, path)
            if path in entries:
                entries[path].append(entry)
            else:
                entries[path] = [entry]
    paths = sorted(entries)
    return Ledger(
        tuple(point.commit for point in timeline.points),
        {path: tuple(entries[path]) for path in paths},
        tuple(found for point in timeline.points for found in point.unreadable),
        timeline.complete,
        tuple(paths),
        _gone(entries),
        last=last,
    )


def _is_same_run(old: Record, new: Record) -> bool:
    """Whether two records are of one command with the same deps and params."""
    if old.cmd != new.cmd or old.deps.keys() != new.deps.keys():
        return False
    is_same = all(same_version(old.deps[path], new.deps[path]) for path in new.deps)
    return is_same and same_value(old.params, new.params)


def with_links(ledger: Ledger, stages: Iterable[Stage]) -> Ledger:
    """Return the ledger with the links that the stages of the last commit follow."""
    links = followed_links(stages)
    return replace(ledger, links=links) if links else ledger


def followed_links(stages: Iterable[Stage]) -> Mapping[str, tuple[str, ...]]:
    """Return the paths that symbolic links lead to, by the path of the dep or params file."""
    links: dict[str, dict[str, None]] = {}
    for stage in stages:
        for path, target in stage.linked_paths:
            links.setdefault(path, {})[target] = None
    return {path: tuple(targets) for path, targets in links.items()}


def with_runs(ledger: Ledger, runs: Mapping[str, Record]) -> Ledger:
    """Return the ledger with other runs for the last versions of paths, if the versions match."""
    entries = dict(ledger.entries)
    for path, record in runs.items():
        last = next(reversed(entries.get(path, ())), None)
        if last is not None and same_version(last.version, record.outs.get(path)):
            entries[path] = (*ledger.entries[path][:-1], LedgerEntry(last.point, record, path))
    return replace(ledger, entries=entries)


def _gone(
    entries: Mapping[str, list[LedgerEntry]],
) -> Mapping[int, tuple[tuple[str, LedgerEntry], ...]]:
    found: dict[int, list[tuple[str, LedgerEntry]]] = {}
    for path in sorted(entries):
        for before, entry in pairwise(entries[path]):
            if entry.record is None and before.record is not None:
                found.setdefault(entry.point, []).append((path, before))
    return {point: tuple(items) for point, items in found.items()}


def _has(entry: LedgerEntry, wanted: Hash) -> bool:
    return entry.version is not None and same_hash(entry.version.hash, wanted)
