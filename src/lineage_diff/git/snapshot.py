"""The files of one commit: the `Snapshot` interface, and a base class for its readers.

A snapshot may list a commit, the index or the work tree.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Literal, Protocol

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.errors import InputError

EntryKind = Literal["file", "executable", "symlink", "submodule", "directory"]


class Entry(Struct, frozen=True, gc=False):
    """A path in a commit's tree, with the id of its blob or tree."""

    kind: EntryKind
    oid: str


class Snapshot(Protocol):
    """One commit. Paths are relative to the repository's root, with `/`, but none at the end."""

    @property
    def commit(self) -> str:
        """The commit's full id."""

    @property
    def is_on_disk(self) -> bool:
        """Whether its files are those of a work tree, in the form that DVC reads."""

    def entry(self, path: str) -> Entry | None:
        """Return the entry at `path` (the root is `""`), or `None`."""

    def files(self) -> Mapping[str, Entry]:
        """Return all entries but directories, sorted by path; the mapping is shared, no copy."""

    def children(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """Yield name and entry of what lies directly in a folder, sorted by name."""

    def resolve(self, path: str) -> str | None:
        """Follow symlinks, in the path and at its end, inside the tree only.

        Returns the path that is reached, or `None` when nothing is there, a link leaves the
        repository, or links go in circles.
        """

    def follow(self, path: str) -> str | None:
        """Follow symlinks as `resolve` does, to a path that need not be there.

        Returns `None` when a link leaves the repository, or links go in circles.
        """

    def read(self, path: str) -> bytes:
        """Return a file's bytes, symlinks followed inside the tree.

        Raises `InputError` where there is no such file, it is larger than the limit, or the
        object is missing (a partial clone).
        """

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of many blobs, in the order asked, through one Git process.

        Blobs over the limit or missing are left out.
        """


Entries = dict[str, Entry]
# Several readers ask for the same paths one after the other: the characters of those remembered.
_REMEMBERED = 1 << 23
_ENDS = frozenset(("file", "executable", "submodule"))
# An empty path segment, or one that begins with a dot: the path may have a shorter form.
_UNUSUAL = re.compile(r"(?:^|/)(?:\.|/|$)")


class SnapshotBlobs(Protocol):
    """The contents that entries name by their ids."""

    def read(self, oid: str, path: str) -> bytes:
        """Return a blob's bytes. Raises `InputError`, whose message names `path`."""

    def read_many(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs in the order of `oids`, without those missing or over the limit."""

    def link_target(self, oid: str, path: str) -> str | None:
        """Return a symlink's target, `None` for an absolute or overlong one."""


class TreeSnapshot(ABC):
    """A `Snapshot` of the entries that `_list` returns; it is called once.

    `commit` is the commit's id, `where` its name in errors.
    """

    def __init__(self, blobs: SnapshotBlobs, commit: str, where: str) -> None:
        self._blobs = blobs
        self._commit = commit
        self._where = where
        self._listed: tuple[Mapping[str, Entry], Entries] | None = None
        self._has_links = True
        self._children: dict[str, list[tuple[str, Entry]]] | None = None
        # Where paths lead that are or lie in links, or are not there: by path and leniency.
        self._walked: dict[tuple[str, bool], str | None] = {}
        self._walked_size = 0

    @abstractmethod
    def _list(self) -> tuple[Entries, Entries]:
        """Return files and folders, each sorted by path."""

    @property
    def _root(self) -> str:
        """The id of the root folder; empty where it has none."""
        return ""

    @property
    def commit(self) -> str:
        """The commit's full id."""
        return self._commit

    @property
    def is_on_disk(self) -> bool:
        """Whether its files are those of a work tree, in the form that DVC reads."""
        return False

    def _tree(self) -> tuple[Mapping[str, Entry], Entries]:
        if self._listed is None:
            files, folders = self._list()
            self._listed = MappingProxyType(files), folders
            self._has_links = any(entry.kind == "symlink" for entry in files.values())
        return self._listed

    def entry(self, path: str) -> Entry | None:
        """Return the entry at `path` (the root is `""`), or `None`."""
        files, folders = self._listed or self._tree()
        if not path:
            return Entry("directory", self._root)
        return files.get(path) or folders.get(path)

    def files(self) -> Mapping[str, Entry]:
        """Return all entries but directories, sorted by path; the mapping is shared."""
        return self._tree()[0]

    def children(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """Yield name and entry of what lies directly in a folder, sorted by name."""
        if self._children is None:
            files, folders = self._tree()
            self._children = {}
            for path, entry in sorted([*files.items(), *folders.items()], key=lambda item: item[0]):
                above, _, name = path.rpartition("/")
                self._children.setdefault(above, []).append((name, entry))
        yield from self._children.get(folder, ())

    def resolve(self, path: str) -> str | None:
        """Follow symlinks, in the path and at its end, inside the tree only.

        Returns the path that is reached, or `None` when nothing is there, a link leaves the
        repository, or links go in circles.
        """
        files, folders = self._listed or self._tree()
        entry = files.get(path) or folders.get(path)
        if entry is not None and entry.kind != "symlink":
            return path
        if path.startswith("/") or not (self._has_links or _UNUSUAL.search(path)):
            return None
        if entry is None and _is_in(folders, path):
            return None
        return self._reached(path, lenient=False)

    def follow(self, path: str) -> str | None:
        """Follow symlinks as `resolve` does, to a path that need not be there.

        Returns `None` when a link leaves the repository, or links go in circles.
        """
        files, folders = self._listed or self._tree()
        entry = files.get(path) or folders.get(path)
        if not self._has_links or (entry is not None and entry.kind != "symlink"):
            return path
        if path.startswith("/"):
            return None
        if entry is None and _is_in(folders, path):
            return path
        return self._reached(path, lenient=True)

    def _reached(self, path: str, *, lenient: bool) -> str | None:
        key = path, lenient
        if key in self._walked:
            return self._walked[key]
        reached = self._walk(path, lenient=lenient)
        self._walked_size += len(path) + len(reached or "")
        if self._walked_size > _REMEMBERED:
            self._walked.clear()
            self._walked_size = 0
        self._walked[key] = reached
        return reached

    def _walk(self, path: str, *, lenient: bool) -> str | None:
        """Follow a path name by name; `lenient` goes on where the tree holds nothing."""
        pending = path.split("/")[::-1]
        # The path so far, after each segment: joining them anew each time is quadratic.
        reached = [""]
        links = 0
        while pending:
            name = pending.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if len(reached) == 1:
                    return None
                reached.pop()
                continue
            here = f"{reached[-1]}/{name}" if reached[-1] else name
            entry = self.entry(here)
            ends = entry is None or (pending and entry.kind in _ENDS)
            if ends and not lenient:
                return None
            if entry is None or entry.kind != "symlink":
                reached.append(here)
                continue
            links += 1
            target = self._blobs.link_target(entry.oid, here)
            if links > limits.SYMLINKS or target is None:
                return None
            pending += target.split("/")[::-1]
        return reached[-1]

    def read(self, path: str) -> bytes:
        """Return a file's bytes, symlinks followed inside the tree.

        Raises `InputError` where there is no such file, it is larger than the limit, or the
        object is missing (a partial clone).
        """
        reached = self.resolve(path)
        entry = None if reached is None else self.files().get(reached)
        if entry is None or entry.kind == "submodule":
            raise InputError(
                f"no such file in {self._where}",
                file=path,
                hint="Commit the file, or correct the path that names it.",
            )
        return self._blobs.read(entry.oid, path)

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of many blobs, in the order asked, through one Git process.

        Blobs over the limit or missing are left out.
        """
        return self._blobs.read_many(oids)


def _is_in(folders: Entries, path: str) -> bool:
    """Return whether a path has its shortest form and lies directly in one of the folders.

    These are those of the tree itself, so no part of the path before its name is a link.
    """
    folder, _, name = path.rpartition("/")
    return folder in folders and name not in ("", ".", "..")
