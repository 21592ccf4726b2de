"""Find the commit that wrote a stage's lock entry, through merges, from one `git log`."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Protocol

from msgspec import Struct, field

from lineage_diff import limits
from lineage_diff.dvc.lock.lock_file import LockFile, LockReader
from lineage_diff.dvc.project import LOCK
from lineage_diff.errors import InputError
from lineage_diff.git.log import read_raw_log
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.paths import join
from lineage_diff.lineage.stage import LockEntry, Stage, lock_parts
from lineage_diff.lineage.version import Hash, Version
from lineage_diff.parsing.work_budget import WorkBudget

SHALLOW = "the clone's history is too shallow to find the commit that wrote its lock entry"
TOO_LONG = "the history of its lock entry is longer than the limit"
UNREADABLE = "the history of its lock file cannot be read"
MOVED = "commit {} moved its lock entry, so the history cannot show the run that wrote it"
MIXED = "the merge {} mixed its lock entry, so the history cannot show the run that wrote it"


class LockCommit(Struct, frozen=True):
    """A commit that changed lock files, or a merge.

    `parents` are its nearest ancestors of this kind. `before` and `after` are blob ids by path,
    `None` for no file.
    """

    parents: tuple[str, ...]
    after: Mapping[str, str | None] = field(default_factory=dict)
    before: Mapping[str, str | None] = field(default_factory=dict)


class LockOrigin(Struct, frozen=True):
    """The commit that wrote a lock entry, or why it is unknown."""

    commit: str | None
    unknown: str | None = None


class BlobSource(Protocol):
    """The interface of a source of blobs."""

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of blobs, without the missing ones."""


def lock_commits_of(listing: bytes) -> dict[str, LockCommit] | None:
    """Return the history of lock files from the output of `start_full_log`, in its order.

    `None` if it is too long.
    """
    if len(listing) >= limits.HISTORY_BYTES:
        return None
    commits: dict[str, LockCommit] = {}
    after: dict[str, dict[str, str | None]] = {}
    before: dict[str, dict[str, str | None]] = {}
    for head, changes in read_raw_log(listing):
        name, *parents = head.split()
        if name not in commits:
            after[name], before[name] = {}, {}
            commits[name] = LockCommit(tuple(parents), after[name], before[name])
        after[name] |= {change.path: change.after for change in changes}
        before[name] |= {change.path: change.before for change in changes}
    return commits


