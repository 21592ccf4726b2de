"""What changed since the lock entries were written of stages that a commit alone cannot judge."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.locked_at import LockedAt
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.unsettled import unsettled
from lineage_diff.read import limits
from lineage_diff.read.contents import LFS_POINTER
from lineage_diff.read.errors import InputError
from lineage_diff.read.ignore import DVCIGNORE, Rule, is_ignored, parse_ignore
from lineage_diff.read.lock_history import (
    TOO_LONG,
    UNREADABLE,
    Blobs,
    Found,
    LockCommit,
    LockHistory,
)
from lineage_diff.read.snapshot import Entry, Snapshot

_FILES = frozenset(("file", "executable"))
# Edits of one folder that are read: one that matters is enough.
_EDITS = 8


class Repository(Blobs, Protocol):
    """What is asked of a Git repository."""

    @property
    def is_shallow(self) -> bool:
        """Whether the history was cut when it was cloned."""

    def lock_commits(self, commit: str) -> Mapping[str, LockCommit] | None:
        """Return the history of lock files before a commit, newest first; `None` for too much."""

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit."""


class Reader(Protocol):
    """What reads lineages."""

    def read(self, commit: str, contents: bool = True) -> Lineage:
        """Read a commit; without `contents`, not what Git holds at deps and outs."""


