"""The outs in force while a history is read commit by commit, and their last versions.

It answers as `audit.ledger.Ledger` does about the commit that was read last, in bounded memory.
"""

from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lineage_diff.audit.upstream import producers_of
from lineage_diff.catalog.identity import run_id
from lineage_diff.catalog.run_facts import MadeOut, kind_of
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.history import Point
from lineage_diff.lineage.version import Hash, Version, same_hash

KEPT = 20
"""Versions of one path that are remembered, to find the run behind an older one."""

_MOST_UNMADE = 1 << 13
_NO_VERSION = Version(None)


class RecentLedger:
    """The outs in force, by path. `links` are those of the exported commit."""

    def __init__(self, links: Mapping[str, tuple[str, ...]]) -> None:
        self.links = links
        self._made: dict[str, deque[MadeOut]] = {}
        self._paths: list[str] = []
        # Paths that nothing made so far, as most deps in Git: to look for each takes long.
        self._unmade: set[str] = set()
        self._folders: Counter[str] = Counter()

    def apply(self, point: Point) -> None:
        """Take the records that a commit removed and added."""
        new = {path for record in point.new for path in record.paths}
        for record in point.gone:
            for path in record.paths:
                if path in self._made and path not in new:
                    self._forget(path)
        for record in point.new:
            kind, outs = kind_of(record), record.outs
            for path in record.paths:
                if path not in self._made:
                    self._add(path)
                version = outs.get(path) or _NO_VERSION
                self._made[path].append(MadeOut(point.commit.id, record.stage, kind, path, version))

    def resume(self, path: str, versions: Sequence[MadeOut]) -> None:
        """Take the last versions of a path, the oldest first, of which the last is in force."""
        self._add(path)
        self._made[path].extend(versions)

    def at(self, path: str, point: int) -> MadeOut | None:
        """Return the out in force at a path, `None` if nothing makes it."""
        made = self._made.get(path)
        return made[-1] if made else None

    def producer(self, path: str, wanted: Hash | None, point: int) -> MadeOut | None:
        """Return the newest out with the wanted version; with none wanted, the one in force."""
        if wanted is None:
            return self.at(path, point)
        for out in reversed(self._made.get(path, ())):
            if out.version.hash is wanted or same_hash(out.version.hash, wanted):
                return out
        return None

    def producers(self, path: str, wanted: Hash | None) -> list[MadeOut]:
        """Return the outs that made a version of a path, or a part of it, as `producers_of`."""
        if path in self._unmade:
            return []
        found = producers_of(self, path, wanted, 0)
        # A link may lead to a path of which an earlier version is wanted.
        if not found and path not in self._made and path not in self.links:
            if len(self._unmade) == _MOST_UNMADE:
                self._unmade.clear()
            self._unmade.add(path)
        return found

    def inside(self, folder: str) -> Sequence[str]:
        """Return the paths that lie in a folder."""
        if folder not in self._folders:
            return ()
        start = bisect_left(self._paths, f"{folder}/")
        return self._paths[start : bisect_left(self._paths, f"{folder}0", start)]

    def _add(self, path: str) -> None:
        self._unmade.clear()
        self._made[path] = deque(maxlen=KEPT)
        insort(self._paths, path)
        self._folders.update(ancestors(path))

    def _forget(self, path: str) -> None:
        del self._made[path]
        del self._paths[bisect_left(self._paths, path)]
        self._folders.subtract(folders := list(ancestors(path)))
        for folder in folders:
            if not self._folders[folder]:
                del self._folders[folder]


class RunsInForce:
    """The runs that the commit which was read last still has, by stage."""

    def __init__(self, repository: str) -> None:
        self._repository = repository
        self._stored: dict[str, str] = {}
        # The commit of each later run: an id takes longer, and most runs are soon replaced.
        self._commits: dict[str, str] = {}

    def follow(self, points: Iterable[Point]) -> Iterator[Point]:
        """Yield points, each after its records are taken."""
        for point in points:
            for record in point.gone:
                self._stored.pop(record.stage, None)
                self._commits.pop(record.stage, None)
            for record in point.new:
                self._commits[record.stage] = point.commit.id
            yield point

    def resume(self, base: Point, last: Mapping[str, str]) -> None:
        """Take the runs of the records at a base; `last` has the last run of each stage."""
        stages = {record.stage for record in base.new}
        self._stored = {stage: run for stage, run in last.items() if stage in stages}

    def in_force(self) -> tuple[str, ...]:
        """Return the runs, sorted by their stages."""
        later = {
            stage: run_id(self._repository, commit, stage)
            for stage, commit in self._commits.items()
        }
        return tuple(run for _, run in sorted({**self._stored, **later}.items()))