class LockHistorySource(BlobSource, Protocol):
    """The interface of a repository's history."""

    @property
    def limits(self) -> Limits:
        """The limits of reading it."""

    @property
    def is_shallow(self) -> bool:
        """Whether the history was cut when it was cloned."""

    def lock_commits(self, commit: str) -> Mapping[str, LockCommit] | None:
        """Return the history of lock files up to a commit, newest first; `None` if too long."""

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit."""


class LockHistory:
    """Follows the entries of lock files back in history from one commit."""

    def __init__(
        self,
        blobs: BlobSource,
        commits: Mapping[str, LockCommit] | None,
        shallow: bool,
        bounds: Limits = USUAL,
        most_bytes: int | None = None,
    ) -> None:
        self._blobs = blobs
        self._commits = commits
        self._shallow = shallow
        self._reader = LockReader(bounds)
        self._work = WorkBudget(bounds)
        self._files: dict[str, LockFile] = {}
        self._oids: dict[str, dict[str, str | None]] = {}
        self._replaced: dict[str, _Entries] = {}
        self._bytes = 0
        self._most_bytes = bounds.lock_history_bytes if most_bytes is None else most_bytes

    def find(self, file: str, name: str, entry: LockEntry) -> LockOrigin:
        """Return the newest commit that wrote this entry of the stage `name` into the lock `file`.

        At a merge, the search continues at the first parent with the same entry; at a revert, at
        the older commit with the same file. No run wrote an entry that a merge mixed or a commit
        moved: its origin is unknown.
        """
        if self._commits is None:
            return LockOrigin(None, TOO_LONG)
        commit = next(iter(self._commits), None)
        if commit is None:
            return LockOrigin(None, SHALLOW if self._shallow else UNREADABLE)
        while True:
            held = self._commits.get(commit)
            if held is None:
                return LockOrigin(None, TOO_LONG)
            if not held.parents and self._shallow:
                return LockOrigin(None, SHALLOW)
            try:
                parents = {parent: self._entry(parent, file, name) for parent in held.parents}
            except _Unreadable as error:
                return LockOrigin(None, error.args[0])
            same = next((p for p in held.parents if _equal(parents[p], entry)), None)
            same = same or self._restored_from(commit, held, file)
            if same is None:
                break
            commit = same
        return self._origin(commit, held, entry, list(parents.values()))

    def _restored_from(self, commit: str, held: LockCommit, file: str) -> str | None:
        """Return an older commit with the identical file: a revert runs no stage."""
        oid = held.after.get(file)
        if oid is None or self._commits is None:
            return None
        with_it = self._with_file[file, oid]
        older = with_it.index(commit) + 1
        return with_it[older] if older < len(with_it) else None

    @cached_property
    def _with_file(self) -> Mapping[tuple[str, str], list[str]]:
        """The commits that wrote a file's content, by path and blob id, the newest first."""
        found: dict[tuple[str, str], list[str]] = {}
        for commit, held in (self._commits or {}).items():
            for file, oid in held.after.items():
                if oid is not None:
                    found.setdefault((file, oid), []).append(commit)
        return found

    def _origin(
        self, commit: str, held: LockCommit, entry: LockEntry, parents: list[LockEntry | None]
    ) -> LockOrigin:
        if len(held.parents) > 1:
            mixed = is_spliced(entry, [parent for parent in parents if parent is not None])
            return LockOrigin(None, MIXED.format(commit[:7])) if mixed else LockOrigin(commit)
        try:
            alike = self._before(commit, held).get(_versions(entry), ())
        except _Unreadable as error:
            return LockOrigin(None, error.args[0])
        if any(_equal(other, entry) for other in alike):
            return LockOrigin(None, MOVED.format(commit[:7]))
        return LockOrigin(commit)

    def _before(self, commit: str, held: LockCommit) -> "_Entries":
        """Return what the lock files that a commit changed held before it, by its versions."""
        if commit not in self._replaced:
            found: _Entries = {}
            for file in map(self._file, held.before.values()):
                for entry in file.entries.values() if file is not None else ():
                    found.setdefault(_versions(entry), []).append(entry)
            self._replaced[commit] = found
        return self._replaced[commit]

    def _entry(self, commit: str, file: str, name: str) -> LockEntry | None:
        lock = self._file(self._oid(commit, file))
        return lock.entries.get(name) if lock is not None else None

    def _oid(self, commit: str, file: str) -> str | None:
        """Return the blob id of a lock file at a commit, from the commit or its first parents."""
        known = self._oids.setdefault(file, {})
        passed: list[str] = []
        found: str | None = None
        while commit not in known:
            held = self._commits.get(commit) if self._commits is not None else None
            if held is None:
                raise _Unreadable(TOO_LONG)
            passed.append(commit)
            if file in held.after:
                found = held.after[file]
                break
            if not held.parents:
                break
            commit = held.parents[0]
        else:
            found = known[commit]
        known.update(dict.fromkeys(passed, found))
        return found

    def _file(self, oid: str | None) -> LockFile | None:
        if oid is None:
            return None
        if oid not in self._files:
            if self._bytes > self._most_bytes:
                raise _Unreadable(TOO_LONG)
            text = next((content for _, content in self._blobs.read_oids((oid,))), None)
            if text is None:
                raise _Unreadable(UNREADABLE)
            self._bytes += len(text)
            try:
                self._files[oid] = self._reader.read(text, LOCK, self._work)
            except InputError as error:
                raise _Unreadable(UNREADABLE) from error
        return self._files[oid]


def writers(
    history: LockHistorySource, lineage: Lineage, stages: Iterable[str], most_bytes: int
) -> dict[str, LockOrigin]:
    """Return, for stages with a lock entry, the commit that wrote it."""
    try:
        commits = history.lock_commits(lineage.commit)
    except InputError:
        return {stage: LockOrigin(None, UNREADABLE) for stage in stages}
    blame = LockHistory(history, commits, history.is_shallow, history.limits, most_bytes)
    by_id = {stage.id: stage for stage in lineage.stages}
    locks = {pipeline.file: pipeline.lock_file for pipeline in lineage.pipelines}
    found: dict[str, LockOrigin] = {}
    for name in stages:
        stage = by_id[name]
        file = locks.get(stage.file)
        if stage.lock is not None and stage.name is not None and file is not None:
            found[name] = blame.find(file, stage.name, stage.lock)
        else:
            found[name] = LockOrigin(None, UNREADABLE)
    return found


def written_earlier(
    history: LockHistorySource,
    lineage: Lineage,
    earlier: Lineage,
    found: Mapping[str, LockOrigin],
) -> dict[str, LockOrigin]:
    """Return the writers of entries that an earlier commit has, and does not know as `found`.

    A stage has another name or pipeline there if its entry is the same by all paths.
    """
    same: dict[str, str] = {}
    for stage, twins in _written_again(history, lineage, earlier, found):
        entry = _entry_by_paths(stage)
        twin = next((twin for twin in twins if _entry_by_paths(twin) == entry), None)
        if entry is not None and twin is not None:
            same[stage.id] = twin.id
    if not same:
        return {}
    origins = writers(history, earlier, same.values(), history.limits.lock_history_bytes)
    return {name: origins[twin] for name, twin in same.items()}


