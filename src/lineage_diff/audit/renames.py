"""The names that a path had before and after it was renamed, by what DVC recorded of its content.

`dvc move`, a renamed out, and a dep that a stage reads under another name since: the commit that
drops the one name brings the other, with the same content.
"""

from collections.abc import Collection, Iterable, Iterator
from itertools import pairwise

from msgspec import Struct

from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.version import Version, hash_text


class Rename(Struct, frozen=True, order=True):
    """A path that has another name from a point of the ledger on."""

    point: int
    old: str
    new: str


def renames_of(ledger: Ledger, path: str) -> tuple[Rename, ...]:
    """Return the renames of a path, of a folder around it and of what is in it, oldest first.

    Those after it had this name, and those before.
    """
    found = sorted(set(_renames(ledger)))
    if not found:
        return ()
    before = _followed(path, reversed(found), back=True)
    return tuple(sorted({*before, *_followed(path, found)}))


def names_of(path: str, renames: Iterable[Rename]) -> frozenset[str]:
    """Return a path with all its names."""
    return frozenset((path, *(name for item in renames for name in (item.old, item.new))))


def _followed(path: str, renames: Iterable[Rename], back: bool = False) -> Iterator[Rename]:
    """Yield those of the renames, in the order given, that lead on from a path."""
    names = _PastNames(path)
    for item in renames:
        old, new = (item.new, item.old) if back else (item.old, item.new)
        for name, other in names.renamed(old, new):
            names.add(other)
            yield Rename(item.point, other, name) if back else Rename(item.point, name, other)


class _PastNames:
    """The names of a path so far, by every folder above each."""

    def __init__(self, path: str) -> None:
        self._names: set[str] = set()
        self._inside: dict[str, list[str]] = {}
        self.add(path)

    def add(self, name: str) -> None:
        if name not in self._names:
            self._names.add(name)
            for folder in ancestors(name):
                self._inside.setdefault(folder, []).append(name)

    def renamed(self, old: str, new: str) -> list[tuple[str, str]]:
        """Return what has which other name if `old` is renamed."""
        if old in self._names or not self._names.isdisjoint(ancestors(old)):
            return [(old, new)]
        inside = self._inside.get(old, ())
        return [(name, new + name.removeprefix(old)) for name in inside]


class _Named(Struct, frozen=True):
    """A name that comes or goes, with its content and the stage that makes or reads it."""

    path: str
    version: Version
    stage: str

    @property
    def file(self) -> str:
        return self.path.rpartition("/")[2]


def _renames(ledger: Ledger) -> Iterator[Rename]:
    appeared: dict[int, list[_Named]] = {}
    for path, entries in ledger.entries.items():
        for before, entry in pairwise((None, *entries)):
            if entry is None:
                continue
            if before is not None and before.record is not None:
                yield from _of_deps(path, before, entry)
            elif entry.point in ledger.gone:
                appeared.setdefault(entry.point, []).extend(_named(path, entry))
    for point, come in appeared.items():
        gone = [item for path, entry in ledger.gone[point] for item in _named(path, entry)]
        same = list(_matched(point, gone, come))
        yield from same
        yield from _of_stages(point, gone, come, same)


def _named(path: str, entry: LedgerEntry) -> Iterator[_Named]:
    if entry.record is not None and entry.version is not None:
        yield _Named(path, entry.version, entry.record.stage)


def _of_deps(path: str, before: LedgerEntry, entry: LedgerEntry) -> Iterator[Rename]:
    """Yield the deps that a stage reads under another name than in its run before."""
    old, new = before.record, entry.record
    # Once for all outs of a run.
    if old is None or new is None or path != min(new.paths) or old.deps.keys() == new.deps.keys():
        return
    gone, come = (
        [
            _Named(dep, version, new.stage)
            for dep, version in here.deps.items()
            if dep not in there.deps
        ]
        for here, there in ((old, new), (new, old))
    )
    yield from _matched(entry.point, gone, come)


def _matched(point: int, gone: Iterable[_Named], come: Iterable[_Named]) -> Iterator[Rename]:
    """Match by content; of several with one content, by the file's name, then by the stage."""
    held: dict[str, dict[str, str]] = {}
    for item in gone:
        content = hash_text(item.version)
        if content is not None:
            names = held.setdefault(content, {})
            for key in (f"/{item.file}", item.stage, ""):
                names.setdefault(key, item.path)
    for item in come:
        same = held.get(hash_text(item.version) or "")
        if same:
            yield Rename(
                point, same.get(f"/{item.file}") or same.get(item.stage) or same[""], item.path
            )


def _of_stages(
    point: int, gone: Iterable[_Named], come: Iterable[_Named], known: Iterable[Rename]
) -> Iterator[Rename]:
    """Yield the renames of stages that have one out less and one more, with other content."""
    matched = {name for item in known for name in (item.old, item.new)}
    before, after = (_by_stage(items, matched) for items in (gone, come))
    for stage, paths in after.items():
        if len(paths) == 1 and len(before.get(stage, ())) == 1:
            yield Rename(point, before[stage][0], paths[0])


def _by_stage(items: Iterable[_Named], matched: Collection[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in items:
        if item.path not in matched:
            found.setdefault(item.stage, []).append(item.path)
    return found
