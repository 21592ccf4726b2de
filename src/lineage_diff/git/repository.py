"""Read a Git repository through its objects, without its remotes."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from pathlib import Path
from typing import Protocol

from lineage_diff.errors import InputError
from lineage_diff.git import log
from lineage_diff.git import revisions as revision
from lineage_diff.git.blobs import BlobReader, sizes_of
from lineage_diff.git.commit_tree import Entries, GitSnapshot
from lineage_diff.git.discovery import GitDir, find_git_dir, work_tree
from lineage_diff.git.process import BlobProcesses, GitFailed, GitProcess
from lineage_diff.git.remote_address import RemoteAddress, remote_address
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.limits import USUAL, Limits
from lineage_diff.lineage.graph import ancestors


class RepositoryReader(Protocol):
    """The interface of a repository for its readers. Every failure is an `InputError`."""

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

    def remote_address(self) -> RemoteAddress | None:
        """Return server and name of the remote `origin`, `None` if it is on no server."""


class GitRepository:
    """A Git directory; `git` and `blobs` give modules of this package direct access."""

    limits: Limits = USUAL

    def __init__(self, found: GitDir) -> None:
        self._found = found
        self.git = GitProcess(found.git_dir)
        self.blobs = BlobReader(BlobProcesses(self.git))
        self._known: Entries = {}
        self._snapshots: dict[str, GitSnapshot] = {}
        # The address of `origin`, once it was asked for; shared with copies.
        self._origins: list[str] = []
        self._first_commits: dict[str, str] = {}
        self._started: dict[str, Callable[[], str]] = {}

    def with_limits(self, limits: Limits) -> "GitRepository":
        """Return the same repository with other limits; both share their processes."""
        if limits == self.limits:
            return self
        found = copy(self)
        found.limits = limits
        found._snapshots = {}
        return found

    @property
    def work_tree(self) -> str | None:
        """The folder of the work tree; `None` for a bare repository."""
        return work_tree(self._found)

    @property
    def is_shallow(self) -> bool:
        """Whether the history was cut when it was cloned."""
        return Path(self._found.common_dir, "shallow").is_file()

    @property
    def is_partial(self) -> bool:
        """Whether it is a partial clone, which fetches objects when they are needed."""
        try:
            return bool(self.git.line("config", "--get-regexp", r"^remote\..*\.promisor$"))
        except GitFailed:
            return False

    @property
    def objects_folder(self) -> str:
        """The folder of its objects, for the alternates of another repository."""
        return str(Path(self._found.common_dir, "objects").resolve())

    def resolve(self, rev: str) -> str:
        """Return the full id of the commit that a branch, tag, id or expression names."""
        return revision.resolve_revision(self.git, rev, self.is_shallow)

    def tag_kind(self, name: str) -> str | None:
        """Return `tag` for an annotated tag, the kind of its object for another, `None` without."""
        return revision.tag_kind(self.git, name)

    def head(self) -> str:
        """Return the full id of the commit that is checked out."""
        return self.resolve("HEAD")

    def default_branch(self) -> str | None:
        """Return the branch that changes are merged into, as a revision."""
        return revision.default_branch(self.git, self._found.bare)

    def first_commit(self, commit: str) -> str:
        """Return the oldest commit behind a commit, the one with the smallest id of several."""
        if commit not in self._first_commits:
            started = self._started.pop(commit, None)
            found = started or revision.start_first_commit(self.git, commit)
            self._first_commits[commit] = found()
        return self._first_commits[commit]

    def prefetch_key(self, commit: str) -> None:
        """Ask for the address of `origin`; without one, start to look for the first commit."""
        known = {*self._first_commits, *self._started}
        if commit not in known and self.remote_address() is None:
            self._started[commit] = revision.start_first_commit(self.git, commit)

    def branch_names(self, commit: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the branches of `origin`, and those that hold a commit; without it the local ones.

        Sorted, without the name of the remote.
        """
        return revision.branch_names(self.git, commit)

    def merge_base(self, a: str, b: str) -> str:
        """Return the best common ancestor of two commits."""
        return revision.merge_base(self.git, a, b, self.is_shallow)

    def is_ancestor(self, older: str, newer: str) -> bool:
        """Return whether a commit is surely in the history of another one."""
        return revision.is_ancestor(self.git, older, newer)

    def snapshot(self, commit: str) -> Snapshot:
        """Return the files of a commit, given by its full id; the same object each time."""
        if commit not in self._snapshots:
            self._snapshots[commit] = GitSnapshot(
                self.git, self.blobs, commit, self._known, limits=self.limits
            )
        return self._snapshots[commit]

    def files_at(self, commit: str, paths: Iterable[str]) -> Snapshot:
        """Return a commit with the files at some paths alone, which is faster to list.

        Returns the whole commit where a path or a folder above it is a symlink: its target may
        be anywhere.
        """
        if commit in self._snapshots:
            return self._snapshots[commit]
        wanted = sorted({at for path in paths for at in (path, *ancestors(path))} - {""})
        found = GitSnapshot(self.git, self.blobs, commit, self._known, tuple(wanted), self.limits)
        has_link = any(entry.kind == "symlink" for entry in found.files().values())
        return self.snapshot(commit) if has_link else found

    def index(self, paths: tuple[str, ...] = (), limits: Limits = USUAL) -> Snapshot:
        """Return the files that are staged for the next commit, with `paths` those there alone."""
        from lineage_diff.git.index import IndexSnapshot

        return IndexSnapshot(self.git, self.blobs, paths, limits)

    def files_on_disk(
        self,
        is_needed: Callable[[str], bool],
        paths: tuple[str, ...] = (),
        limits: Limits = USUAL,
    ) -> Snapshot:
        """Return the files on disk that Git tracks or does not ignore; with `paths`, those alone.

        Raises `InputError` for a bare repository. Listing the files raises `InputError` for a
        path that `is_needed` and is neither a file nor a link.
        """
        from lineage_diff.git.worktree import WorktreeSnapshot

        work_tree = self.work_tree
        if work_tree is None:
            raise InputError(
                "a bare repository has no files on disk",
                hint="Name a clone with a work tree, or check a commit with `status REV`.",
                file=self.git.git_dir,
            )
        return WorktreeSnapshot(self.git, self.blobs, work_tree, is_needed, paths, limits)

    def touched(self, base: str, head: str) -> Mapping[str, tuple[str, ...]]:
        """Return for each path the commits of `base..head` that touched it, newest first."""
        return log.touched_paths(self.git, base, head, self.limits.history_commits)

    def commits_between(self, base: str, head: str) -> tuple[str, ...]:
        """Return the commits of `base..head`, the newest first."""
        return log.commits_between(self.git, base, head, self.limits.history_commits)

    def before_touching(self, commit: str, paths: Iterable[str], most: int) -> tuple[str, ...]:
        """Return the commits before those that last touched a path, the newest first."""
        from lineage_diff.git.log import commits_of_paths

        return commits_of_paths(self.git, commit, paths, most)

    def blobs_named(
        self, names: Iterable[str], commit: str
    ) -> Mapping[str, tuple[str, ...]] | None:
        """Return, by file name, the ids of all blobs with that name; `None` for too many."""
        return log.blobs_named(self.git, names, commit)

    def merging(self) -> tuple[str, ...]:
        """Return the parents of the merge in progress; none without one."""
        try:
            heads = Path(self._found.git_dir, "MERGE_HEAD").read_text(encoding="ascii").split()
            return self.head(), *(self.resolve(commit) for commit in heads)
        except (OSError, ValueError, InputError):
            return ()

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of blobs in the order of `oids`, without the missing ones."""
        return self.blobs.read_many(oids)

    def sizes(self, oids: Iterable[str]) -> Mapping[str, int]:
        """Return the bytes of objects by id, without those that this clone lacks."""
        return sizes_of(self.git, oids)

    def remote_address(self) -> RemoteAddress | None:
        """Return server and name of the remote `origin`, `None` if it is on no server."""
        return remote_address(self._origin())

    def remote_server(self) -> str | None:
        """Return the address of the GitHub server of the remote `origin`."""
        from lineage_diff.git.github_names import github_server

        return github_server(self._origin())

    def _origin(self) -> str:
        if not self._origins:
            try:
                self._origins.append(self.git.line("config", "--get", "remote.origin.url"))
            except GitFailed:
                self._origins.append("")
        return self._origins[0]


def open_repository(path: str | os.PathLike[str]) -> GitRepository:
    """Find the repository that contains `path`; it may be a worktree or bare.

    Raises `InputError` when there is none, or Git is not installed.
    """
    return GitRepository(find_git_dir(path))
