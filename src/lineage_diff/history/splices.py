"""Find lock entries that a merge mixed from its parents' entries, and that no run wrote.

Git merges `dvc.lock` line by line. If two branches ran a stage on different inputs, the merged
entry can combine an input of one with a result of the other. A rebase, a cherry-pick and a squash
keep no parents, so mixed entries are not found in them.
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff.dvc.lock.lock_file import LockFile, LockReader
from lineage_diff.dvc.project import LOCK
from lineage_diff.errors import InputError
from lineage_diff.git.log import Merge
from lineage_diff.history.lock_blame import LockHistory, is_spliced
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.history import Splice
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import LockEntry, Stage, lock_parts
from lineage_diff.parsing.work_budget import WorkBudget

_TWO = 2


class SpliceSearch(Struct, frozen=True):
    """The spliced lock entries of a commit, by stage.

    `complete` is false if some merge could not be searched: the history is cut or too long, or
    lacks the content of a lock.
    """

    found: Mapping[str, Splice]
    complete: bool


def find_splices(
    history: HistoryReader, lineage: Lineage, since: str | None = None
) -> Mapping[str, Splice]:
    """Return the spliced lock entries of a commit, by stage.

    All merges before the commit are checked, except those reachable from `since`.
    """
    return search_splices(history, lineage, since).found


def search_splices(
    history: HistoryReader, lineage: Lineage, since: str | None = None
) -> SpliceSearch:
    """Search as `find_splices` does, and return whether all merges were searched."""
    whole = not history.is_shallow
    locks = {file for _, file in _locked_stages(lineage)}
    if not locks:
        return SpliceSearch({}, True)
    try:
        merges = history.mixing_merges(lineage.commit, since, locks)
    except InputError:
        return SpliceSearch({}, False)
    if not merges:
        return SpliceSearch({}, whole)
    past = _PastLocks(history)
    found: dict[str, Splice] = {}
    for merge, stage, file in _candidates(merges, lineage):
        if stage.id in found or stage.lock is None or stage.name is None:
            continue
        after = merge.files[file].after
        held = past.file(after) if past.may_hold(after, stage.lock) else None
        entry = held.entries.get(stage.name) if held is not None else None
        if entry is None or lock_parts(entry) != lock_parts(stage.lock):
            continue
        splice = past.splice(stage, file, merge.files[file].before, merge)
        if splice is not None and not _is_run_since(history, lineage, stage, file, merge.commit):
            found[stage.id] = splice
    whole = whole and len(merges) < history.limits.history_commits
    return SpliceSearch(found, whole and not past.lacks_text)


def find_merge_splices(history: HistoryReader, lineage: Lineage) -> Mapping[str, Splice]:
    """Return the staged or on-disk entries that the merge in progress spliced, by stage."""
    parents = history.repository.merging()
    locks = {item.lock_file for item in lineage.pipelines if item.lock_file is not None}
    if not parents or not locks:
        return {}
    past = _PastLocks(history)
    merge = Merge("", parents, {})
    found: dict[str, Splice] = {}
    try:
        sides = [history.repository.files_at(parent, locks).files() for parent in parents]
    except InputError:
        return {}
    for stage, file in _locked_stages(lineage):
        before = tuple(side[file].oid if file in side else None for side in sides)
        splice = past.splice(stage, file, before, merge)
        if splice is not None:
            found[stage.id] = splice
    return found


def _candidates(merges: Iterable[Merge], lineage: Lineage) -> Iterator[tuple[Merge, Stage, str]]:
    stages: dict[str, list[Stage]] = {}
    for stage, file in _locked_stages(lineage):
        stages.setdefault(file, []).append(stage)
    for merge in merges:
        for file in sorted(merge.files):
            for stage in stages.get(file, ()):
                yield merge, stage, file


def _locked_stages(lineage: Lineage) -> Iterator[tuple[Stage, str]]:
    """Yield each stage with a lock entry, and its lock file."""
    locks = {item.file: item.lock_file for item in lineage.pipelines}
    for stage in lineage.stages:
        file = locks.get(stage.file)
        if stage.lock is not None and stage.name is not None and file is not None:
            yield stage, file


def _is_run_since(
    history: HistoryReader, lineage: Lineage, stage: Stage, file: str, merge: str
) -> bool:
    """Return whether a commit other than the merge wrote the entry, for example a later run."""
    if stage.lock is None or stage.name is None:
        return False
    try:
        known = history.lock_commits(lineage.commit)
    except InputError:
        return False
    blame = LockHistory(history, known, history.is_shallow, history.limits)
    return blame.find(file, stage.name, stage.lock).commit not in (None, merge)


class _PastLocks:
    """Reads past lock files, each once, up to a limit of bytes."""

    def __init__(self, history: HistoryReader) -> None:
        self._history = history
        self._reader = LockReader()
        self._work = WorkBudget(history.limits)
        self._files: dict[str, LockFile | None] = {}
        self._texts: dict[str, bytes | None] = {}
        self._bytes = 0
        self.lacks_text = False

    def file(self, oid: str | None) -> LockFile | None:
        """Return a lock file by its blob id; `None` if there is none or it is unreadable."""
        if oid is None:
            return None
        if oid not in self._files:
            self._files[oid] = self._read(oid)
        return self._files[oid]

    def may_hold(self, oid: str | None, entry: LockEntry) -> bool:
        """Whether a lock file can have an entry with these results, by its text."""
        text = self._text(oid) if oid is not None else None
        if text is None:
            return False
        hashes = [out.hash.value for out in entry.outs.values() if out.hash is not None]
        # Only an escape spells a hash otherwise.
        return b"\\" in text or all(value.encode() in text for value in hashes)

    def _text(self, oid: str) -> bytes | None:
        if oid not in self._texts:
            is_over = self._bytes > self._history.limits.lock_history_bytes
            read = () if is_over else self._history.read_oids((oid,))
            self._texts[oid] = next((content for _, content in read), None)
            self._bytes += len(self._texts[oid] or b"")
            self.lacks_text = self.lacks_text or self._texts[oid] is None
        return self._texts[oid]

    def _read(self, oid: str) -> LockFile | None:
        text = self._text(oid)
        if text is None:
            return None
        try:
            return self._reader.read(text, LOCK, self._work)
        except InputError:
            return None

    def splice(
        self, stage: Stage, file: str, before: Iterable[str | None], merge: Merge
    ) -> Splice | None:
        """Return the splice of a stage's entry by a merge; `None` without one."""
        entry, name = stage.lock, stage.name
        if entry is None or name is None:
            return None
        locks = [lock for oid in before if (lock := self.file(oid)) is not None]
        wanted = lock_parts(entry)
        if any(lock_parts(other) == wanted for lock in locks for other in lock.entries.values()):
            return None
        runs = [run for lock in locks if (run := _same_stage(lock, name, entry)) is not None]
        if not is_spliced(entry, runs):
            return None
        mild = _is_mild(entry, runs, self._at_base(file, name, entry, merge))
        return Splice(merge.commit or None, tuple(runs), mild)

    def _at_base(self, file: str, name: str, entry: LockEntry, merge: Merge) -> LockEntry | None:
        try:
            base = self._history.repository.merge_base(*merge.parents[:2])
            held = self._history.repository.files_at(base, (file,)).files().get(file)
        except InputError:
            return None
        lock = self.file(held.oid) if held is not None else None
        return _same_stage(lock, name, entry) if lock is not None else None


def _is_mild(entry: LockEntry, runs: list[LockEntry], base: LockEntry | None) -> bool:
    """Return whether each result was changed by only one side, and is that side's, or by none."""
    if base is None or len(runs) > _TWO:
        return False
    for path, version in entry.outs.items():
        held = {str(run.outs[path].hash) for run in runs if path in run.outs}
        changed = held - ({str(base.outs[path].hash)} if path in base.outs else set())
        if len(changed) > 1 or (changed and str(version.hash) not in changed):
            return False
    return True


def _same_stage(lock: LockFile, name: str, entry: LockEntry) -> LockEntry | None:
    """Return a stage's entry in another lock, by its name or, if renamed, by a common out."""
    if name in lock.entries:
        return lock.entries[name]
    others = (lock.entries[other] for other in sorted(lock.entries))
    return next((other for other in others if other.outs.keys() & entry.outs.keys()), None)
