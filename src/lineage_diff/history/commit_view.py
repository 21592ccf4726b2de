"""Look up the Git files and DVC outputs of one commit by path."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from hashlib import sha256
from itertools import islice

from msgspec import Struct

from lineage_diff.dvc.linked_data import submodule_around
from lineage_diff.git.blobs import is_lfs_pointer
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.lineage.evidence import GitContents
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Out
from lineage_diff.lineage.version import hash_text
from lineage_diff.parsing.ignore_patterns import (
    DVCIGNORE,
    NO_RULES,
    IgnoreRules,
    is_ignored,
    parse_ignore,
)
from lineage_diff.parsing.work_budget import WorkBudget

_FILES = frozenset(("file", "executable"))
# The number of edits read per folder: one real edit is enough.
_EDITS = 8
# The number and bytes of a folder's files that are hashed to compare with LFS pointers.
_POINTERS = 1_000
_POINTED_BYTES = 64 * 1024 * 1024
_POINTS_TO = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)


class CommitView:
    """The outs and files of one commit, with their indexes."""

    def __init__(
        self,
        lineage: Lineage,
        held: GitContents,
        files: Snapshot,
        work: WorkBudget | None = None,
    ) -> None:
        self._work = work or WorkBudget()
        self.lineage = lineage
        self.held = held
        self.files = files
        self.outs: dict[str, Out] = {}
        self.rules: dict[frozenset[str], IgnoreRules] = {}
        self.links: dict[str, str] = {}
        self.edits: dict[tuple[tuple[str, str], ...], bool] = {}
        self.ignored: _Ignored | None = None
        for stage in lineage.stages:
            for out in stage.outs:
                self.outs.setdefault(out.path, out)
        self.paths = list(files.files())
        self.out_paths = sorted(self.outs)

    def files_among(self, paths: Iterable[str]) -> "FilesAmong":
        """Return those of the sorted paths that are files here, with their ids."""
        files = self.files.files()
        found = [(path, files[path]) for path in paths if path in files]
        links = [path for path, entry in found if entry.kind == "symlink"]
        ids = [(path, entry.oid) for path, entry in found]
        return FilesAmong([path for path, _ in found], ids, links)

    def most_parts(self, path: str, among: "FilesAmong") -> int:
        """Return about how many versions `parts` returns: no more than the links of a path add."""
        at = self.files.follow(path) or path
        return 1 + sum(_count_below(paths, at) for paths in (among.paths, self.out_paths))

    def has_files_below(self, path: str) -> bool:
        """Return whether a path is a folder with files, links followed."""
        reached = self.files.follow(path)
        return reached is not None and _count_below(self.paths, reached) > 0

    def files_at(self, path: str) -> list[str]:
        """Return the files at a path and below it, links followed."""
        reached = self.files.follow(path)
        return [] if reached is None else [reached, *_below(self.paths, reached)]

    def parts(self, path: str, among: "FilesAmong") -> dict[str, str | None]:
        """Return the known versions at a path: ids of Git, and hashes of outs.

        Of the files below it, only those `among` some. `None` stands for an out with unknown
        content.
        """
        parts: dict[str, str | None] = {}
        reached = self.files.follow(path)
        for at in {path, reached or path}:
            parts.update(self._outs_around(at))
        if reached is not None:
            parts.update(self._files_below(reached, among))
            submodule = submodule_around(reached, self.files)
            entry = self.files.entry(submodule) if submodule is not None else None
            if submodule is not None and entry is not None:
                parts[submodule] = entry.oid
        is_folder = reached == path and self.has_files_below(path)
        if is_folder or any(inner.startswith(path + "/") for inner in parts):
            parts.update(self._ignores(path))
        return parts

    def differing_files(self, later: "CommitView") -> list[str]:
        """Return the files that may be another version at the later commit, sorted.

        Links, outs and `.dvcignore` are always among them: their entries alone do not decide.
        """
        old, new = self.files.files(), later.files.files()
        gone = [path for path in old if path not in new]
        return sorted(gone + [path for path in new if self._may_differ(path, later)])

    def _may_differ(self, path: str, later: "CommitView") -> bool:
        before, after = self.files.files().get(path), later.files.files()[path]
        if before != after or after.kind == "symlink" or path.endswith(DVCIGNORE):
            return True
        return path in self.outs or path in later.outs

    def split_plain(
        self, differing: Iterable[str], later: "CommitView"
    ) -> tuple[list[str], list[str]]:
        """Split the files that may differ into plain ones that do, and others to be looked at.

        A plain file is no link, no out and no `.dvcignore`: Git's ids alone decide.
        """
        old, new = self.files.files(), later.files.files()
        plain: list[str] = []
        others: list[str] = []
        for path in differing:
            entries = old.get(path), new.get(path)
            ids = [entry.oid for entry in entries if entry is not None]
            is_linked = any(entry is not None and entry.kind == "symlink" for entry in entries)
            if is_linked or path in self.outs or path in later.outs or path.endswith(DVCIGNORE):
                others.append(path)
            elif len(ids) == 1 or ids[0] != ids[-1]:
                plain.append(path)
        return plain, others

    def _outs_around(self, path: str) -> Iterator[tuple[str, str | None]]:
        """Yield the outs at a path, around it and inside it."""
        for folder in (path, *ancestors(path)):
            if folder in self.outs:
                listed = _listed_hash(self.outs[folder], path)
                yield (
                    (folder, hash_text(self.outs[folder].locked))
                    if listed is None
                    else (path, listed)
                )
        for inner in _below(self.out_paths, path):
            if self.outs[inner].cache:
                yield inner, hash_text(self.outs[inner].locked)

    def _ignores(self, path: str) -> Iterator[tuple[str, str]]:
        for folder in (*ancestors(path), ""):
            ignore = f"{folder}/{DVCIGNORE}" if folder else DVCIGNORE
            entry = self.files.files().get(ignore)
            if entry is not None:
                yield ignore, entry.oid

    def not_ignored(self, paths: Iterable[str], ignores: Iterable[str]) -> list[str]:
        """Return those of the paths that are outs, or that no given `.dvcignore` ignores."""
        named = frozenset(ignores)
        if not named:
            return list(paths)
        # Folders in folders name the same files: what was found for one holds for the next.
        if self.ignored is None or self.ignored.named != named:
            self.ignored = _Ignored(named, self._rules_of(named))
        return self.ignored.not_ignored(paths, self.outs)

    def _rules_of(self, ignores: frozenset[str]) -> IgnoreRules:
        if ignores not in self.rules:
            rules = NO_RULES
            for ignore in sorted(ignores, key=lambda name: (name.count("/"), name)):
                text = self.files.read(ignore).decode("utf-8", "replace")
                rules = parse_ignore(text, ignore.rpartition("/")[0], rules, self._work)
            self.rules[ignores] = rules
        return self.rules[ignores]

    def has_edits(self, paths: Iterable[str], later: "CommitView") -> bool:
        """Return whether a path is a file at both commits, with other content at the later."""
        first = islice(self._in_both(paths, later), _EDITS)
        pairs = tuple((old, new) for _, old, new in first)
        # Folders in folders have the same first edits.
        if pairs not in self.edits:
            self.edits[pairs] = self._is_edited(pairs)
        return self.edits[pairs]

    def _is_edited(self, pairs: tuple[tuple[str, str], ...]) -> bool:
        oids = sorted({oid for pair in pairs for oid in pair})
        texts = dict(self.files.read_oids(oids))
        return any(
            old in texts and new in texts and _is_other(texts[old], texts[new])
            for old, new in pairs
        )

    def moved_to_lfs(self, paths: Iterable[str], later: "CommitView") -> frozenset[str]:
        """Return the paths where a Git LFS pointer replaces a file with the same content.

        A pointer contains the SHA-256 of its content. Files beyond a number or size are left out.
        """
        found = list(self._in_both(paths, later))
        oids = sorted({oid for _, *pair in found[:_POINTERS] for oid in pair})
        names: dict[str, str] = {}
        left = _POINTED_BYTES
        for oid, text in self.files.read_oids(oids):
            left -= len(text)
            if left < 0:
                break
            names[oid] = _sha256(text)
        return frozenset(
            path for path, old, new in found if old in names and names[old] == names.get(new)
        )

    def _in_both(self, paths: Iterable[str], later: "CommitView") -> Iterator[tuple[str, str, str]]:
        """Yield those of the paths that are files at both commits, with their two blob ids."""
        for path in paths:
            old, new = self.files.files().get(path), later.files.files().get(path)
            if old is not None and new is not None and {old.kind, new.kind} <= _FILES:
                yield path, old.oid, new.oid

    def _files_below(self, path: str, among: "FilesAmong") -> dict[str, str]:
        files = self.files.files()
        below = dict(among.ids[span_below(among.paths, path)])
        linked = _below(among.links, path)
        below |= {inner: self._oid(inner, files[inner]) for inner in linked}
        entry = files.get(path)
        return below if entry is None else below | {path: self._oid(path, entry)}

    def _oid(self, path: str, entry: Entry) -> str:
        if entry.kind != "symlink":
            return entry.oid
        if path not in self.links:
            self.links[path] = self._link(path, entry)
        return self.links[path]

    def _link(self, path: str, entry: Entry) -> str:
        """Return the id of a link with what it leads to."""
        target = self.files.resolve(path)
        led = self.files.entry(target) if target is not None else None
        if led is not None:
            return f"{entry.oid} {led.oid}"
        reached = self.files.follow(path)
        behind = sorted(self._outs_around(reached)) if reached is not None else []
        return " ".join([entry.oid, *(f"{out}={hash_}" for out, hash_ in behind)])


class FilesAmong(Struct, frozen=True):
    """Files of one commit, sorted, with their ids: what lies in a folder is one slice."""

    paths: list[str]
    ids: list[tuple[str, str]]
    links: list[str]


class _Ignored:
    """Tells which paths some `.dvcignore` files ignore; each path is matched once."""

    def __init__(self, named: frozenset[str], rules: IgnoreRules) -> None:
        self.named = named
        self._rules = rules
        self._folders: dict[str, bool] = {}
        self._files: dict[str, bool] = {}

    def not_ignored(self, paths: Iterable[str], outs: Collection[str]) -> list[str]:
        """Return the paths that are outs, or that no rule ignores, nor a folder above them."""
        paths, known = list(paths), self._files
        for path in paths:
            if path not in known:
                ignored = self._is_below_ignored(path) or is_ignored(path, False, self._rules)
                known[path] = ignored
        return [path for path in paths if not known[path] or path in outs]

    def _is_below_ignored(self, path: str) -> bool:
        known = self._folders
        unknown: list[str] = []
        found = False
        for folder in ancestors(path):
            if folder in known:
                found = known[folder]
                break
            unknown.append(folder)
        for folder in reversed(unknown):
            found = found or is_ignored(folder, True, self._rules)
            known[folder] = found
        return found


def _sha256(text: bytes) -> str:
    """Return the SHA-256 of a blob, or the one in an LFS pointer."""
    if is_lfs_pointer(text):
        match = _POINTS_TO.search(text)
        return match[1].decode() if match is not None else ""
    return sha256(text).hexdigest()


def _is_other(old: bytes, new: bytes) -> bool:
    """Return whether two blobs surely differ for DVC; a pointer differs only from a pointer."""
    if is_lfs_pointer(old) != is_lfs_pointer(new):
        return False
    return old.replace(b"\r\n", b"\n") != new.replace(b"\r\n", b"\n")


def _listed_hash(out: Out, path: str) -> str | None:
    """Return the hash of a file inside an out whose files the commit lists, `None` for no such."""
    files = out.locked.files if out.locked is not None else None
    inner = path[len(out.path) + 1 :]
    return next((str(hash_) for name, hash_ in files or () if name == inner), None)


def _below(paths: list[str], folder: str) -> list[str]:
    return paths[span_below(paths, folder)]


def _count_below(paths: list[str], folder: str) -> int:
    span = span_below(paths, folder)
    return int(span.stop - span.start)


def span_below(paths: list[str], folder: str) -> slice:
    """Return the place of the paths below a folder among sorted ones."""
    start = bisect_left(paths, folder + "/")
    return slice(start, bisect_left(paths, folder + "0", start))
