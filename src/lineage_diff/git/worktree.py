"""Read the files on disk that Git tracks or does not ignore; no link is followed out."""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from subprocess import DEVNULL, TimeoutExpired

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.commit_tree import check_listing, list_folders
from lineage_diff.git.index import NO_COMMIT, parse_index
from lineage_diff.git.path_rules import GITIGNORE
from lineage_diff.git.process import GitFailed, GitProcess, wait_at_end
from lineage_diff.git.snapshot import (
    Entries,
    Entry,
    EntryKind,
    SnapshotBlobs,
    TreeSnapshot,
)
from lineage_diff.limits import USUAL, Limits
from lineage_diff.plain_files import is_usable, open_to_read, posix_target


class WorktreeSnapshot(TreeSnapshot):
    """The work tree: tracked files, and untracked ones that Git does not ignore.

    A file that a sparse checkout leaves out is read from the index.
    A path that is neither a file nor a link is left out, or an `InputError` if it `is_needed`.
    """

    def __init__(
        self,
        process: GitProcess,
        blobs: SnapshotBlobs,
        root: str,
        is_needed: Callable[[str], bool],
        paths: tuple[str, ...] = (),
        limits: Limits = USUAL,
    ) -> None:
        """With `paths`, only what lies there is listed."""
        self._disk = _Disk(root, blobs)
        super().__init__(self._disk, NO_COMMIT, "the work tree")
        self._process = process
        self._folder = root
        self._is_needed = is_needed
        self._paths = [f":(literal){path}" for path in paths]
        self._limits = limits

    @property
    def is_on_disk(self) -> bool:
        """True: Git has converted its files."""
        return True

    def _list(self) -> tuple[Entries, Entries]:
        try:
            listing = self._listing(
                *self._projects_inside(),
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
                "--",
                *self._paths,
            )
        except GitFailed as error:
            raise InputError(
                f"cannot list the work tree: {error.message}",
                hint="Check the repository with `git status`.",
                file=self._folder,
            ) from error
        check_listing(listing, self._where, self._limits)
        real: dict[str, bool] = {"": True}
        files: Entries = {}
        absent: set[str] = set()
        for path in sorted(set(listing.decode("utf-8", "surrogateescape").split("\0"))):
            # A folder with a `.git` of its own is listed as `folder/`: not ours to read.
            if not path or path.endswith("/"):
                continue
            if not self._is_there(path, real):
                absent.add(path)
                continue
            kind = _kind(os.path.join(self._folder, path))
            if kind is None and self._is_needed(path):
                raise no_file(path)
            if kind is not None:
                # There is no blob yet: the path stands for its id.
                files[path] = Entry(kind, path)
        if absent:
            files |= self._left_out(absent)
        return files, list_folders(files, self._where, self._limits)

    def _left_out(self, absent: set[str]) -> Entries:
        """Return those of the absent files that a sparse checkout leaves out of the disk."""
        listing = self._listing(
            *self._projects_inside(), "ls-files", "-z", "-s", "-t", "--cached", "--"
        )
        records = listing.split(b"\0")
        skipped = parse_index(b"\0".join(one[2:] for one in records if one.startswith(b"S ")))
        found = {path: entry for path, entry in skipped.items() if path in absent}
        self._disk.left_out.update((path, entry.oid) for path, entry in found.items())
        return {path: Entry(entry.kind, path) for path, entry in found.items()}

    def _is_there(self, path: str, real: dict[str, bool]) -> bool:
        folder = path.rpartition("/")[0]
        if not is_usable(path) or not self._is_real(folder, real):
            return False
        return _mode(os.path.join(self._folder, path)) != 0

    def _projects_inside(self) -> tuple[str, ...]:
        return f"--work-tree={self._folder}", "-C", self._folder

    def _listing(self, *args: str) -> bytes:
        """Run Git and return its output; a named pipe as ignore file would block it forever."""
        with wait_at_end(self._process.start(*args, stdin=DEVNULL)) as git:
            try:
                output, stderr = git.communicate(timeout=limits.WAITING_SECONDS)
            except TimeoutExpired:
                self._refuse_pipes()
                output, stderr = git.communicate()
        if git.returncode:
            raise GitFailed(git.returncode, stderr.decode("utf-8", "replace"))
        return output

    def _refuse_pipes(self) -> None:
        for folder, _, names in os.walk(self._folder):
            if GITIGNORE in names:
                path = os.path.join(folder, GITIGNORE)
                if _mode(path) not in (stat.S_IFREG, stat.S_IFLNK):
                    raise no_file(os.path.relpath(path, self._folder))

    def _is_real(self, folder: str, known: dict[str, bool]) -> bool:
        """Return whether a folder and all above it are real folders, not links."""
        if folder not in known:
            known[folder] = self._is_real(folder.rpartition("/")[0], known) and (
                _mode(os.path.join(self._folder, folder)) == stat.S_IFDIR
            )
        return known[folder]


def no_file(path: str) -> InputError:
    """Error for a pipe, a socket or a device in the place of a file."""
    return InputError(
        "a pipe, a socket or a device, which is not read",
        hint="Put a file in its place, or remove it.",
        file=path,
    )


class _Disk:
    """The contents of the listed paths, as `SnapshotBlobs`: a path is its own id.

    Of what is `left_out` of the disk, by path the id in the index, Git's `blobs` are read.
    """

    def __init__(self, root: str, blobs: SnapshotBlobs) -> None:
        self._root = root
        self._blobs = blobs
        self.left_out: dict[str, str] = {}

    def read(self, oid: str, path: str) -> bytes:
        """Return a file's bytes, or a link's target."""
        if oid in self.left_out:
            return self._blobs.read(self.left_out[oid], path)
        name = os.path.join(self._root, oid)
        try:
            if _mode(name) == stat.S_IFLNK:
                return os.fsencode(posix_target(os.readlink(name)))
            # Do not open a path that became a link or a pipe after it was listed.
            handle = open_to_read(name)
            with open(handle, "rb") as file:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode):
                    raise no_file(path)
                size = found.st_size
                if size > limits.BLOB_BYTES:
                    raise InputError(
                        f"the file is {size} bytes long, over the limit of {limits.BLOB_BYTES}",
                        file=path,
                        hint="Track it with DVC (`dvc add`) instead of Git.",
                    )
                return file.read(limits.BLOB_BYTES)
        except OSError as error:
            raise InputError(
                f"cannot be read: {error.strerror}", file=path, hint="Check the file's permissions."
            ) from error

    def read_many(self, oids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield files in the order of `oids`, without those unreadable or over the limit."""
        for oid in oids:
            try:
                yield oid, self.read(oid, oid)
            except InputError:
                continue

    def link_target(self, oid: str, path: str) -> str | None:
        """Return a symlink's target, `None` for an absolute or overlong one."""
        target = self.read(oid, path)
        if not target or len(target) > limits.SYMLINK_BYTES or target.startswith(b"/"):
            return None
        return target.decode("utf-8", "surrogateescape")


def _mode(path: str) -> int:
    try:
        return stat.S_IFMT(os.lstat(path).st_mode)
    except OSError:
        return 0


def _kind(path: str) -> EntryKind | None:
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return None
    if stat.S_ISLNK(mode):
        return "symlink"
    if stat.S_ISDIR(mode):
        return "submodule"
    if not stat.S_ISREG(mode):
        return None
    return "executable" if mode & stat.S_IXUSR else "file"
