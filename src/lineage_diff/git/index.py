"""Read the index of a repository: the files staged for the next commit."""

from lineage_diff.errors import InputError
from lineage_diff.git.commit_tree import KINDS, check_listing, list_folders
from lineage_diff.git.process import GitFailed, GitProcess
from lineage_diff.git.snapshot import Entries, Entry, SnapshotBlobs, TreeSnapshot
from lineage_diff.limits import USUAL, Limits

# The null id: the index has no commit yet.
NO_COMMIT = "0" * 40


def parse_index(listing: bytes) -> Entries:
    """Parse the output of `ls-files -s -z`: `mode SP id SP stage TAB path NUL`.

    For a path with a conflict, the first listed version counts: the base, or ours.
    """
    files: Entries = {}
    for record in listing.decode("utf-8", "surrogateescape").split("\0"):
        meta, tab, path = record.partition("\t")
        if tab and path not in files:
            mode, oid, _ = meta.split(" ")
            files[path] = Entry(KINDS.get(mode, "file"), oid)
    return dict(sorted(files.items()))


class IndexSnapshot(TreeSnapshot):
    """The staged files, with their staged contents, not those on disk."""

    def __init__(
        self,
        process: GitProcess,
        blobs: SnapshotBlobs,
        paths: tuple[str, ...] = (),
        limits: Limits = USUAL,
    ) -> None:
        """With `paths`, only what lies there is listed."""
        super().__init__(blobs, NO_COMMIT, "the index")
        self._process = process
        self._paths = [f":(literal){path}" for path in paths]
        self._limits = limits

    def _list(self) -> tuple[Entries, Entries]:
        try:
            listing = self._process.run_up_to(
                self._limits.tree_bytes + 1, "ls-files", "-s", "-z", "--", *self._paths
            )
        except GitFailed as error:
            raise InputError(
                f"cannot read the index: {error.message}",
                hint="Check the repository with `git status`.",
            ) from error
        check_listing(listing, self._where, self._limits)
        files = parse_index(listing)
        return files, list_folders(files, self._where, self._limits)
