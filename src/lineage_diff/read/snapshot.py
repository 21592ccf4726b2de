"""The files of one commit, as the readers see them: Git objects, never a work tree."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

EntryKind = Literal["file", "executable", "symlink", "submodule", "directory"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A path in a commit's tree, with the id of its blob or tree."""

    kind: EntryKind
    oid: str


class Snapshot(Protocol):
    """One commit. Paths are relative to the repository's root, with `/`, without a trailing one."""

    @property
    def commit(self) -> str:
        """The commit's full id."""

    def entry(self, path: str) -> Entry | None:
        """Return what the tree holds at `path` (the root is `""`), or `None`."""

    def files(self) -> Mapping[str, Entry]:
        """Return every path but directories, sorted by path; the mapping is shared, not a copy."""

    def children(self, folder: str) -> Iterator[tuple[str, Entry]]:
        """Yield name and entry of what lies directly in a folder, sorted by name."""

    def resolve(self, path: str) -> str | None:
        """Follow symlinks, in the path and at its end, inside the tree only.

        Returns the path that is reached, or `None` when nothing is there, a link leaves the
        repository, or links go in circles.
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
