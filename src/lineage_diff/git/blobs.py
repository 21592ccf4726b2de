"""Read the blobs of a repository by id; the small ones stay cached in memory."""

import re
from collections.abc import Iterable, Iterator, Mapping
from subprocess import DEVNULL

from lineage_diff import limits
from lineage_diff.errors import InputError, MissingObjectError
from lineage_diff.git.process import BlobProcesses, GitProcess, wait_at_end


def _missing(oid: str, path: str) -> MissingObjectError:
    return MissingObjectError(
        f"object {oid} is not in this clone",
        file=path,
        hint="Clone without `filter`, or fetch the missing objects: "
        "`git fetch --refetch --no-filter`.",
    )


_LFS_HEADER = b"version https://git-lfs.github.com/spec/"
_LFS_BYTES = 1024
_LFS_NAME = re.compile(rb"^oid sha256:([0-9a-f]{64})$", re.MULTILINE)
_LFS_SIZE = re.compile(rb"^size ([0-9]{1,18})$", re.MULTILINE)


def is_lfs_pointer(content: bytes) -> bool:
    """Return whether a blob is a pointer of Git LFS, which is shorter than 1,024 bytes.

    The format: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
    """
    return len(content) < _LFS_BYTES and content.startswith(_LFS_HEADER)


def lfs_target(content: bytes) -> tuple[str, int] | None:
    """Return the SHA-256 and the bytes of what a pointer of Git LFS stands for.

    `None` for a blob that is no such pointer.
    """
    if not is_lfs_pointer(content):
        return None
    name, size = _LFS_NAME.search(content), _LFS_SIZE.search(content)
    return None if name is None or size is None else (name[1].decode(), int(size[1]))


class BlobReader:
    """Reads blobs for all snapshots of one repository."""

    def __init__(self, processes: BlobProcesses) -> None:
        self._processes = processes
        self._kept: dict[str, bytes] = {}
        self._kept_bytes = 0
        self._trees: dict[str, str] = {}

    def read(self, oid: str, path: str) -> bytes:
        """Return a blob's bytes. Raises `InputError`, whose message names `path`."""
        kept = self._kept.get(oid)
        if kept is not None:
            return kept
        ((_, content),) = self._processes.read((oid,), limits.BLOB_BYTES)
        if content is None:
            raise _missing(oid, path)
        if isinstance(content, int):
            raise InputError(
                f"the file is {content} bytes long, over the limit of {limits.BLOB_BYTES}",
                file=path,
                hint="Track it with DVC (`dvc add`) instead of Git.",
            )
        self._keep(oid, content)
        return content

    def read_many(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs in the order of `oids`, without those missing or over the limit."""
        batch: list[str] = []
        for oid in oids:
            batch.append(oid)
            if len(batch) == limits.BATCH:
                yield from self._read_batch(batch)
                batch = []
        if batch:
            yield from self._read_batch(batch)

    def pass_by(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs as `read_many` does, but cache none: a history has too many."""
        for oid, content in self._processes.read(oids, limits.BLOB_BYTES):
            if isinstance(content, bytes):
                yield oid, content

    def _read_batch(self, oids: list[str]) -> Iterator[tuple[str, bytes]]:
        kept = {oid: self._kept[oid] for oid in oids if oid in self._kept}
        asked = self._processes.read([oid for oid in oids if oid not in kept], limits.BLOB_BYTES)
        for oid in oids:
            content = kept[oid] if oid in kept else next(asked)[1]
            if isinstance(content, bytes):
                self._keep(oid, content)
                yield oid, content

    def _keep(self, oid: str, content: bytes) -> None:
        size = len(content)
        if oid in self._kept or size > limits.CACHED_BLOB_BYTES:
            return
        while self._kept and self._kept_bytes + size > limits.CACHE_BYTES:
            self._kept_bytes -= len(self._kept.pop(next(iter(self._kept))))
        self._kept[oid] = content
        self._kept_bytes += size

    def link_target(self, oid: str, path: str) -> str | None:
        """Return a symlink's target, `None` for an absolute or overlong one."""
        target = self.read(oid, path)
        if not target or len(target) > limits.SYMLINK_BYTES or target.startswith(b"/"):
            return None
        return target.decode("utf-8", "surrogateescape")

    def tree_of(self, commit: str) -> str:
        """Return the id of a commit's root tree."""
        if commit not in self._trees:
            header = self.read(commit, commit).split(b"\n", 1)[0]
            self._trees[commit] = header.removeprefix(b"tree ").decode("ascii")
        return self._trees[commit]


def sizes_of(process: GitProcess, oids: Iterable[str]) -> Mapping[str, int]:
    """Return the bytes of objects by id, without those that the clone lacks."""
    asked = tuple(oids)
    found = _sizes(process, asked)
    if len(found) < len(asked):
        # In a partial clone Git ends at the first missing object: request only present ones.
        present = process.objects()
        found = _sizes(process, [oid for oid in asked if oid in present])
    return found


def _sizes(process: GitProcess, oids: Iterable[str]) -> dict[str, int]:
    asked = "".join(f"{oid}\n" for oid in oids).encode("ascii")
    check = "--batch-check=%(objectname) %(objectsize)"
    with wait_at_end(process.start("cat-file", check, "--buffer", stderr=DEVNULL)) as git:
        answer, _ = git.communicate(asked)
    rows = (line.split(" ") for line in answer.decode("ascii").splitlines())
    return {oid: int(size) for oid, size in rows if size != "missing"}
