"""The history of DVC files: the runs recorded by locks and `.dvc` files, commit by commit.

Also the commit that wrote a stage's lock entry, and the changes since.
"""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from lineage_diff.lineage.stage import Command, Import, LockEntry
from lineage_diff.lineage.version import Version


class CommitInfo(Struct, frozen=True):
    """A commit. `date` is the author's, in ISO 8601 with the author's UTC offset.

    `pull_request` is the number that GitHub writes into the subject of a merge.
    """

    id: str
    author: str
    date: str
    subject: str
    pull_request: int | None = None


class Run(Struct, frozen=True):
    """The recorded inputs and outputs of one run.

    `deps` and `outs` are by path relative to the repository's root, `params` by `file:key`.
    `param_files` holds the same params by file, nested as in the lock. A `.dvc` file has no `cmd`.
    """

    cmd: Command
    deps: Mapping[str, Version]
    outs: Mapping[str, Version]
    params: Mapping[str, Any] = field(default_factory=dict)
    imported: Import | None = None
    param_files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


class Record(Struct, frozen=True, dict=True):
    """The last run of a stage, as its lock entry or `.dvc` file records it.

    `stage` is the id of `Stage`; `paths` are those of its outs, relative to the repository's root.
    The rest is read on first access: most records of a long history are never needed.
    """

    stage: str
    file: str
    paths: tuple[str, ...]
    read_run: Callable[[], Run]

    @cached_property
    def run(self) -> Run:
        """The recorded inputs and outputs of the run."""
        return self.read_run()

    @property
    def cmd(self) -> Command:
        """The command, none for a `.dvc` file."""
        return self.run.cmd

    @property
    def deps(self) -> Mapping[str, Version]:
        """The versions of its deps, by path."""
        return self.run.deps

    @property
    def outs(self) -> Mapping[str, Version]:
        """The versions of its outs, by path."""
        return self.run.outs

    @property
    def params(self) -> Mapping[str, Any]:
        """The values of its params, by `file:key`."""
        return self.run.params

    @property
    def imported(self) -> Import | None:
        """The source of a `.dvc` file's import, `None` if it imports nothing."""
        return self.run.imported

    @property
    def is_run(self) -> bool:
        """Whether a command wrote the outs."""
        return self.cmd is not None


class Unreadable(Struct, frozen=True):
    """A file of a commit that cannot be read; its previous records remain in force."""

    commit: str
    file: str
    message: str


class Point(Struct, frozen=True):
    """A commit that changed DVC files, with the records that it removed and added.

    A stage or file whose record changed is in both `gone` and `new`.
    """

    commit: CommitInfo
    gone: tuple[Record, ...] = ()
    new: tuple[Record, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


class Timeline(Struct, frozen=True):
    """The history of all DVC files along one path of commits, oldest first.

    Not `complete` if the history is truncated: the records of the first point may be older.
    """

    points: tuple[Point, ...]
    complete: bool = True


class Splice(Struct, frozen=True):
    """A lock entry that a merge combined from different entries of its parents.

    `merge` is the commit, `None` for a merge in progress; `runs` are the parents' entries of the
    stage, the first parent's first. It `is_mild` if no result changed on both sides: each one is
    that of the only side that changed it, or unchanged. A run may well produce the same.
    """

    merge: str | None
    runs: tuple[LockEntry, ...]
    is_mild: bool = False


class ChangedValue(Struct, frozen=True):
    """A metric of two runs: its value in the earlier one, and now."""

    file: str
    key: str
    old: Any
    new: Any


class RepeatedRun(Struct, frozen=True):
    """An earlier run of a stage with the same command, deps, params and code, and other results.

    `commit` wrote its lock entry. `outs` are those that differ, by path; `values` are the metrics
    that differ, of those in Git.
    """

    stage: str
    commit: str
    outs: tuple[str, ...]
    values: tuple[ChangedValue, ...] = ()


class LockedAt(Struct, frozen=True):
    """The commit that wrote a stage's lock entry, and the changes since.

    `commit` is the newest one that changed the entry; `None` if the history does not show it, with
    the reason in `unknown`. `since` lists, for each requested dep or out, the paths in it (in Git,
    or outs by the hash in their lock) that changed after that commit: none means that it is
    unchanged. `certain` are the deps and outs whose change surely matters: Git held exactly the
    locked content and no longer does, a plain file or an LFS pointer has other content, or Git or
    DVC tracked it and nothing does any more.
    """

    commit: str | None
    since: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()
    unknown: str | None = None
