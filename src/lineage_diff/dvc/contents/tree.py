"""Find the deps and outs of stages in a commit, and the files of folders as DVC walks them."""

from collections.abc import Callable, Mapping
from hashlib import sha256

from msgspec import Struct

from lineage_diff.dvc import unknown_reasons as unknown
from lineage_diff.dvc.hashes import ALGORITHMS
from lineage_diff.dvc.linked_data import submodule_around
from lineage_diff.dvc.project import SKIPPED_FOLDERS, Rules
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.lineage.graph import ancestors, inside
from lineage_diff.lineage.version import ContentKind, Hash, Version
from lineage_diff.parsing.work_budget import LISTING, TooMuchWorkError, WorkBudget


class TrackedPath(Struct, frozen=True):
    """A path to hash, with its blobs by relative path, `""` for the path itself."""

    path: str
    oid: str
    kind: ContentKind
    wanted: frozenset[Hash]
    blobs: Mapping[str, str]
    made: Mapping[str, Version]
    unknown: str | None = None
    seen: str | None = None


class TrackedTree:
    """Finds paths in a commit, and the files of folders as DVC walks them."""

    def __init__(
        self,
        snapshot: Snapshot,
        rules: Rules,
        made: Mapping[str, Version],
        work: WorkBudget,
        root: str,
        files_of: Callable[[Snapshot], list[str]],
    ) -> None:
        self._work = work
        self._root = root
        self._skipped: dict[tuple[str, str], bool] = {}
        self._matched: dict[str, bool] = {}
        self._snapshot = snapshot
        self._files = snapshot.files()
        self._files_of = files_of
        self._rules = rules
        self._made = made
        self._made_paths = sorted(made)

    def entry(self, path: str) -> Entry | None:
        """Return the entry at the path itself; a link at its end is not followed."""
        entry = self._files.get(path)
        if entry is None:
            target = self._snapshot.resolve(path) or self._submodule(path)
            entry = self._snapshot.entry(target) if target is not None else None
        return entry

    def _submodule(self, path: str) -> str | None:
        """Return the submodule that holds a path, `None` where DVC keeps what is there."""
        if _is_within(path, self._made):
            return None
        return submodule_around(path, self._snapshot)

    def target(self, path: str, entry: Entry, wanted: frozenset[Hash]) -> TrackedPath:
        """Resolve a path to its blobs."""
        reached: str | None = path
        if entry.kind == "symlink":
            reached = self._snapshot.resolve(path) or self._submodule(path)
        found = self._snapshot.entry(reached) if reached is not None else None
        if entry.kind != "symlink":
            found = entry
        if reached is None or found is None:
            return TrackedPath(path, entry.oid, "symlink", wanted, {}, {}, unknown.LINK)
        if found.kind == "submodule":
            return self._of_submodule(path, found, wanted)
        if found.kind != "directory":
            return TrackedPath(path, found.oid, "file", wanted, {"": found.oid}, {})
        if not algorithms_of(wanted):
            return TrackedPath(path, found.oid, "directory", wanted, {}, {})
        return self._folder(path, self._snapshot.resolve(path) or path, found, wanted)

    def _of_submodule(self, path: str, found: Entry, wanted: frozenset[Hash]) -> TrackedPath:
        if self._snapshot.follow(path) == submodule_around(path, self._snapshot):
            why = unknown.SUBMODULE
            return TrackedPath(path, found.oid, "submodule", wanted, {}, {}, why)
        why = unknown.IN_SUBMODULE
        return TrackedPath(path, found.oid, "in-submodule", wanted, {}, {}, why)

    def _folder(self, path: str, folder: str, entry: Entry, wanted: frozenset[Hash]) -> TrackedPath:
        blobs: dict[str, str] = {}
        reason: str | None = None
        made = {
            inner[len(folder) + 1 :]: self._made[inner]
            for inner in inside(self._made_paths, folder)
        }
        seen: dict[str, str] = {}
        below = [] if self._is_nested(folder) else inside(self._files_of(self._snapshot), folder)
        try:
            self._work.spend(32 * len(below) + sum(map(len, below)) // 4 + len(made), LISTING)
        except TooMuchWorkError as error:
            return TrackedPath(path, entry.oid, "directory", wanted, {}, {}, error.message)
        for inner in below:
            name = inner[len(folder) + 1 :]
            if self._ignored(inner, folder) or _is_within(name, made):
                continue
            held = self._files[inner]
            if held.kind == "symlink":
                target = self._snapshot.resolve(inner)
                led = self._snapshot.entry(target) if target is not None else None
                seen[name] = held.oid
                if led is None and (lead := self._snapshot.follow(inner)) in self._made:
                    made[name] = self._made[lead or ""]
                    continue
                if led is None or led.kind not in ("file", "executable"):
                    reason = reason or unknown.holds(inner, unknown.LINK)
                    continue
                held = led
            seen[name] = held.oid
            if held.kind == "submodule":
                reason = reason or unknown.holds(inner, unknown.SUBMODULE)
                continue
            blobs[name] = held.oid
        for name, version in made.items():
            if version.hash is None or (version.hash.is_dir and version.files is None):
                reason = reason or unknown.holds_listing(f"{path}/{name}")
        return TrackedPath(
            path, entry.oid, "directory", wanted, blobs, made, reason, _fingerprint(seen)
        )

    def _ignored(self, path: str, top: str) -> bool:
        above = path.rpartition("/")[0]
        matched = self._matched.get(path)
        if matched is None:
            matched = self._matched[path] = self._rules(above).ignores(path, False)
        return matched or self._skips(above, top)

    def _is_nested(self, folder: str) -> bool:
        """Return whether another DVC project begins in a folder."""
        entry = self._snapshot.entry(f"{folder}/.dvc") if folder != self._root else None
        return entry is not None and entry.kind == "directory"

    def _skips(self, folder: str, top: str) -> bool:
        """Return whether a folder below `top`, or one between the two, is not entered."""
        pending: list[str] = []
        while len(folder) > len(top) and (folder, top) not in self._skipped:
            pending.append(folder)
            folder = folder.rpartition("/")[0]
        skipped = self._skipped.get((folder, top), False)
        for inner in reversed(pending):
            above, _, name = inner.rpartition("/")
            skipped = skipped or name in SKIPPED_FOLDERS or self._rules(above).ignores(inner, True)
            skipped = skipped or self._is_nested(inner)
            self._skipped[inner, top] = skipped
        return skipped


def _fingerprint(files: Mapping[str, str]) -> str:
    """Name the files of a folder that DVC looks at, by path and Git's ids, without their modes."""
    lines = (f"{path}\0{oid}\n" for path, oid in sorted(files.items()))
    return sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def algorithms_of(wanted: frozenset[Hash]) -> list[str]:
    """Return the schemes of the wanted hashes that can be computed, sorted."""
    return sorted({hash_.algorithm for hash_ in wanted} & ALGORITHMS)


def _is_within(path: str, paths: Mapping[str, Version]) -> bool:
    return bool(paths) and (path in paths or any(above in paths for above in ancestors(path)))
