"""Read the tree of one commit with `git ls-tree`."""

from collections.abc import Iterator, Mapping

from lineage_diff.errors import InputError
from lineage_diff.git.blobs import BlobReader
from lineage_diff.git.process import GitFailed, GitProcess
from lineage_diff.git.snapshot import Entries, Entry, EntryKind, TreeSnapshot
from lineage_diff.limits import USUAL, Limits, key

__all__ = ["Entries", "GitSnapshot", "parse_tree"]

_PIECE = 1 << 20
# A row of `ls-tree`: mode, type, id and what is between them.
_ROW = len("040000 tree " + "0" * 40 + "\t\0")
KINDS: Mapping[str, EntryKind] = {
    "040000": "directory",
    "100755": "executable",
    "120000": "symlink",
    "160000": "submodule",
}


def parse_tree(listing: bytes, known: Entries) -> tuple[Entries, Entries]:
    """Split the output of `ls-tree -r -t -z` into files and folders, each sorted by path.

    Bytes of a path that are not UTF-8 become surrogates, as with `os.fsdecode`. `known` caches
    entries by mode, type and id, so that commits share their equal entries.
    """
    files: Entries = {}
    folders: Entries = {}
    for record in _records(listing):
        meta, tab, path = record.partition("\t")
        if not tab:
            continue
        entry = known.get(meta)
        if entry is None:
            mode, _, oid = meta.split(" ")
            entry = known[meta] = Entry(KINDS.get(mode, "file"), oid)
        (folders if entry.kind == "directory" else files)[path] = entry
    # Git sorts by bytes; code points sort in another order only where there are surrogates.
    return dict(sorted(files.items())), dict(sorted(folders.items()))


def _records(listing: bytes) -> Iterator[str]:
    # Piece by piece: a listing of very long paths is in memory twice, not four times.
    start = 0
    while start < len(listing):
        end = listing.find(b"\0", start + _PIECE)
        end = len(listing) if end < 0 else end
        yield from listing[start:end].decode("utf-8", "surrogateescape").split("\0")
        start = end + 1


def check_listing(listing: bytes, where: str, limits: Limits) -> None:
    """Raise `InputError` for a NUL-terminated listing over the limits.

    A tree can contain another many times: a few hundred kilobytes of objects can list any number
    of files.
    """
    _check_size(len(listing), listing.count(b"\0"), where, limits)


def list_folders(files: Entries, where: str, limits: Limits) -> Entries:
    """Return the folders of the files, sorted by path.

    Raises `InputError` for more than a commit may have, counted as `ls-tree` lists them.
    """
    folders: set[str] = set()
    size = 0
    for path in files:
        size += _ROW + len(path)
        above = path.rpartition("/")[0]
        while above and above not in folders:
            folders.add(above)
            size += _ROW + len(above)
            above = above.rpartition("/")[0]
        _check_size(size, len(files) + len(folders), where, limits)
    return {path: Entry("directory", "") for path in sorted(folders)}


def _check_size(size: int, paths: int, where: str, limits: Limits) -> None:
    for much, most, limit in (
        (size, limits.tree_bytes, "tree_bytes"),
        (paths, limits.tree_paths, "tree_paths"),
    ):
        if much > most:
            what = "files and folders" if limit == "tree_paths" else "bytes of paths"
            raise InputError(
                f"{where} holds more than {most:,} {what}",
                hint=f"Raise `limits: {key(limit)}` in the base's configuration.",
            )


class GitSnapshot(TreeSnapshot):
    """One commit of a repository, as a `Snapshot`."""

    def __init__(
        self,
        process: GitProcess,
        blobs: BlobReader,
        commit: str,
        known: Entries,
        paths: tuple[str, ...] = (),
        limits: Limits = USUAL,
    ) -> None:
        """With `paths`, list only those paths and the folders above them."""
        super().__init__(blobs, commit, f"commit {commit[:7]}")
        self._process = process
        self._objects = blobs
        self._known = known
        self._paths = paths
        self._limits = limits

    @property
    def _root(self) -> str:
        return self._objects.tree_of(self._commit)

    def _list(self) -> tuple[Entries, Entries]:
        try:
            listing = self._process.run_up_to(
                self._limits.tree_bytes + 1,
                *("ls-tree", *(() if self._paths else ("-r", "-t")), "-z", "--full-tree"),
                *(self._commit, "--", *self._paths),
            )
        except GitFailed as error:
            raise InputError(
                f"cannot read the tree of commit {self._commit}: {error.message}",
                hint=error.hint(
                    "Fetch the commit with its trees: `git fetch --refetch --no-filter`."
                ),
            ) from error
        check_listing(listing, self._where, self._limits)
        return parse_tree(listing, self._known)