def with_history(repository: Repository, reader: Reader, lineage: Lineage) -> Lineage:
    """Return the lineage with what the history tells of its unsettled stages.

    Git is asked only where there are some.
    """
    asked = unsettled(lineage)
    if not asked:
        return lineage
    found = _writers(repository, lineage, asked, limits.LOCK_HISTORY_BYTES)
    now = _Moment(lineage, repository.snapshot(lineage.commit))
    moments: dict[str, _Moment] = {}
    room = min(limits.LOCKED_COMMITS, limits.LOCKED_STAGES // (len(lineage.stages) or 1) or 1)
    stages = {stage.id: stage for stage in lineage.stages}
    told: dict[str, LockedAt] = {}
    for name, paths in asked.items():
        commit = found[name].commit
        if commit is None:
            told[name] = LockedAt(None, unknown=found[name].unknown)
            continue
        if commit not in moments and len(moments) == room:
            told[name] = LockedAt(commit, unknown=TOO_LONG)
            continue
        if commit not in moments:
            try:
                files = repository.snapshot(commit)
                moments[commit] = _Moment(reader.read(commit, _is_hashed(lineage, asked)), files)
            except InputError:
                told[name] = LockedAt(commit, unknown=UNREADABLE)
                continue
        told[name] = _told(stages[name], paths, commit, moments[commit], now)
    return replace(lineage, locked_at=told)


def _is_hashed(lineage: Lineage, asked: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether there is a folder in question that can be hashed at all."""
    paths = {path for of_stage in asked.values() for path in of_stage}
    contents = (lineage.contents.get(path) for path in paths)
    return any(content is not None and content.unknown is None for content in contents)


def lock_commits(repository: Repository, lineage: Lineage, stages: Sequence[str]) -> dict[str, str]:
    """Return, by stage, the commit that wrote its lock entry, where that is quickly found."""
    if not stages:
        return {}
    known = {name: at.commit for name, at in lineage.locked_at.items() if at.commit is not None}
    asked = [name for name in stages[: limits.DATED_STAGES] if name not in known]
    found = _writers(repository, lineage, asked, limits.DATED_BYTES) if asked else {}
    commits = {name: writer.commit for name, writer in found.items() if writer.commit is not None}
    return {name: commit for name, commit in (known | commits).items() if name in stages}


def _writers(
    repository: Repository, lineage: Lineage, stages: Iterable[str], most_bytes: int
) -> dict[str, Found]:
    """Return, for stages with a lock entry, the commit that wrote it."""
    try:
        commits = repository.lock_commits(lineage.commit)
    except InputError:
        return {stage: Found(None, UNREADABLE) for stage in stages}
    history = LockHistory(repository, commits, repository.is_shallow, most_bytes)
    by_id = {stage.id: stage for stage in lineage.stages}
    locks = {pipeline.file: pipeline.lock_file for pipeline in lineage.pipelines}
    found: dict[str, Found] = {}
    for name in stages:
        stage = by_id[name]
        file = locks.get(stage.file)
        if stage.lock is not None and stage.name is not None and file is not None:
            found[name] = history.find(file, stage.name, stage.lock)
        else:
            found[name] = Found(None, UNREADABLE)
    return found


@dataclass(slots=True)
class _Moment:
    """A commit, with its outs and files as they are looked up."""

    lineage: Lineage
    files: Snapshot
    outs: dict[str, Out]
    paths: list[str]
    out_paths: list[str]

    def __init__(self, lineage: Lineage, files: Snapshot) -> None:
        self.lineage = lineage
        self.files = files
        self.outs = {}
        for stage in lineage.stages:
            for out in stage.outs:
                self.outs.setdefault(out.path, out)
        self.paths = list(files.files())
        self.out_paths = sorted(self.outs)

    def parts(self, path: str) -> dict[str, str | None]:
        """Return all that a commit says of what is at a path: ids of Git, and hashes of outs.

        `None` stands for an out of which nothing tells what it holds.
        """
        parts: dict[str, str | None] = {}
        for folder in ancestors(path):
            if folder in self.outs:
                parts[folder] = _hash(self.outs[folder])
        for inner in _below(self.out_paths, path):
            if self.outs[inner].cache:
                parts[inner] = _hash(self.outs[inner])
        reached = self.files.resolve(path)
        if reached is not None:
            parts.update(self._tracked(reached))
        if any(inner.startswith(path + "/") for inner in parts):
            parts.update(self._ignores(path))
        return parts

    def _ignores(self, path: str) -> Iterator[tuple[str, str]]:
        for folder in (*ancestors(path), ""):
            ignore = f"{folder}/{DVCIGNORE}" if folder else DVCIGNORE
            entry = self.files.files().get(ignore)
            if entry is not None:
                yield ignore, entry.oid

    def is_ignored(self, path: str, ignores: Iterable[str]) -> bool:
        """Whether the `.dvcignore` files named leave a file out, that is no out."""
        if path in self.outs or not ignores:
            return False
        rules: list[Rule] = []
        for ignore in sorted(ignores, key=lambda name: name.count("/")):
            text = self.files.read(ignore).decode("utf-8", "replace")
            rules += parse_ignore(text, ignore.rpartition("/")[0])
        folders = any(is_ignored(folder, True, rules) for folder in ancestors(path))
        return folders or is_ignored(path, False, rules)

    def has_edits(self, paths: Iterable[str], later: "_Moment") -> bool:
        """Whether one of the paths is a file at both commits, with other content at the later."""
        pairs: list[tuple[str, str]] = []
        for path in paths:
            old, new = self.files.files().get(path), later.files.files().get(path)
            if old is not None and new is not None and {old.kind, new.kind} <= _FILES:
                pairs.append((old.oid, new.oid))
        oids = sorted({oid for pair in pairs[:_EDITS] for oid in pair})
        texts = dict(self.files.read_oids(oids))
        return any(
            old in texts and new in texts and _is_other(texts[old], texts[new])
            for old, new in pairs[:_EDITS]
        )

    def _tracked(self, path: str) -> Iterator[tuple[str, str]]:
        files = self.files.files()
        for inner in (path, *_below(self.paths, path)):
            entry = files.get(inner)
            if entry is not None:
                yield inner, self._oid(inner, entry)

    def _oid(self, path: str, entry: Entry) -> str:
        if entry.kind != "symlink":
            return entry.oid
        target = self.files.resolve(path)
        led = self.files.entry(target) if target is not None else None
        return f"{entry.oid} {led.oid}" if led is not None else entry.oid


def _told(stage: Stage, paths: Iterable[str], commit: str, then: _Moment, now: _Moment) -> LockedAt:
    since: dict[str, tuple[str, ...]] = {}
    certain: set[str] = set()
    items: tuple[Dep | Out, ...] = (*stage.outs, *stage.deps)
    locked = {item.path: item.locked for item in items}
    for path in paths:
        old, new = then.parts(path), now.parts(path)
        if not old:
            continue
        differing = [
            part
            for part in sorted(old.keys() | new.keys())
            if old.get(part) is None or old.get(part) != new.get(part)
        ]
        ignores = {part for part in (*old, *new) if part.rpartition("/")[2] == DVCIGNORE}
        if ignores.isdisjoint(differing):
            differing = [part for part in differing if not now.is_ignored(part, ignores)]
            if then.has_edits(differing, now):
                certain.add(path)
        since[path] = tuple(differing)
        content, version = then.lineage.contents.get(path), locked[path]
        here = now.lineage.contents.get(path)
        if content is not None and version is not None and here is not None:
            was = any(held.hash == version.hash for held in content.versions)
            if was and here.unknown is None:
                certain.add(path)
    return LockedAt(commit, since, frozenset(certain))


def _is_other(old: bytes, new: bytes) -> bool:
    """Whether two blobs are sure to be other content for DVC: of pointers, other ones tell."""
    if old.startswith(LFS_POINTER) != new.startswith(LFS_POINTER):
        return False
    return old.replace(b"\r\n", b"\n") != new.replace(b"\r\n", b"\n")


def _hash(out: Out) -> str | None:
    return str(out.locked.hash) if out.locked is not None and out.locked.hash else None


def _below(paths: list[str], folder: str) -> list[str]:
    start = bisect_left(paths, folder + "/")
    return paths[start : bisect_left(paths, folder + "0", start)]
