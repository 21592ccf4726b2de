"""A Git repository, read through its objects: never its work tree, never its remotes."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from lineage_diff.errors import InputError
from lineage_diff.git import revisions as revision
from lineage_diff.git.blobs import BlobReader
from lineage_diff.git.commit_tree import Entries, GitSnapshot
from lineage_diff.git.discovery import GitDir, find_git_dir, work_tree
from lineage_diff.git.log import log_of_dvc_files
from lineage_diff.git.process import BlobProcesses, GitFailed, GitProcess
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import ancestors

if TYPE_CHECKING:
    from lineage_diff.git.branches import SideLines
    from lineage_diff.history.lock_blame import LockCommit
    from lineage_diff.lineage.history import CommitInfo, Timeline
    from lineage_diff.lineage.registry import RegistryVersion
    from lineage_diff.lineage.values import ValuesFile


class Repository(Protocol):
    """What the readers ask of a repository. Every failure is one `InputError`."""

    @property
    def is_shallow(self) -> bool:
        """Whether the history was cut when it was cloned."""

    def resolve(self, rev: str) -> str:
        """Return the full id of the commit that a branch, tag, id or expression names."""

    def head(self) -> str:
        """Return the full id of the commit that is checked out."""

    def default_branch(self) -> str | None:
        """Return the branch that changes are merged into, as a revision."""

    def merge_base(self, a: str, b: str) -> str:
        """Return the best common ancestor of two commits."""

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit, given by its full id; the same object each time."""

    def touched(self, base: str, head: str) -> Mapping[str, tuple[str, ...]]:
        """Return for each path the commits of `base..head` that touched it, newest first."""

    def remote_name(self) -> str | None:
        """Return `owner/name` on GitHub of the remote `origin`."""


