"""Read the history of a repository's DVC files.

This module imports little, so that Git can work while the rest is loaded.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from lineage_diff import limits
from lineage_diff.dvc.project import LOCKS, PATHSPECS, is_lineage_file
from lineage_diff.errors import InputError
from lineage_diff.git.branches import SideBranch, SideBranches, side_branch_log, side_branches
from lineage_diff.git.log import (
    Merge,
    commits_without,
    is_first_parent,
    mixing_merges,
    start_full_log,
    start_path_log,
)
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import Limits
from lineage_diff.parsing.work_budget import HistoryWork

if TYPE_CHECKING:
    from lineage_diff.dvc.lock.blocks import Blocks
    from lineage_diff.dvc.pipeline.dvc_file import DvcFiles
    from lineage_diff.history.changed_since import LastRun
    from lineage_diff.history.lock_blame import LockCommit
    from lineage_diff.history.past_values import Commits
    from lineage_diff.lineage.history import CommitInfo, Point, Timeline
    from lineage_diff.lineage.values import ValuesFile
    from lineage_diff.report.after_merge.stale_branch import ChangeSince


class HistoryReader:
    """Reads the history of a repository's DVC files, locks and values files.

    Every failure is an `InputError`.
    """

    def __init__(self, repository: GitRepository) -> None:
        self.repository = repository
        self._git = repository.git
        self._blobs = repository.blobs
        self._logs: dict[str, Callable[[], bytes]] = {}
        # By commit, and the most commits to list.
        self._lock_logs: dict[tuple[str, int], Callable[[], bytes]] = {}
        self._work = HistoryWork(repository.limits)
        self._lock_commits: dict[str, Mapping[str, LockCommit] | None] = {}
        # Noise and repeated runs ask of one commit.
        self._newest: dict[str, list[str]] = {}

    @property
    def limits(self) -> Limits:
        """The limits of reading it."""
        return self.repository.limits

    def with_limits(self, limits: Limits) -> "HistoryReader":
        """Return a reader with other limits; it keeps the started `git log` processes."""
        if limits == self.limits:
            return self
        found = HistoryReader(self.repository.with_limits(limits))
        found._logs, found._lock_logs = self._logs, self._lock_logs
        return found

    @property
    def is_shallow(self) -> bool:
        """Whether the history was cut when the repository was cloned."""
        return self.repository.is_shallow

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit."""
        return self.repository.snapshot(commit)

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of blobs in the order of `oids`, without the missing ones."""
        return self._blobs.read_many(oids)

    def prefetch_history(self, rev: str) -> None:
        """Start the `git log` that `timeline` needs. Errors are raised by `timeline`."""
        with suppress(InputError):
            commit = self.repository.resolve(rev)
            self._logs[commit] = start_path_log(self._git, commit, PATHSPECS)

    def prefetch_whole(self, rev: str) -> None:
        """Start all that Git must list of a history to read the whole of it and its last commit.

        What was started before is not started again. Errors are raised by what needs it.
        """
        with suppress(InputError):
            commit = self.repository.resolve(rev)
            self.repository.prefetch_key(commit)
            if commit not in self._logs:
                self._logs[commit] = start_path_log(self._git, commit, PATHSPECS)
            if self._locks_of(commit) not in self._lock_logs:
                self._lock_logs[self._locks_of(commit)] = self._start_lock_log(commit)

    def _locks_of(self, commit: str) -> tuple[str, int]:
        return commit, self.limits.history_commits

    def _start_lock_log(self, commit: str) -> Callable[[], bytes]:
        most = self.limits.history_commits
        return start_full_log(self._git, commit, LOCKS, most)

    def timeline(
        self,
        commit: str,
        strict: bool = False,
        blocks: "Blocks | None" = None,
        known: "DvcFiles | None" = None,
    ) -> "Callable[[], Timeline]":
        """Start reading the history of the DVC files along the first parents.

        The returned function waits for the result, and raises `InputError`. `strict`, `blocks` and
        `known` are those of `read_timeline`.
        """
        # Imported here: Git reads the history in the meantime.
        from lineage_diff.history.timeline import read_timeline

        listing = self._logs.pop(commit, None) or start_path_log(self._git, commit, PATHSPECS)
        whole, work = not self.is_shallow, self._work
        return lambda: read_timeline(
            listing(), self._blobs.pass_by, whole, strict, work, blocks, known
        )

    def points(self, commit: str, most: int) -> "Callable[[], Iterator[Point]]":
        """Start reading the history as `timeline` does; the result yields its points one by one.

        Each lock is read to its end. `most` is that of `read_points`.
        """
        # As in `timeline`.
        from lineage_diff.history.timeline import read_points

        listing = self._logs.pop(commit, None) or start_path_log(self._git, commit, PATHSPECS)
        return lambda: read_points(listing(), self._blobs.pass_by, True, self._work, most=most)

    def points_after(self, commit: str, base: str, most: int) -> "Iterator[Point]":
        """Yield the points of `points` after a first parent, `base`.

        The first one yielded is `base` itself, with all records in force there as new ones.
        """
        # As in `timeline`.
        from lineage_diff.history.timeline import read_points

        line = SideBranch(commit, base)
        listing = side_branch_log(self._git, line, PATHSPECS, is_lineage_file)
        return read_points(listing, self._blobs.pass_by, True, self._work, most=most)

    def is_first_parent(self, base: str, commit: str) -> bool:
        """Return whether `base` is `commit`, or a first parent before it."""
        return is_first_parent(self._git, base, commit)

    def side_branches(self, commit: str) -> SideBranches:
        """Return the side branches of a commit that touch DVC files."""
        return side_branches(self._git, commit, PATHSPECS)

    def side_timelines(self, lines: SideBranches) -> "Iterator[Timeline]":
        """Yield the history of the DVC files along each side branch, back to its fork."""
        # As in `timeline`.
        from lineage_diff.history.timeline import read_timeline

        for line in lines.lines:
            whole = line.fork is None and not self.is_shallow
            listing = side_branch_log(self._git, line, PATHSPECS, is_lineage_file)
            yield read_timeline(listing, self._blobs.pass_by, whole, True, self._work)

    def commit_info(self, commit: str) -> "CommitInfo":
        """Return author, date and subject of a commit, given by its full id."""
        # Imported here: most uses read no values files.
        from lineage_diff.history.past_values import commit_info

        return commit_info(self._git, commit)

    def commits_without(self, commit: str, known: str) -> frozenset[str]:
        """Return `commit` and its first parents that do not contain the commit `known`."""
        return commits_without(self._git, commit, known)

    def changes_since(
        self, commit: str, runs: "Mapping[str, LastRun]"
    ) -> "Mapping[str, tuple[ChangeSince, ...]]":
        """Return, by stage, the first parents of a commit that changed what it last ran on."""
        # Imported here: only the issue on a branch needs it.
        from lineage_diff.history.changed_since import changes_since

        return changes_since(self._git, commit, runs)

    def values_at(self, asked: Sequence[tuple[str, str]]) -> "Mapping[tuple[str, str], ValuesFile]":
        """Return the values files at commits, by commit and path, without unreadable ones."""
        # As in `commit_info`.
        from lineage_diff.history.past_values import values_at

        return values_at(self._git, self._blobs.read_many, asked, self._work)

    def commits_that_changed(
        self, commit: str, paths: Collection[str], most: int
    ) -> "tuple[CommitInfo, ...]":
        """Return the newest first parents before a commit, itself too, that changed files of Git.

        At most `most`, and for at most `LITERAL_PATHS` files.
        """
        # As in `commit_info`.
        from lineage_diff.history.past_values import changes_of

        asked = sorted(paths)[: limits.LITERAL_PATHS]
        return tuple(info for info, _ in changes_of(self._git, (commit,), asked, most))

    def values_over_time(
        self, commit: str, path: str, fork: str | None = None
    ) -> "tuple[tuple[CommitInfo, ValuesFile | None], ...]":
        """Return a values file after each first parent that changed it, newest first.

        With `fork`, the history ends at that commit, which is always included. Raises
        `TooMuchHistoryError` if all versions together take too much work.
        """
        # As in `commit_info`.
        from lineage_diff.history.past_values import commits_of

        changed = commits_of(self._git, commit, path, fork)
        return self._values_after(changed, path, is_whole=True)

    def recent_values(
        self, commit: str, paths: Sequence[str]
    ) -> "Mapping[str, Sequence[tuple[CommitInfo, ValuesFile | None]]]":
        """Return values files, by path, after each recent first parent that changed it.

        The newest comes first. Files whose history Git cannot read are left out.
        """
        commits = self.recent_commits(commit, paths)
        return {path: self._values_after(changed, path) for path, changed in commits.items()}

    def recent_commits(self, commit: str, paths: Sequence[str]) -> "Mapping[str, Commits]":
        """Return, by path, the recent first parents that changed it, newest first.

        Paths whose history Git cannot read are left out.
        """
        # As in `commit_info`.
        from lineage_diff.history.past_values import newest_revisions, recent_commits_of

        if not paths:
            return {}
        if commit not in self._newest:
            self._newest[commit] = newest_revisions(self._git, commit)
        return recent_commits_of(self._git, self._newest[commit], paths)

    def texts_after(
        self, commits: "Commits", most: int
    ) -> "tuple[Sequence[tuple[CommitInfo, bytes]], bool]":
        """Return a file after each of its `recent_commits`, newest first.

        They hold at most `most` bytes. Also returns whether the file had no earlier version.
        """
        changed = [(info, oid) for info, oid in commits if oid]
        found: list[tuple[CommitInfo, bytes]] = []
        texts = self._blobs.pass_by(oid for _, oid in changed)
        for (info, oid), (read, text) in zip(changed, texts, strict=False):
            most -= len(text)
            if most < 0 or read != oid:
                return found, False
            found.append((info, text))
        return found, len(changed) < limits.NOISE_VALUES and not self.is_shallow

    def _values_after(
        self,
        changed: "Iterable[tuple[CommitInfo, str | None]]",
        path: str,
        is_whole: bool = False,
    ) -> "tuple[tuple[CommitInfo, ValuesFile | None], ...]":
        """Read a values file after each commit, given with the file's blob id.

        `is_whole` is that of `values_of`.
        """
        # As in `commit_info`.
        from lineage_diff.history.past_values import values_of

        commits = tuple(changed)
        blobs = {(info.id, path): oid for info, oid in commits if oid is not None}
        values = values_of(self._blobs.read_many, blobs, self._work, is_whole)
        return tuple((info, values.get((info.id, path))) for info, _ in commits)

    def lock_commits(self, commit: str) -> "Mapping[str, LockCommit] | None":
        """Return the history of lock files up to a commit, newest first; `None` if too long."""
        # Imported here: needed only if freshness is undecided or stale.
        from lineage_diff.history.lock_blame import lock_commits_of

        if commit not in self._lock_commits:
            started = self._lock_logs.pop(self._locks_of(commit), None)
            listing = started or self._start_lock_log(commit)
            self._lock_commits[commit] = lock_commits_of(listing())
        return self._lock_commits[commit]

    def forget_lock_commits(self) -> None:
        """Free the memory of `lock_commits`, which are read again if asked for.

        A process that was started for it and that nothing needed is ended.
        """
        self._lock_commits.clear()
        self._lock_logs.clear()

    def mixing_merges(
        self, commit: str, since: str | None, paths: Collection[str]
    ) -> tuple[Merge, ...]:
        """Return the merges before a commit with a version of a file that no parent has."""
        return mixing_merges(self._git, commit, since, paths, self.limits.history_commits)


def open_history(path: str | os.PathLike[str]) -> HistoryReader:
    """Find the repository that holds `path`, as `open_repository` does, to read its history."""
    return HistoryReader(open_repository(path))
