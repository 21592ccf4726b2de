"""The history of the DVC files along first parents, from one `git log` and one reading of blobs."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from lineage_diff.lineage.stage import LockEntry, Stage
from lineage_diff.lineage.timeline import CommitInfo, Point, Record, Timeline, Unreadable
from lineage_diff.lineage.version import Version
from lineage_diff.read import limits
from lineage_diff.read.dvc_file import read_dvc_file
from lineage_diff.read.errors import InputError
from lineage_diff.read.git_process import GitFailed, GitProcess
from lineage_diff.read.lock_file import LockFile, LockReader
from lineage_diff.read.pipeline_names import PipelineNames, pipeline_names
from lineage_diff.read.project import LOCK, PIPELINE
from lineage_diff.read.stage_paths import folder_of, join
from lineage_diff.read.yaml_loader import collection_paused

LOG = (
    "log",
    "--first-parent",
    "--raw",
    "-z",
    "--no-abbrev",
    "-m",
    "--no-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-show-signature",
    "--no-color",
    "--no-decorate",
    "--no-notes",
    "--date=iso-strict",
    # A name and a subject hold no line end.
    "--format=%H %ad%n%an%n%s",
)
DVC_FILES = (f":(glob)**/{LOCK}", f":(glob)**/{PIPELINE}", ":(glob)**/*.dvc")
# https://docs.github.com/pull-requests: the subjects of GitHub's merges, and of its squashes.
_PULL_REQUEST = re.compile(r"^Merge pull request #(\d{1,9}) |\(#(\d{1,9})\)$")

Changes = Mapping[str, str | None]
ReadBlobs = Callable[[Iterable[str]], Iterable[tuple[str, bytes]]]
_File = LockFile | Stage | InputError | PipelineNames
_NOTHING = PipelineNames(frozenset())


def log_of_dvc_files(git: GitProcess, commit: str) -> bytes:
    """Return what `git log` tells of the DVC files before a commit, newest first.

    Raises `InputError` when Git cannot tell.
    """
    try:
        return git.run_up_to(limits.HISTORY_BYTES, *LOG, commit, "--", *DVC_FILES)
    except GitFailed as error:
        raise InputError(
            f"cannot read the history of {commit[:12]}: {error.message}",
            mend="Fetch the whole history: `git fetch --unshallow`.",
        ) from error


def parse_log(listing: bytes) -> Iterator[tuple[CommitInfo, Changes]]:
    """Yield each commit with the blob ids that it gives paths; none where a file is gone."""
    commit: CommitInfo | None = None
    changes: dict[str, str | None] = {}
    tokens = iter(listing.decode("utf-8", "surrogateescape").split("\0"))
    for token in tokens:
        token = token.removeprefix("\n")
        if token.startswith(":"):
            # `git help diff-format`: `:mode mode id id status`, then the path.
            _, mode, _, oid, _ = token.split()
            changes[next(tokens, "")] = oid if mode in ("100644", "100755") else None
        elif token:
            if commit is not None:
                yield commit, changes
            commit, changes = _commit(token), {}
    if commit is not None:
        yield commit, changes


def _commit(text: str) -> CommitInfo:
    head, author, subject, *_ = (*text.split("\n"), "", "")
    name, _, date = head.partition(" ")
    found = _PULL_REQUEST.search(subject)
    number = next((int(part) for part in found.groups() if part), None) if found else None
    return CommitInfo(name, author, date, subject, number)


def read_timeline(
    listing: bytes,
    read_oids: Callable[[Iterable[str]], Iterable[tuple[str, bytes]]],
    complete: bool,
) -> Timeline:
    """Make the timeline of what `log_of_dvc_files` tells; `read_oids` yields the bytes of blobs."""
    newest_first = list(parse_log(listing))
    paths: dict[str, dict[str, None]] = {}
    for _, changes in newest_first:
        for path, oid in changes.items():
            if oid is not None:
                paths.setdefault(oid, {})[path] = None
    reader = _Reader()
    with collection_paused():
        for oid, text in read_oids(paths):
            for path in paths[oid]:
                reader.parse(path, oid, text)
        points = [reader.point(commit, changes) for commit, changes in reversed(newest_first)]
    return Timeline(tuple(points), complete)


class _Reader:
    """Reads files as they change. A file that cannot be read leaves what was read before."""

    def __init__(self) -> None:
        self._locks = LockReader()
        self._files: dict[tuple[str, str], _File] = {}
        self._names: dict[str, PipelineNames] = {}
        self._current: dict[str, LockFile] = {}
        self._records: dict[str, dict[str, tuple[LockEntry, str, Record]]] = {}

    def parse(self, path: str, oid: str, text: bytes) -> None:
        """Take note of what a blob holds as the file at a path."""
        try:
            if path.endswith(PIPELINE):
                self._files[path, oid] = pipeline_names(text, path)
            elif path.endswith(LOCK):
                self._files[path, oid] = self._locks.read(text, path)
            else:
                self._files[path, oid] = read_dvc_file(text, path)[0]
        except InputError as error:
            self._files[path, oid] = error

    def point(self, commit: CommitInfo, changes: Changes) -> Point:
        """Return what a commit holds of the files that it changed."""
        records: dict[str, tuple[Record, ...]] = {}
        unreadable: list[Unreadable] = []
        for path in sorted(changes):
            try:
                records |= self._changed(path, changes[path])
            except InputError as error:
                unreadable.append(Unreadable(commit.id, path, error.message))
        return Point(commit, records, tuple(unreadable))

    def _changed(self, path: str, oid: str | None) -> Mapping[str, tuple[Record, ...]]:
        folder, name = folder_of(path), path.rpartition("/")[2]
        found = self._file(path, oid)
        if name == PIPELINE:
            # It says which entries of the lock are orphans, and where paths in them start from.
            names = found if isinstance(found, PipelineNames) else _NOTHING
            if names == self._names.get(path):
                return {}
            self._names[path] = names
            lock = self._current.get(join(folder, LOCK))
            return {path: self._of_lock(folder, lock)} if lock is not None else {}
        if name == LOCK:
            lock = found if isinstance(found, LockFile) else LockFile()
            self._current[path] = lock
            return {join(folder, PIPELINE): self._of_lock(folder, lock)}
        return {path: (_of_dvc_file(found),) if isinstance(found, Stage) else ()}

    def _file(self, path: str, oid: str | None) -> "_File | None":
        if oid is None:
            return None
        found = self._files.get((path, oid))
        if found is None:
            raise InputError("not in this clone, or too large", mend="", file=path)
        if isinstance(found, InputError):
            raise found
        return found

    def _of_lock(self, folder: str, lock: LockFile) -> tuple[Record, ...]:
        file = join(folder, PIPELINE)
        names = self._names.get(file, _NOTHING)
        known = self._records.setdefault(file, {})
        found: list[Record] = []
        for name, entry in lock.entries.items():
            if names.declares(name):
                before = known.get(name)
                wdir = names.wdir(name) if names.wdirs else ""
                # A stage's block is the same in the next revision, but perhaps for its line.
                if before is None or before[1] != wdir or not _same(before[0], entry):
                    before = known[name] = entry, wdir, _record(file, folder, name, wdir, entry)
                found.append(before[2])
        return tuple(found)


def _same(one: LockEntry, two: LockEntry) -> bool:
    return one is two or (one.deps is two.deps and one.outs is two.outs)


def _record(file: str, folder: str, name: str, wdir: str, entry: LockEntry) -> Record:
    base = join(folder, wdir) if wdir else folder
    params = {
        f"{join(base, path)}:{key}": value
        for path, values in entry.params.items()
        for key, value in _leaves(values)
    }
    return Record(
        f"{file}:{name}",
        file,
        entry.cmd if entry.cmd is not None else "",
        _joined(base, entry.deps),
        _joined(base, entry.outs),
        params,
    )


def _joined(wdir: str, versions: Mapping[str, Version]) -> Mapping[str, Version]:
    return {join(wdir, path): version for path, version in versions.items()}


def _leaves(values: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield values by the keys that lead to them, joined by dots, as `dvc params diff` does."""
    for key, value in values.items():
        name = f"{above}.{key}" if above else str(key)
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, name)
        else:
            yield name, value


def _of_dvc_file(stage: Stage) -> Record:
    deps = {dep.path: dep.locked or Version(None) for dep in stage.deps}
    outs = {out.path: out.locked or Version(None) for out in stage.outs}
    return Record(stage.id, stage.file, stage.cmd, deps, outs, imported=stage.imported)
