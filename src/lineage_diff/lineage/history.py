"""What the DVC files said, commit by commit: each run that a lock or a `.dvc` file records.

The commit of which a stage's lock entry is, and what changed since.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from msgspec import Struct, field

from lineage_diff.lineage.stage import Command, Import, LockEntry
from lineage_diff.lineage.version import Version


class CommitInfo(Struct, frozen=True):
    """A commit as Git holds it. `date` is the author's, ISO 8601 with the offset of the author.

    `pull_request` is the number that GitHub writes into the subject of a merge.
    """

    id: str
    author: str
    date: str
    subject: str
    pull_request: int | None = None


class Run(Struct, frozen=True):
    """What a run used and made: by paths relative to the repository's root, `params` by `file:key`.

    `param_files` holds the same params by file, nested as in the lock. A `.dvc` file has no `cmd`.
    """

    cmd: Command
    deps: Mapping[str, Version]
    outs: Mapping[str, Version]
    params: Mapping[str, Any] = field(default_factory=dict)
    imported: Import | None = None
    param_files: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Record:
    """What a stage's lock entry, or a `.dvc` file, says of its last run.

    `stage` is the id of `Stage`; `paths` are those of its outs, relative to the repository's root.
    The rest is read when it is first asked for: of a long history little is.
    """

    stage: str
    file: str
    paths: tuple[str, ...]
    read_run: Callable[[], Run]

    @cached_property
    def run(self) -> Run:
        """What the run used and made."""
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
        """Where a `.dvc` file imports from."""
        return self.run.imported

    @property
    def is_run(self) -> bool:
        """Whether a command made the outs."""
        return self.cmd is not None


class Unreadable(Struct, frozen=True):
    """A file of a commit that cannot be read; what it held before counts on."""

    commit: str
    file: str
    message: str


class Point(Struct, frozen=True):
    """A commit that changed DVC files: the records that no longer hold there, and those that do.

    A stage or file whose record is another one is in both.
    """

    commit: CommitInfo
    gone: tuple[Record, ...] = ()
    new: tuple[Record, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()


class Timeline(Struct, frozen=True):
    """The history of all DVC files along one line of commits, the oldest first.

    Not `complete` where the history was cut: what the first point holds may be older.
    """

    points: tuple[Point, ...]
    complete: bool = True


class Splice(Struct, frozen=True):
    """A lock entry that a merge put together of entries that its parents have.

    `merge` is the commit, `None` for one that is being made; `runs` are the parents' entries of the
    stage, the first parent's first. It `is_mild` where each result is that of the one side that
    changed it, or what neither changed: a run may well give the same.
    """

    merge: str | None
    runs: tuple[LockEntry, ...]
    is_mild: bool = False


class LockedAt(Struct, frozen=True):
    """When a stage's lock entry became what it is.

    `commit` is the newest one that changed the entry; `None` where the history does not tell, and
    `unknown` says why. `since` lists, for each dep or out that was asked for, the paths that make
    it up (in Git, or outs by the hash in their lock) and are not what they were at that commit:
    none means that it is unchanged. `certain` are those of which that is sure to matter: Git held
    just what the entry names and no more does, a plain file or an LFS pointer has other content, or
    Git or DVC tracked it and nothing does any more.
    """

    commit: str | None
    since: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()
    unknown: str | None = None
