"""Build the history of the DVC files along first parents from one `git log` and a blob batch."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import tee
from typing import Any

from lineage_diff.dvc.lock.blocks import Blocks
from lineage_diff.dvc.lock.fast_parser import LockBlock
from lineage_diff.dvc.lock.lock_file import LockDelta, LockReader
from lineage_diff.dvc.pipeline.dvc_file import DvcFiles, read_dvc_file
from lineage_diff.dvc.pipeline.stage_names import PipelineNames, pipeline_names
from lineage_diff.dvc.project import LOCK, PIPELINE
from lineage_diff.errors import InputError
from lineage_diff.git.github_names import merged_pull_request
from lineage_diff.git.log import PathChange, read_raw_log, read_raw_log_from_end
from lineage_diff.history.records import block_record, dataset_record, dvc_file_record
from lineage_diff.lineage.history import CommitInfo, Point, Record, Timeline, Unreadable
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import Stage
from lineage_diff.parsing.work_budget import (
    PARSING,
    RUN_STEPS,
    RUNS,
    HistoryWork,
    TooMuchWorkError,
    WorkBudget,
)
from lineage_diff.parsing.yaml_loader import collection_paused

_FILE_MODES = ("100644", "100755")
Changes = Mapping[str, str | None]
ReadBlobs = Callable[[Iterable[str]], Iterable[tuple[str, bytes]]]


def commits_of_log(listing: bytes) -> Iterator[tuple[CommitInfo, Changes]]:
    """Yield each commit with the blob ids of its changed paths, `None` for a removed file.

    `listing` is the output of `git log` with `FIRST_PARENTS`.
    """
    return map(_changed_by, read_raw_log(listing))


def _changed_by(commit: tuple[str, list[PathChange]]) -> tuple[CommitInfo, Changes]:
    head, changes = commit
    blobs = {
        change.path: change.after if change.mode in _FILE_MODES else None for change in changes
    }
    return _commit(head), blobs


def _commit(text: str) -> CommitInfo:
    head, author, subject, *_ = (*text.split("\n"), "", "")
    name, _, date = head.partition(" ")
    # Git from 2.42 on writes UTC as `Z`, an older one as `+00:00`.
    if date.endswith("Z"):
        date = f"{date[:-1]}+00:00"
    return CommitInfo(name, author, date, subject, merged_pull_request(subject))


def read_timeline(
    listing: bytes,
    read_oids: ReadBlobs,
    complete: bool,
    strict: bool = False,
    work: HistoryWork | None = None,
    blocks: Blocks | None = None,
    known: DvcFiles | None = None,
) -> Timeline:
    """Build a timeline from the output of `start_path_log`; `read_oids` yields blobs' bytes.

    Unless it is `strict`, a lock block that is damaged inside is found only when its entry is
    read: that raises `DamagedBlockError`. `work` is what is left for all texts of the history,
    and the runs of records are read within it, too. `blocks` are known from elsewhere. The `known`
    `.dvc` files are not read again.
    """
    with collection_paused():
        points = tuple(read_points(listing, read_oids, strict, work, blocks, known))
    return Timeline(points, complete)


def read_points(
    listing: bytes,
    read_oids: ReadBlobs,
    strict: bool = False,
    work: HistoryWork | None = None,
    blocks: Blocks | None = None,
    known: DvcFiles | None = None,
    most: int | None = None,
) -> Iterator[Point]:
    """Yield the points of a timeline, the oldest first; parameters as for `read_timeline`.

    With `most`, about that many blocks of old locks are kept in memory, besides those in force.
    """
    # The first is ahead by the blobs that are asked for at once. Nothing else is in memory.
    ahead, history = tee(map(_changed_by, read_raw_log_from_end(listing)))
    known = {} if known is None else known
    asked = (
        changes[path]
        for _, changes in ahead
        for path in sorted(changes)
        if (path, changes[path]) not in known
    )
    texts = _Texts(read_oids, (oid for oid in asked if oid is not None))
    reader = _RecordReader(strict, work or HistoryWork(), blocks, known)
    for commit, changes in history:
        yield reader.point(commit, changes, texts)
        if most is not None:
            reader.forget_old_blocks(most)


# Bytes of a text that are compared in the time of one step.
_COMPARED_BYTES = 64

# Contents that are kept for copies of them: those of a few files in each of many folders.
_COPIED = 4


class _Texts:
    """A stream of blobs in the order of their requests, without the missing ones.

    A copy of one of the last contents is not read again.
    """

    def __init__(self, read_oids: ReadBlobs, oids: Iterable[str]) -> None:
        self._blobs = iter(read_oids(_without_copies(oids)))
        self._next = next(self._blobs, None)
        self._kept: dict[str, bytes | None] = {}

    def take(self, oid: str) -> bytes | None:
        """Return the bytes of the next requested blob, `None` if it is missing."""
        if oid not in self._kept:
            _forget_oldest(self._kept)
            self._kept[oid] = None
            if self._next is not None and self._next[0] == oid:
                self._kept[oid] = self._next[1]
                self._next = next(self._blobs, None)
        return self._kept[oid]


def _without_copies(oids: Iterable[str]) -> Iterator[str]:
    """Yield the ids that `_Texts` does not keep at the time they are taken."""
    kept: dict[str, None] = {}
    for oid in oids:
        if oid not in kept:
            _forget_oldest(kept)
            kept[oid] = None
            yield oid


def _forget_oldest(kept: dict[str, Any]) -> None:
    if len(kept) == _COPIED:
        del kept[next(iter(kept))]


class _RecordReader:
    """Reads files as they change. An unreadable file keeps its previous records.

    The texts of each commit have one budget of work, those of all commits another, and all records
    together have a third: a few texts can be the files of very many folders, in many commits.
    """

    def __init__(
        self, strict: bool, texts: HistoryWork, blocks: Blocks | None, known: DvcFiles
    ) -> None:
        self._known = known
        self._strict = strict
        self._locks = LockReader(texts.limits, blocks)
        self._pipelines: dict[str, _Pipeline] = {}
        self._files: dict[str, Record] = {}
        self._records = WorkBudget(texts.limits)
        self._texts = texts

    def point(self, commit: CommitInfo, changes: Changes, texts: _Texts) -> Point:
        """Return the records that a commit removes and adds."""
        gone: list[Record] = []
        new: list[Record] = []
        unreadable: list[Unreadable] = []
        work = self._texts.commit()
        for path in sorted(changes):
            oid = changes[path]
            try:
                if (path, oid) in self._known:
                    changed = self._set_dvc_file(path, self._known[path, oid][0])
                else:
                    changed = self._apply(path, _text_of(path, oid, texts), work)
            except InputError as error:
                unreadable.append(Unreadable(commit.id, path, error.message))
            else:
                gone += changed[0]
                new += changed[1]
        if len(changes) > 1:
            # A record that the new lock adds and the new `dvc.yaml` removes never existed.
            passing = {id(record) for record in gone} & {id(record) for record in new}
            gone = [record for record in gone if id(record) not in passing]
            new = [record for record in new if id(record) not in passing]
        return Point(commit, tuple(gone), tuple(new), tuple(unreadable))

    def forget_old_blocks(self, most: int) -> None:
        """Forget the blocks of earlier revisions if there are more than `most`."""
        self._locks.forget_old_blocks(most)

    def _apply(self, path: str, text: bytes | None, work: WorkBudget) -> "_Changed":
        folder, name = folder_of(path), path.rpartition("/")[2]
        if text is not None:
            # Most of a text is that of the commit before, and only compared with it.
            work.spend(len(text) // _COMPARED_BYTES, PARSING)
        if name == PIPELINE:
            # It decides which lock entries are orphans, and the folder of their paths.
            if text is None:
                return self._pipeline(folder).set_names(PipelineNames())
            return self._pipeline(folder).set_names(pipeline_names(text, path, work))
        if name == LOCK:
            if text is None:
                self._locks.forget(path)
                return self._pipeline(folder).set_lock(LockDelta([], []))
            return self._revise(folder, path, text, work)
        return self._set_dvc_file(
            path, read_dvc_file(text, path, work)[0] if text is not None else None
        )

    def _set_dvc_file(self, path: str, stage: Stage | None) -> "_Changed":
        if stage is not None:
            self._records.spend(RUN_STEPS * (1 + len(stage.outs)), RUNS)
        before = self._files.pop(path, None)
        if stage is not None:
            self._files[path] = dvc_file_record(stage)
        return _as_list(before), _as_list(self._files.get(path))

    def _revise(self, folder: str, path: str, text: bytes, work: WorkBudget) -> "_Changed":
        revised = self._locks.next(text, path, self._strict, work)
        try:
            return self._pipeline(folder).set_lock(revised)
        except TooMuchWorkError:
            # The next revision cannot follow one that was not applied.
            self._locks.forget(path)
            raise

    def _pipeline(self, folder: str) -> "_Pipeline":
        return self._pipelines.setdefault(folder, _Pipeline(folder, self._records, self._texts))


_Changed = tuple[list[Record], list[Record]]


class _Pipeline:
    """A `dvc.yaml` and its lock, with the records of the stages in both.

    What exceeds the budget of `work` is not applied at all. A block that is read only when its run
    is needed counts as `texts`.
    """

    def __init__(self, folder: str, work: WorkBudget, texts: HistoryWork) -> None:
        self._folder = folder
        self._work = work
        self._texts = texts
        self._file = join(folder, PIPELINE)
        self._names = PipelineNames()
        self._bases: dict[str, str] = {}
        self._blocks: dict[str, LockBlock] = {}
        # Those of a lock without a `dvc.yaml`: copies of it share them.
        self._undeclared: list[LockBlock] = []
        self._records: dict[str, Record] = {}
        self._datasets: dict[str, tuple[Mapping[str, Any], Record]] = {}

    def set_names(self, names: PipelineNames) -> _Changed:
        """Set the declared stages, and return the removed and added records.

        Raises `TooMuchWorkError` if there are too many.
        """
        if names == self._names:
            return [], []
        self._index_blocks()
        bases = {name: self._base_by(names, name) for name in self._blocks if names.declares(name)}
        changed = [name for name in self._blocks if bases.get(name) != self._base(name)]
        self._work.spend(RUN_STEPS * sum(name in bases for name in changed), RUNS)
        self._names, self._bases = names, bases
        return self._update(changed)

    def set_lock(self, revised: LockDelta) -> _Changed:
        """Apply a revision of the lock, and return the removed and added records.

        Raises `TooMuchWorkError` if there are too many.
        """
        gone, new = self._stages_locked(revised)
        if self._datasets or revised.datasets:
            others = self._datasets_locked(revised.datasets)
            return [*gone, *others[0]], [*new, *others[1]]
        return gone, new

    def _datasets_locked(self, entries: Mapping[str, Mapping[str, Any]]) -> _Changed:
        before = self._datasets
        self._datasets = {
            name: before[name]
            if name in before and before[name][0] == entry
            else (entry, dataset_record(self._file, name, entry))
            for name, entry in entries.items()
        }
        names = sorted(before.keys() | entries.keys())
        changed = [name for name in names if before.get(name) is not self._datasets.get(name)]
        return (
            [before[name][1] for name in changed if name in before],
            [self._datasets[name][1] for name in changed if name in entries],
        )

    def _stages_locked(self, revised: LockDelta) -> _Changed:
        """Apply the changed stage blocks, and return the removed and added records."""
        if not (revised.follows or self._names.names or self._records):
            self._blocks, self._undeclared = {}, revised.new
            return [], []
        self._index_blocks()
        self._work.spend(RUN_STEPS * (len(revised.new) + len(revised.datasets)), RUNS)
        before = self._blocks
        if revised.follows:
            gone = {block.name: block for block in revised.gone}
            for name in gone:
                del before[name]
        else:
            gone, self._blocks = before, {}
        self._blocks |= {block.name: block for block in revised.new}
        # Equal blocks are identical objects.
        changed = [block.name for block in revised.new if gone.get(block.name) is not block]
        return self._update(changed + [name for name in gone if name not in self._blocks])

    def _index_blocks(self) -> None:
        self._work.spend(RUN_STEPS * len(self._undeclared), RUNS)
        self._blocks |= {block.name: block for block in self._undeclared}
        self._undeclared = []

    def _update(self, names: Iterable[str]) -> _Changed:
        gone: list[Record] = []
        new: list[Record] = []
        for name in names:
            before = self._records.pop(name, None)
            if before is not None:
                gone.append(before)
            block = self._blocks.get(name)
            base = self._base(name) if block is not None else None
            if block is not None and base is not None:
                record = self._records[name] = block_record(self._file, base, block, self._texts)
                new.append(record)
        return gone, new

    def _base(self, name: str) -> str | None:
        """Return the folder of a stage's paths, `None` for an undeclared stage."""
        if name not in self._bases and self._names.declares(name):
            self._bases[name] = self._base_by(self._names, name)
        return self._bases.get(name)

    def _base_by(self, names: PipelineNames, name: str) -> str:
        return join(self._folder, names.wdir(name))


def _text_of(path: str, oid: str | None, texts: _Texts) -> bytes | None:
    """Return the bytes of a file, `None` for a removed one. Raises `InputError`."""
    text = texts.take(oid) if oid is not None else None
    if oid is not None and text is None:
        raise InputError("not in this clone, or too large", hint="", file=path)
    return text


def _as_list(record: Record | None) -> list[Record]:
    return [] if record is None else [record]
