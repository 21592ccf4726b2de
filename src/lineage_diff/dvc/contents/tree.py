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
        self._depths: dict[str, int] = {"": 0}
        self._known: dict[str, tuple[int, str | None]] = {}
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
        start = len(folder) + 1
        for inner, oid in self._entered(below, len(folder)):
            name = inner[start:]
            if oid is not None:
                seen[name] = blobs[name] = oid
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

    def _entered(self, files: list[str], length: int) -> list[tuple[str, str | None]]:
        """Return the files that DVC looks at in a folder with a path of that length.

        Each with its id, `None` for a link or a submodule. Folders in folders share their files,
        so what is the same for all of them is found once.
        """
        known = self._known
        for path in files:
            if path not in known:
                known[path] = self._look_at(path)
        found = [(path, *known[path]) for path in files]
        return [(path, oid) for path, depth, oid in found if depth <= length]

    def _look_at(self, path: str) -> tuple[int, str | None]:
        """Return the length of the path of the innermost thing that hides a file, and its id.

        A folder that is not entered hides it from the folders around, a rule for the file from all.
        """
        above = path.rpartition("/")[0]
        depth = self._depth(above)
        if path in self._made or self._rules(above).ignores(path, False):
            depth = len(path)
        entry = self._files[path]
        return depth, entry.oid if entry.kind in ("file", "executable") else None

    def _depth(self, folder: str) -> int:
        """Return the length of the innermost folder that is not entered, of it and those above."""
        pending: list[str] = []
        while folder not in self._depths:
            pending.append(folder)
            folder = folder.rpartition("/")[0]
        depth = self._depths[folder]
        for inner in reversed(pending):
            depth = len(inner) if self._is_left_out(inner) else depth
            self._depths[inner] = depth
        return depth

    def _is_left_out(self, folder: str) -> bool:
        above, _, name = folder.rpartition("/")
        if folder in self._made or name in SKIPPED_FOLDERS:
            return True
        return self._rules(above).ignores(folder, True) or self._is_nested(folder)

    def _is_nested(self, folder: str) -> bool:
        """Return whether another DVC project begins in a folder."""
        entry = self._snapshot.entry(f"{folder}/.dvc") if folder != self._root else None
        return entry is not None and entry.kind == "directory"


def _fingerprint(files: Mapping[str, str]) -> str:
    """Name the files of a folder that DVC looks at, by path and Git's ids, without their modes."""
    lines = (f"{path}\0{oid}\n" for path, oid in sorted(files.items()))
    return sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def algorithms_of(wanted: frozenset[Hash]) -> list[str]:
    """Return the schemes of the wanted hashes that can be computed, sorted."""
    return sorted({hash_.algorithm for hash_ in wanted} & ALGORITHMS)


def _is_within(path: str, paths: Mapping[str, Version]) -> bool:
    return bool(paths) and (path in paths or any(above in paths for above in ancestors(path)))
