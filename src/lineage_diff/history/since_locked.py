"""Find changes since lock entries were written.

For stages whose freshness one commit cannot decide: find the commit that wrote their lock entry,
and the changes since then at the undecided paths.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

from lineage_diff import limits
from lineage_diff.dvc import unknown_reasons as unknown
from lineage_diff.errors import InputError
from lineage_diff.git.path_rules import GITATTRIBUTES, Conversions
from lineage_diff.history.commit_view import CommitView, span_below
from lineage_diff.history.lock_blame import (
    TOO_LONG,
    UNREADABLE,
    LockHistorySource,
    LockOrigin,
    known_writers,
    recorded_earlier,
    writers,
    written_earlier,
)
from lineage_diff.lineage.evidence import CommitState, GitContents
from lineage_diff.lineage.history import LockedAt
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.stage import Dep, Out, Stage
from lineage_diff.lineage.version import Version
from lineage_diff.parsing.ignore_patterns import DVCIGNORE
from lineage_diff.parsing.work_budget import COMPARING, TooMuchWorkError, WorkBudget

_Parts = Mapping[str, str | None]
"""The versions at a path of all that may differ, by their paths."""

# The steps for each differing file at a path: both sides are listed, sorted and compared.
_PART_STEPS = 10

_Since = tuple[tuple[str, ...], bool]


class Reader(Protocol):
    """The interface of a lineage reader."""

    def read(self, commit: str) -> Lineage:
        """Read a commit."""

    def read_with_contents(self, commit: str) -> tuple[Lineage, GitContents]:
        """Read a commit, and the hashes of the deps and outs that Git tracks."""


def changes_since_locked(
    history: LockHistorySource,
    reader: Reader,
    lineage: Lineage,
    held: GitContents,
    asked: Mapping[str, tuple[str, ...]],
    earlier: Lineage | None = None,
) -> Mapping[str, LockedAt]:
    """Return, by stage, the changes at the `asked` paths since its lock entry was written.

    `held` is what Git holds at the commit. An entry that the commit `earlier` has, too, was
    written there: a change may write another one and put it back. Without such paths, Git is not
    called.
    """
    if not asked:
        return {}
    found = writers(history, lineage, asked, history.limits.lock_history_bytes)
    again: dict[str, tuple[LockOrigin, tuple[str, ...]]] = {}
    if earlier is not None:
        found |= written_earlier(history, lineage, earlier, found)
        # Another part of the entry may be new, and this one as it was: no run saw other content.
        again = recorded_earlier(history, lineage, earlier, found, _unread(held, asked))
    questions = [(name, paths, found[name]) for name, paths in asked.items()]
    questions += [(name, paths, origin) for name, (origin, paths) in again.items()]
    work = WorkBudget(history.limits)
    now = CommitView(lineage, held, history.snapshot(lineage.commit), work)
    is_hashed = _is_hashed(held, asked)
    views: dict[str, CommitView] = {}
    most = min(limits.LOCKED_COMMITS, limits.LOCKED_STAGES // (len(lineage.stages) or 1) or 1)
    stages = {stage.id: stage for stage in lineage.stages}
    paths_since: dict[str, _PathChanges] = {}
    changes: dict[str, LockedAt] = {}
    for name, paths, origin in questions:
        commit, why = origin.commit, origin.unknown
        if commit is not None and commit not in views:
            try:
                if len(views) == most:
                    why = TOO_LONG
                else:
                    # The commit itself often wrote the lock: it is not read a second time.
                    is_now = commit == lineage.commit
                    views[commit] = now if is_now else _view(history, reader, commit, is_hashed)
            except InputError:
                why = UNREADABLE
        at = LockedAt(commit, unknown=why)
        if commit is not None and commit in views:
            if commit not in paths_since:
                paths_since[commit] = _PathChanges(views[commit], now, work)
            try:
                at = _changes(stages[name], paths, commit, paths_since[commit])
            except TooMuchWorkError as error:
                at = LockedAt(commit, unknown=error.message)
        changes[name] = _joined(changes[name], at, paths) if name in changes else at
    return changes


def _unread(
    held: GitContents, asked: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    """Return those of the asked paths at which Git holds what cannot be hashed at all."""

    def is_unread(path: str) -> bool:
        content = held.contents.get(path)
        why = content.unknown if content is not None and content.kind != "in-submodule" else None
        return why is not None and not unknown.is_converted(why)

    return {name: tuple(filter(is_unread, paths)) for name, paths in asked.items()}


def _joined(some: LockedAt, other: LockedAt, paths: Iterable[str]) -> LockedAt:
    """Return what changed since two commits, at these paths since the other one."""
    among = frozenset(paths)
    since = {path: changed for path, changed in some.since.items() if path not in among}
    certain = (some.certain - among) | other.certain
    return LockedAt(some.commit, {**since, **other.since}, certain, some.unknown)


def _view(history: LockHistorySource, reader: Reader, commit: str, is_hashed: bool) -> CommitView:
    files = history.snapshot(commit)
    if not is_hashed:
        return CommitView(reader.read(commit), GitContents(), files)
    return CommitView(*reader.read_with_contents(commit), files)


def _is_hashed(held: GitContents, asked: Mapping[str, tuple[str, ...]]) -> bool:
    """Return whether any of the paths can be hashed at all."""
    paths = {path for of_stage in asked.values() for path in of_stage}
    contents = (held.contents.get(path) for path in paths)
    return any(
        content is not None and (content.unknown is None or unknown.is_converted(content.unknown))
        for content in contents
    )


def lock_commits(
    history: LockHistorySource, state: CommitState, stages: Sequence[str]
) -> dict[str, str]:
    """Return, by stage, the commit that wrote its lock entry, if it is found quickly."""
    if not stages:
        return {}
    locked_at = state.evidence.locked_at
    known = {name: at.commit for name, at in locked_at.items() if at.commit is not None}
    asked = [name for name in stages[: limits.DATED_STAGES] if name not in known]
    found = writers(history, state.lineage, asked, limits.DATED_BYTES) if asked else {}
    commits = {name: writer.commit for name, writer in found.items() if writer.commit is not None}
    return {name: commit for name, commit in (known | commits).items() if name in stages}


def written_after(
    history: LockHistorySource, state: CommitState, earlier: Lineage
) -> tuple[str, ...]:
    """Return the undecided stages whose entry was written by a commit that `earlier` lacks."""
    commits = {name: at.commit for name, at in state.evidence.locked_at.items()}
    if not commits:
        return ()
    known = known_writers(history, earlier)
    return tuple(name for name, commit in commits.items() if commit and commit not in known)


class _PathChange(NamedTuple):
    """The parts of a path that changed, and whether their change surely matters.

    `in_new_form`: Git converts one of them otherwise than before, so that its form in Git differs
    even if the file that DVC hashes is the same.
    """

    since: tuple[str, ...]
    is_certain: bool
    in_new_form: bool = False


class _PathChanges:
    """What changed at paths between two commits: stages share paths, which are compared once."""

    def __init__(self, then: CommitView, now: CommitView, work: WorkBudget) -> None:
        self.then = then
        self.now = now
        self.stages = {stage.id: stage for stage in then.lineage.stages}
        differing = then.differing_files(now)
        self._attributes = tuple(
            path for path in differing if path.rpartition("/")[2] == GITATTRIBUTES
        )
        self._among = then.files_among(differing), now.files_among(differing)
        self._plain, others = then.split_plain(differing, now)
        self._others = then.files_among(others), now.files_among(others)
        self._kept: tuple[tuple[int, int, frozenset[str]] | None, tuple[str, ...]] = None, ()
        self._work = work
        self._known: dict[str, _PathChange | None] = {}
        self._conversions = Conversions(then.files, work), Conversions(now.files, work)
        self._other_settings: dict[str, bool] = {}

    def at(self, path: str) -> _PathChange | None:
        """Return the change of a path, `None` if there was nothing at it before.

        Raises `TooMuchWorkError` where more lies there than the budget allows.
        """
        if path not in self._known:
            self._known[path] = self._compared(path)
        return self._known[path]

    def _compared(self, path: str) -> _PathChange | None:
        then, now, (before, after) = self.then, self.now, self._among
        most = then.most_parts(path, before) + now.most_parts(path, after)
        self._work.spend(_PART_STEPS * most, COMPARING)
        reached, is_led_alike = now.files.follow(path), True
        if then is not now:
            is_led_alike = then.files.follow(path) == reached
        # Folders in folders share most of their files: each of these is looked at once for all.
        before, after = self._others if is_led_alike else self._among
        new = now.parts(path, after)
        old = new if then is now else then.parts(path, before)
        if not old and not then.has_files_below(path):
            return None
        since, is_edited = self._differing(path, old, new, reached if is_led_alike else None)
        is_empty = not new and not now.has_files_below(path)
        is_certain = is_edited or (is_empty and _is_gone(path, old, then, now))
        anew = self._converted_anew(path, since)
        return _PathChange(since or anew, is_certain, bool(anew))

    def _differing(self, path: str, old: _Parts, new: _Parts, reached: str | None) -> _Since:
        """Return the parts of a path that differ, and whether one is a file with other content.

        `old` and `new` hold the parts but the plain files below the folder `reached`.
        """
        then, now = self.then, self.now
        changed = [name for name, seen in old.items() if seen is None or seen != new.get(name)]
        found = sorted(changed + [part for part in new if part not in old])
        named = [part for part in (*old, *new) if part.endswith(DVCIGNORE)]
        ignores = frozenset(part for part in named if part.rpartition("/")[2] == DVCIGNORE)
        if not ignores.isdisjoint(found):
            return _merged(found, self._plain_below(reached, frozenset())), False
        since = _merged(now.not_ignored(found, ignores), self._plain_below(reached, ignores))
        if _holds_pointers(path, now):
            same = then.moved_to_lfs(since, now)
            since = tuple(part for part in since if part not in same)
        return since, then.has_edits(since, now)

    def _plain_below(self, folder: str | None, ignores: frozenset[str]) -> tuple[str, ...]:
        """Return the plain files below a folder that changed, and that are not ignored, sorted."""
        if folder is None:
            return ()
        span = span_below(self._plain, folder)
        key = span.start, span.stop, ignores
        if self._kept[0] != key:
            self._kept = key, tuple(self.now.not_ignored(self._plain[span], ignores))
        return self._kept[1]

    def _converted_anew(self, path: str, since: tuple[str, ...]) -> tuple[str, ...]:
        """Return the changed `.gitattributes` that let Git convert a file at a path otherwise."""
        if not self._attributes or not self._is_converted(path):
            return ()
        parts = {*since, *self.now.files_at(path)}
        self._work.spend(len(parts), COMPARING)
        return self._attributes if any(map(self._has_other_setting, parts)) else ()

    def _has_other_setting(self, path: str) -> bool:
        found = self._other_settings.get(path)
        if found is None:
            then, now = self._conversions
            found = self._other_settings[path] = then.setting(path) != now.setting(path)
        return found

    def _is_converted(self, path: str) -> bool:
        content, params = self.now.held.contents.get(path), self.now.lineage.params.get(path)
        if params is not None and params.converted:
            return True
        return content is not None and unknown.is_converted(content.unknown or "")


def _changes(stage: Stage, paths: Iterable[str], commit: str, changes: _PathChanges) -> LockedAt:
    since: dict[str, tuple[str, ...]] = {}
    certain: set[str] = set()
    items: tuple[Dep | Out, ...] = (*stage.outs, *stage.deps)
    locked = {item.path: item.locked for item in items}
    widened = _widened_params(stage, changes.stages)
    for path in paths:
        change = changes.at(path)
        if change is None or path in widened:
            continue
        since[path] = change.since
        if change.in_new_form:
            continue
        if change.is_certain or _is_replaced(path, locked.get(path), changes.then, changes.now):
            certain.add(path)
    return LockedAt(commit, since, frozenset(certain))


def _merged(some: list[str], more: tuple[str, ...]) -> tuple[str, ...]:
    """Return two sorted lists of different paths as one, without a copy where one is empty."""
    return tuple(sorted((*some, *more))) if some else more


def _is_gone(path: str, old: _Parts, then: CommitView, now: CommitView) -> bool:
    """Whether a path that no commit holds any more is surely missing.

    A file removed from Git and now ignored may still exist; no commit shows it.
    """
    was_kept = not then.outs.keys().isdisjoint(old)
    return not now.lineage.problems and (was_kept or path not in now.held.git_ignored)


def _is_replaced(path: str, locked: Version | None, then: CommitView, now: CommitView) -> bool:
    """Whether Git held exactly the locked content, and now has other content to compare.

    A folder whose files Git converts has no hash to compare: its files and their number decide.
    """
    before, after = then.held.contents.get(path), now.held.contents.get(path)
    if before is None or after is None or locked is None:
        return False
    if after.unknown is not None:
        was_whole = any(version.nfiles == locked.nfiles for version in before.versions)
        return unknown.is_converted(after.unknown) and was_whole and before.seen != after.seen
    return any(version.hash == locked.hash for version in before.versions)


def _widened_params(stage: Stage, then: Mapping[str, Stage]) -> set[str]:
    """Return the params files that a stage uses in whole, but did not when it was locked.

    The lock has only the values used then: an unchanged file decides nothing about the others.
    """
    whole = {param.path for param in stage.params if not param.keys}
    if not whole:
        return whole
    before = then.get(stage.id)
    return whole - {param.path for param in before.params if not param.keys} if before else whole


def _holds_pointers(path: str, now: CommitView) -> bool:
    """Return whether the content at a path is unreadable because of Git LFS."""
    content = now.held.contents.get(path)
    return content is not None and (content.unknown or "").endswith(unknown.LFS)
