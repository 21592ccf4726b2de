"""Find earlier runs of a stage on the same inputs and code that gave other results.

Only the lock files of recent commits are read, and of these the entries of stages that ran again.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.dvc.lock.blocks import Blocks
from lineage_diff.dvc.lock.lock_file import LockReader
from lineage_diff.dvc.project import LOCK
from lineage_diff.errors import DamagedBlockError, InputError
from lineage_diff.git.process import GitFailed
from lineage_diff.git.repository import GitRepository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.history import ChangedValue, RepeatedRun
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.paths import folder_of, join
from lineage_diff.lineage.stage import LockEntry, Stage
from lineage_diff.lineage.values import values_by_key
from lineage_diff.lineage.version import Version, is_recorded, same_version
from lineage_diff.parsing.work_budget import WorkBudget
from lineage_diff.report.change import same_value

if TYPE_CHECKING:
    from lineage_diff.history.past_values import Commits

# Names and suffixes of files that no run reads as code.
_NO_CODE_NAMES = frozenset(
    ("dvc.lock", "dvc.yaml", ".gitignore", ".gitattributes", ".dvcignore", "LICENSE")
)
_NO_CODE_SUFFIXES = (".dvc", ".md", ".rst", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".html")
_REPORTS = (".ipynb", ".html", ".log", ".pdf", ".md", ".png", ".jpg", ".jpeg", ".svg")
_NO_CODE_FOLDERS = (".dvc/", ".github/", "docs/")


class _Earlier(Struct, frozen=True):
    """An earlier entry of a stage on the same inputs, and the commit that wrote it."""

    stage: Stage
    commit: str
    entry: LockEntry


def find_repeated_runs(
    history: HistoryReader, base: Lineage, head: Lineage, blocks: Blocks | None = None
) -> tuple[RepeatedRun, ...]:
    """Return the stages that ran between base and head as before, with other results.

    At most one earlier run of each stage, the newest, and `REPEATED_RUNS` in all. `blocks` are the
    lock blocks known from elsewhere. A history that Git cannot read has none.
    """
    found = []
    tried = 0
    paths = frozenset(out.path for stage in head.stages for out in stage.outs)
    ran = _ran(base, head)
    locks = sorted(ran)[: limits.REPEATED_LOCKS]
    for lock, commits in history.recent_commits(base.commit, locks).items():
        done: set[str] = set()
        try:
            earlier = list(_earlier_runs(history, commits, lock, ran[lock], blocks))
        except InputError:
            continue
        for item in reversed(earlier):
            if item.stage.id in done or tried == limits.REPEATED_RUNS:
                continue
            tried += 1
            if _has_same_code(history.repository, item, head, paths):
                done.add(item.stage.id)
                repeated = _repeated(history, item, head)
                found += [repeated] if repeated.outs else []
    return tuple(sorted(found, key=lambda item: item.stage))


def _ran(base: Lineage, head: Lineage) -> Mapping[str, dict[str, Stage]]:
    """Return the stages whose recorded outs differ from the base, by lock file and name.

    Stages that need not give the same again are left out.
    """
    before = {stage.id: stage for stage in base.stages}
    made = frozenset(out.path for stage in head.stages for out in stage.outs)
    found: dict[str, dict[str, Stage]] = {}
    for stage in head.stages:
        old = before.get(stage.id)
        if old is None or old is stage or stage.name is None or not _is_repeatable(stage, made):
            continue
        if old.lock is None or stage.lock is None or not _differing(old.lock, stage.lock):
            continue
        lock = join(folder_of(stage.file), LOCK)
        found.setdefault(lock, {})[stage.name] = stage
    return found


def _is_repeatable(stage: Stage, made: frozenset[str]) -> bool:
    """Whether equal inputs should give equal results: not of a stage that gets data elsewhere.

    That one has neither data, an out of another stage or of a `.dvc` file, nor metrics of its own.
    """
    if stage.always_changed or any(out.persist for out in stage.outs):
        return False
    return any(out.kind == "metrics" for out in stage.outs) or any(
        not made.isdisjoint((dep.path, *ancestors(dep.path))) for dep in stage.deps
    )


def _earlier_runs(
    history: HistoryReader,
    commits: "Commits",
    lock: str,
    stages: Mapping[str, Stage],
    blocks: Blocks | None,
) -> Iterator[_Earlier]:
    """Yield earlier entries on the same inputs with other outs, the oldest first."""
    reader, work = LockReader(history.limits, blocks), WorkBudget(history.limits)
    revisions, whole = history.texts_after(commits, limits.REPEATED_BYTES)
    for number, (info, text) in enumerate(reversed(revisions)):
        try:
            changed = reader.next(text, lock, False, work).new
        except (InputError, DamagedBlockError):
            continue
        for block in changed:
            stage = stages.get(block.name)
            # Of the oldest lock that was read, any commit before may have written the entry.
            if stage is None or stage.lock is None or not (number or whole):
                continue
            try:
                entry = block.entry(work=work)
            except (InputError, DamagedBlockError):
                continue
            if _has_same_inputs(entry, stage.lock) and _differing(entry, stage.lock):
                yield _Earlier(stage, info.id, entry)


def _has_same_inputs(old: LockEntry, new: LockEntry) -> bool:
    return (
        old.cmd == new.cmd
        and old.deps.keys() == new.deps.keys()
        and all(map(is_recorded, new.deps.values()))
        and all(same_version(old.deps[path], new.deps[path]) for path in new.deps)
        and old.params == new.params
    )


def _differing(old: LockEntry, new: LockEntry) -> tuple[str, ...]:
    """Return the outs, as written in the lock, that both runs made and that differ."""
    return tuple(
        sorted(
            path
            for path in old.outs.keys() & new.outs.keys()
            if _are_comparable(old.outs[path], new.outs[path])
            and not same_version(old.outs[path], new.outs[path])
        )
    )


def _are_comparable(old: Version, new: Version) -> bool:
    """Whether both have a hash of one algorithm: others differ for one content."""
    return (
        old.hash is not None
        and new.hash is not None
        and old.hash.algorithm == new.hash.algorithm
        and old.hash.is_dir == new.hash.is_dir
    )


def _has_same_code(
    repository: GitRepository, item: _Earlier, head: Lineage, outs: frozenset[str]
) -> bool:
    """Whether Git has nothing else that the stage may read: what it does not declare, counts."""
    try:
        listing = repository.git.run(
            "diff-tree", "-r", "-z", "--name-only", "--no-renames", item.commit, head.commit
        )
    except GitFailed:
        return False
    names = listing.decode("utf-8", "surrogateescape").split("\0")
    declared = frozenset((*item.stage.used_paths, *outs))
    return not any(_may_be_read(name, declared) for name in names if name)


def _may_be_read(path: str, declared: frozenset[str]) -> bool:
    name = path.rpartition("/")[2]
    if name in _NO_CODE_NAMES or name.lower().endswith(_NO_CODE_SUFFIXES):
        return False
    if path.startswith(_NO_CODE_FOLDERS):
        return False
    return declared.isdisjoint((path, *ancestors(path)))


def _repeated(history: HistoryReader, item: _Earlier, head: Lineage) -> RepeatedRun:
    stage = item.stage
    paths = [] if stage.lock is None else list(_differing(item.entry, stage.lock))
    full = [join(stage.wdir, path) for path in paths]
    metrics = sorted(set(full) & head.metrics.keys())
    values = tuple(_values(history, item.commit, head, metrics))
    # Only a time may differ in metrics that cannot be read, in a plot or in a report.
    shown = {out.path for out in stage.outs if out.kind == "plots" or _is_report(out.path)}
    unread = {*shown, *metrics} - {value.file for value in values}
    return RepeatedRun(
        stage.id, item.commit, tuple(path for path in full if path not in unread), values
    )


def _is_report(path: str) -> bool:
    return path.lower().endswith(_REPORTS)


def _values(
    history: HistoryReader, commit: str, head: Lineage, files: Iterable[str]
) -> Iterator[ChangedValue]:
    """Yield the metrics in Git that differ between the two runs."""
    files = list(files)
    then = history.values_at([(commit, file) for file in files])
    for file in files:
        old = then.get((commit, file))
        if old is None or head.metrics[file].unknown is not None:
            continue
        before, now = values_by_key(old), values_by_key(head.metrics[file])
        for key in sorted(before.keys() & now.keys()):
            if not same_value(before[key], now[key]):
                yield ChangedValue(file, key, before[key], now[key])