class GitRepository:
    """The `Repository` of a Git directory."""

    def __init__(self, found: GitDir) -> None:
        self._found = found
        self._git = GitProcess(found.git_dir)
        self._blobs = BlobReader(BlobProcesses(self._git))
        self._known: Entries = {}
        self._snapshots: dict[str, GitSnapshot] = {}
        self._registry: tuple[RegistryVersion, ...] | None = None
        self._lock_commits: dict[str, Mapping[str, LockCommit] | None] = {}
        self._logs: dict[str, Callable[[], bytes]] = {}

    @property
    def work_tree(self) -> str | None:
        """The folder of the files on disk; `None` for a bare repository."""
        return work_tree(self._found)

    @property
    def is_shallow(self) -> bool:
        """Whether the history was cut when it was cloned."""
        return Path(self._found.common_dir, "shallow").is_file()

    @property
    def is_partial(self) -> bool:
        """Whether objects were left out when it was cloned, to be fetched when they are needed."""
        try:
            return bool(self._git.line("config", "--get-regexp", r"^remote\..*\.promisor$"))
        except GitFailed:
            return False

    @property
    def objects_folder(self) -> str:
        """The folder of its objects, which another repository may borrow."""
        return str(Path(self._found.common_dir, "objects").resolve())

    def resolve(self, rev: str) -> str:
        """Return the full id of the commit that a branch, tag, id or expression names."""
        return revision.resolve_revision(self._git, rev, self.is_shallow)

    def head(self) -> str:
        """Return the full id of the commit that is checked out."""
        return self.resolve("HEAD")

    def default_branch(self) -> str | None:
        """Return the branch that changes are merged into, as a revision."""
        return revision.default_branch(self._git, self._found.bare)

    def merge_base(self, a: str, b: str) -> str:
        """Return the best common ancestor of two commits."""
        return revision.merge_base(self._git, a, b, self.is_shallow)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Whether a commit is surely in the history of another one."""
        return revision.is_ancestor(self._git, older, newer)

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit, given by its full id; the same object each time."""
        if commit not in self._snapshots:
            self._snapshots[commit] = GitSnapshot(self._git, self._blobs, commit, self._known)
        return self._snapshots[commit]

    def files_at(self, commit: str, paths: Iterable[str]) -> Snapshot:
        """Return a commit with the files at some paths alone, which is quickly listed.

        Where a link is among them or above one, it is the whole commit: the link leads elsewhere.
        """
        if commit in self._snapshots:
            return self._snapshots[commit]
        wanted = sorted({at for path in paths for at in (path, *ancestors(path))} - {""})
        found = GitSnapshot(self._git, self._blobs, commit, self._known, tuple(wanted))
        has_link = any(entry.kind == "symlink" for entry in found.files().values())
        return self.snapshot(commit) if has_link else found

    def index(self, paths: tuple[str, ...] = ()) -> Snapshot:
        """Return the files that are staged for the next commit, with `paths` those there alone."""
        from lineage_diff.git.index import IndexSnapshot

        return IndexSnapshot(self._git, self._blobs, paths)

    def files_on_disk(self, paths: tuple[str, ...] = ()) -> Snapshot:
        """Return the files on disk that Git tracks, or would: those that it does not ignore.

        With `paths`, those there alone. Raises `InputError` for a bare repository.
        """
        from lineage_diff.git.worktree import WorktreeSnapshot

        work_tree = self.work_tree
        if work_tree is None:
            raise InputError(
                "a bare repository has no files on disk",
                mend="Name a clone with a work tree, or look at a commit with `status REV`.",
                file=self._git.git_dir,
            )
        return WorktreeSnapshot(self._git, work_tree, paths)

    def touched(self, base: str, head: str) -> Mapping[str, tuple[str, ...]]:
        """Return for each path the commits of `base..head` that touched it, newest first."""
        from lineage_diff.git.log import touched_paths

        return touched_paths(self._git, base, head)

    def commits_between(self, base: str, head: str) -> tuple[str, ...]:
        """Return the commits of `base..head`, the newest first."""
        from lineage_diff.git.log import commits_between

        return commits_between(self._git, base, head)

    def blobs_named(
        self, names: Iterable[str], commit: str
    ) -> Mapping[str, tuple[str, ...]] | None:
        """Return, by file name, the ids of all blobs that ever had it; `None` for too many."""
        from lineage_diff.git.log import blobs_named

        return blobs_named(self._git, names, commit)

    def foretell_timeline(self, rev: str) -> None:
        """Have Git look up what `timeline` will ask it for; what is wrong is told there."""
        with suppress(InputError):
            commit = self.resolve(rev)
            self._logs[commit] = log_of_dvc_files(self._git, commit)

    def timeline(self, commit: str, careful: bool = False) -> "Callable[[], Timeline]":
        """Start to read the history of the DVC files along the first parents.

        What is returned waits for it, and raises `InputError`. `careful` is that of
        `read_timeline`.
        """
        from lineage_diff.history.timeline import read_timeline

        listing = self._logs.pop(commit, None) or log_of_dvc_files(self._git, commit)
        complete = not self.is_shallow
        return lambda: read_timeline(listing(), self._blobs.pass_by, complete, careful)

    def side_lines(self, commit: str) -> "SideLines":
        """Return the lines of commits beside the first parents of a commit."""
        from lineage_diff.git.branches import side_lines

        return side_lines(self._git, commit)

    def side_timelines(self, lines: "SideLines") -> "Iterator[Timeline]":
        """Yield the history of the DVC files along each line; it is cut at the line's fork."""
        from lineage_diff.git.branches import side_listing
        from lineage_diff.history.timeline import read_timeline

        for line in lines.lines:
            whole = line.fork is None and not self.is_shallow
            yield read_timeline(
                side_listing(self._git, line), self._blobs.pass_by, whole, careful=True
            )

    def registry(self) -> "tuple[RegistryVersion, ...]":
        """Return all versions that Git tags ever registered, as GTO writes them."""
        from lineage_diff.dvc.model_registry import registry_versions

        if self._registry is None:
            self._registry = registry_versions(self._git)
        return self._registry

    def commit_info(self, commit: str) -> "CommitInfo":
        """Return author, date and subject of a commit, given by its full id."""
        from lineage_diff.history.past_values import commit_info

        return commit_info(self._git, commit)

    def commits_without(self, commit: str, known: str) -> frozenset[str]:
        """Return the first parents of `commit`, itself among them, that do not hold `known`."""
        from lineage_diff.history.past_values import commits_without

        return commits_without(self._git, commit, known)

    def values_at(self, asked: Sequence[tuple[str, str]]) -> "Mapping[tuple[str, str], ValuesFile]":
        """Return what values files held, by commit and path, without what cannot be read."""
        from lineage_diff.history.past_values import values_at

        return values_at(self._git, self._blobs.read_many, asked)

    def values_over_time(
        self, commit: str, path: str, fork: str | None = None
    ) -> "tuple[tuple[CommitInfo, ValuesFile | None], ...]":
        """Return what a values file held after each first parent that changed it, newest first.

        With `fork`, only down to that commit, which is the last whether it changed it or not.
        """
        from lineage_diff.history.past_values import commits_of, values_of

        commits = list(commits_of(self._git, commit, path, fork))
        blobs = {(info.id, path): oid for info, oid in commits if oid is not None}
        values = values_of(self._blobs.read_many, blobs)
        return tuple((info, values.get((info.id, path))) for info, _ in commits)

    def lock_commits(self, commit: str) -> "Mapping[str, LockCommit] | None":
        """Return the history of lock files before a commit, newest first; `None` for too much."""
        from lineage_diff.history.lock_blame import lock_commits

        if commit not in self._lock_commits:
            self._lock_commits[commit] = lock_commits(self._git, commit)
        return self._lock_commits[commit]

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of blobs in the order asked, without those that are missing."""
        return self._blobs.read_many(oids)

    def remote_name(self) -> str | None:
        """Return `owner/name` on GitHub of the remote `origin`."""
        from lineage_diff.git.remote_name import github_name

        try:
            return github_name(self._git.line("config", "--get", "remote.origin.url"))
        except GitFailed:
            return None


def open_repository(path: str | os.PathLike[str]) -> GitRepository:
    """Find the repository that holds `path`: its own folder, one above, a worktree, or bare.

    Raises `InputError` when there is none, or Git is not installed.
    """
    return GitRepository(find_git_dir(path))
