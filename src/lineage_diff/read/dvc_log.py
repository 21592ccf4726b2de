"""The `git log` of the DVC files before a commit, started long before anybody waits for it."""

from collections.abc import Callable

from lineage_diff.read import limits
from lineage_diff.read.errors import InputError
from lineage_diff.read.git_process import PLAIN, GitFailed, GitProcess
from lineage_diff.read.project import LOCK, PIPELINE

LOG = (
    "log",
    "--first-parent",
    "--raw",
    "-z",
    "--no-abbrev",
    "-m",
    "--no-renames",
    *PLAIN,
    "--date=iso-strict",
    # A name and a subject hold no line end.
    "--format=%H %ad%n%an%n%s",
)
DVC_FILES = (f":(glob)**/{LOCK}", f":(glob)**/{PIPELINE}", ":(glob)**/*.dvc")


def log_of_dvc_files(git: GitProcess, commit: str) -> Callable[[], bytes]:
    """Start `git log` of the DVC files before a commit, newest first; the answer waits for it.

    That raises `InputError` when Git cannot tell.
    """
    started = git.start_up_to(*LOG, commit, "--", *DVC_FILES)

    def told() -> bytes:
        try:
            return started(limits.HISTORY_BYTES)
        except GitFailed as error:
            raise InputError(
                f"cannot read the history of {commit[:12]}: {error.message}",
                mend="Fetch the whole history: `git fetch --unshallow`.",
            ) from error

    return told
