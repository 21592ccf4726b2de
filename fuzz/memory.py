"""A repository of two commits that lie in memory: whole readings without Git."""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha1

from lineage_diff.git.snapshot import Entries, Entry, TreeSnapshot


class MemoryBlobs:
    """Contents by their ids."""

    def __init__(self, contents: Mapping[str, bytes]) -> None:
        self._contents = contents

    def read(self, oid: str, path: str) -> bytes:
        """Return a content."""
        return self._contents[oid]

    def read_many(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield contents in the order asked."""
        return ((oid, self._contents[oid]) for oid in oids)

    def link_target(self, oid: str, path: str) -> str | None:
        """Return where a symlink points."""
        return self._contents[oid].decode("utf-8", "surrogateescape")


class MemorySnapshot(TreeSnapshot):
    """The files of a mapping by their paths."""

    def __init__(self, files: Mapping[str, bytes], commit: str) -> None:
        self._oids = {
            path: sha1(content, usedforsecurity=False).hexdigest()
            for path, content in sorted(files.items())
        }
        contents = {oid: files[path] for path, oid in self._oids.items()}
        super().__init__(MemoryBlobs(contents), commit, commit)

    def _list(self) -> tuple[Entries, Entries]:
        files = {path: Entry("file", oid) for path, oid in self._oids.items()}
        folders: Entries = {}
        for path in files:
            while "/" in path:
                path = path.rpartition("/")[0]
                folders[path] = Entry("directory", "")
        return files, dict(sorted(folders.items()))


class MemoryRepository:
    """Commits by their names."""

    is_shallow = False

    def __init__(self, commits: Mapping[str, Mapping[str, bytes]]) -> None:
        self._commits = {name: MemorySnapshot(files, name) for name, files in commits.items()}

    def snapshot(self, commit: str) -> MemorySnapshot:
        """Return the files of a commit."""
        return self._commits[commit]