def recorded_earlier(
    history: LockHistorySource,
    lineage: Lineage,
    earlier: Lineage,
    found: Mapping[str, LockOrigin],
    asked: Mapping[str, Iterable[str]],
) -> dict[str, tuple[LockOrigin, tuple[str, ...]]]:
    """Return, by stage, those `asked` paths whose hash an earlier commit records, and its writer.

    The stage's entry has changed since, but not in these parts.
    """
    same: dict[str, tuple[str, tuple[str, ...]]] = {}
    for stage, twins in _written_again(history, lineage, earlier, found):
        recorded = _hashes_by_path(stage)
        for twin in twins:
            equal = dict(recorded.items() & _hashes_by_path(twin).items())
            paths = tuple(path for path in asked.get(stage.id, ()) if path in equal)
            if paths:
                same[stage.id] = twin.id, paths
                break
    if not same:
        return {}
    twins_of = [twin for twin, _ in same.values()]
    origins = writers(history, earlier, twins_of, history.limits.lock_history_bytes)
    return {name: (origins[twin], paths) for name, (twin, paths) in same.items()}


def _written_again(
    history: LockHistorySource,
    lineage: Lineage,
    earlier: Lineage,
    found: Mapping[str, LockOrigin],
) -> Iterator[tuple[Stage, list[Stage]]]:
    """Yield stages whose writer an earlier commit does not know, with what they were there."""
    known = known_writers(history, earlier)
    stages = {stage.id: stage for stage in lineage.stages}
    again = [
        stages[name]
        for name, origin in found.items()
        if origin.commit is not None and origin.commit not in known
    ]
    if not again:
        return
    before = {stage.id: stage for stage in earlier.stages}
    makers = {out.path: stage for stage in earlier.stages for out in stage.outs}
    for stage in again:
        twins = (before.get(stage.id), *(makers.get(out.path) for out in stage.outs))
        yield stage, [twin for twin in twins if twin is not None]


def _hashes_by_path(stage: Stage) -> dict[str, Hash]:
    versions = [(dep.path, dep.locked) for dep in stage.deps]
    versions += [(out.path, out.locked) for out in stage.outs]
    return {path: at.hash for path, at in versions if at is not None and at.hash is not None}


def known_writers(history: LockHistorySource, earlier: Lineage) -> Mapping[str, LockCommit]:
    """Return the history of lock files up to a commit, none where it is too long or unreadable."""
    try:
        return history.lock_commits(earlier.commit) or {}
    except InputError:
        return {}


def _entry_by_paths(stage: Stage) -> tuple[object, ...] | None:
    """Return the content of a stage's lock entry by paths of the repository."""
    lock = stage.lock
    if lock is None:
        return None
    parts = (_recorded(lock.deps), _recorded(lock.outs), lock.params)
    return lock.cmd, *({join(stage.wdir, name): part[name] for name in part} for part in parts)


class _Unreadable(Exception):  # noqa: N818  # never leaves this file
    """The reason why the history cannot be followed."""


_Versions = frozenset[tuple[str, Hash | None]]
_Entries = dict[_Versions, list[LockEntry]]


def _versions(entry: LockEntry) -> _Versions:
    """Return a key that equal entries share: the hashes of deps and outs."""
    return frozenset(
        (path, version.hash) for part in (entry.deps, entry.outs) for path, version in part.items()
    )


def _equal(one: LockEntry | None, two: LockEntry) -> bool:
    return one is not None and _all(one) == _all(two)


def _all(entry: LockEntry) -> tuple[object, ...]:
    return entry.cmd, _recorded(entry.deps), _recorded(entry.outs), entry.params


def _recorded(versions: Mapping[str, Version]) -> Mapping[str, Hash | Version]:
    """Return hashes without sizes: no run finds another size and the same hash."""
    return {path: version.hash or version for path, version in versions.items()}


def is_spliced(entry: LockEntry, parents: Iterable[LockEntry]) -> bool:
    """Return whether the parents have each part of an entry, but no parent has all parts.

    No run of the stage wrote such an entry: a run would have recorded a result of its own.
    """
    wanted = lock_parts(entry)
    known = [lock_parts(parent) for parent in parents]
    return wanted <= frozenset().union(*known) and not any(wanted <= held for held in known)
