"""The tree of one commit, as `git ls-tree` lists it."""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from lineage_diff.read import limits
from lineage_diff.read.blob_reader import BlobReader
from lineage_diff.read.errors import InputError
from lineage_diff.read.git_process import GitFailed, GitProcess
from lineage_diff.read.snapshot import Entry, EntryKind

_KINDS: Mapping[str, EntryKind] = {
    "040000": "directory",
    "100755": "executable",
    "120000": "symlink",
    "160000": "submodule",
}

Entries = dict[str, Entry]


def parse_tree(listing: bytes, known: Entries) -> tuple[Entries, Entries]:
    """Split what `ls-tree -r -t -z` prints into files and folders, each sorted by path.

    Bytes of a path that are no UTF-8 become surrogates, as `os.fsdecode` makes them. `known`
    holds the entries of other commits by mode, type and id: those two have in common are shared.
    """
    files: Entries = {}
    folders: Entries = {}
    for record in listing.decode("utf-8", "surrogateescape").split("\0"):
        meta, tab, path = record.partition("\t")
        if not tab:
            continue
        entry = known.get(meta)
        if entry is None:
            mode, _, oid = meta.split(" ")
            entry = known[meta] = Entry(_KINDS.get(mode, "file"), oid)
        (folders if entry.kind == "directory" else files)[path] = entry
    # Git sorts by bytes; only with surrogates do code points sort otherwise.
    return dict(sorted(files.items())), dict(sorted(folders.items()))


class GitSnapshot:
    """One commit of a repository: the `Snapshot` that the readers work on."""

    def __init__(self, process: GitProcess, blobs: BlobReader, commit: str, known: Entries) -> None:
        self._process = process
        self._blobs = blobs
        self._commit = commit
        self._known = known
        self._listed: tuple[Mapping[str, Entry], Entries] | None = None
        self._children: dict[str, list[tuple[str, Entry]]] | None = None

    @property
    def commit(self) -> str:
        """The commit's full id."""
        return self._commit

    def _tree(self) -> tuple[Mapping[str, Entry], Entries]:
        if self._listed is None:
            try:
                listing = self._process.run(
                    "ls-tree", "-r", "-t", "-z", "--full-tree", self._commit, "--"
                )
            except GitFailed as error:
                raise InputError(
                    f"cannot read the tree of commit {self._commit}: {error.message}",
                    mend="Fetch the commit with its trees: `git fetch --refetch --no-filter`.",
                ) from error
            files, folders = parse_tree(listing, self._known)
            self._listed = MappingProxyType(files), folders
        return self._listed

    def entry(self, path: str) -> Entry | None:
        """Return what the tree holds at `path` (the root is `""`), or `None`."""
        files, folders = self._tree()
        if not path:
            return Entry("directory", self._blobs.tree_of(self._commit))
        return files.get(path) or folders.get(path)

    def files(self) -> Mapping[str, Entry]:
        """Return every path but directories, sorted by path; the mapping is shared."""
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
        entry = self.files().get(path)
        if entry is not None and entry.kind != "symlink":
            return path
        if path.startswith("/"):
            return None
        pending = path.split("/")[::-1]
        reached: list[str] = []
        links = 0
        while pending:
            name = pending.pop()
            if name in ("", "."):
                continue
            if name == "..":
                if not reached:
                    return None
                reached.pop()
                continue
            here = "/".join((*reached, name))
            entry = self.entry(here)
            if entry is None or (pending and entry.kind in ("file", "executable", "submodule")):
                return None
            if entry.kind != "symlink":
                reached.append(name)
                continue
            links += 1
            target = self._blobs.link_target(entry.oid, here)
            if links > limits.SYMLINKS or target is None:
                return None
            pending += target.split("/")[::-1]
        return "/".join(reached)

    def read(self, path: str) -> bytes:
        """Return a file's bytes, symlinks followed inside the tree.

        Raises `InputError` where there is no such file, it is larger than the limit, or the
        object is missing (a partial clone).
        """
        reached = self.resolve(path)
        entry = None if reached is None else self.files().get(reached)
        if entry is None or entry.kind == "submodule":
            raise InputError(
                f"no such file in commit {self._commit[:12]}",
                file=path,
                mend="Commit the file, or correct the path that names it.",
            )
        return self._blobs.read(entry.oid, path)

    def read_oids(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield the bytes of many blobs, in the order asked, through one Git process.

        Blobs over the limit or missing are left out.
        """
        return self._blobs.read_many(oids)
