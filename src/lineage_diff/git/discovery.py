"""Find the Git directory of a folder.

The search goes up the folders as Git does (`git help rev-parse`, `setup.c` of Git). Git then gets
the directory by name, and so checks no owner (which fails in a container) and ignores the
`GIT_DIR` of a hook.
"""

import os
from pathlib import Path

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.git.process import GitFailed, GitProcess


class GitDir(Struct, frozen=True):
    """The Git directory of a clone or worktree.

    `common_dir` is the directory that all worktrees share, `folder` the place where the search
    ended. A `bare` repository has no work tree.
    """

    git_dir: str
    common_dir: str
    bare: bool
    folder: str


def find_git_dir(path: str | os.PathLike[str]) -> GitDir:
    """Return the Git directory of a folder, in the folder itself or above it.

    Raises `InputError` when there is none, Git cannot read it, or Git is not installed.
    """
    here = Path(os.path.realpath(path))
    try:
        there = here.exists()
        found = _nearest(here) if there else None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            hint="Check the folder's permissions.",
            file=os.fspath(path),
        ) from error
    if not there:
        raise InputError(
            "no such folder", hint="Name the folder of a Git repository.", file=os.fspath(path)
        )
    if found is None:
        raise InputError(
            "not a Git repository",
            hint="Run it inside one, or name the folder of one, as with --repo.",
            file=os.fspath(path),
        )
    return _git_dir(found)


def _nearest(here: Path) -> Path | None:
    for folder in (here, *here.parents):
        link = folder / ".git"
        # A file `.git` belongs to a worktree or submodule, and contains the directory's path.
        if link.is_file() or _is_git_dir(link):
            return link
        if _is_git_dir(folder):
            return folder
    return None


def _is_git_dir(folder: Path) -> bool:
    head = folder / "HEAD"
    return (
        (head.is_file() or head.is_symlink())
        and (folder / "objects").is_dir()
        and (folder / "refs").is_dir()
    )


def _git_dir(found: Path) -> GitDir:
    folder = str(found.parent)
    output = _rev_parse(found, "--absolute-git-dir", "--git-common-dir", "--is-bare-repository")
    git_dir, common, bare = output.rsplit("\n", 2)
    return GitDir(git_dir, str(Path(folder, common).resolve()), bare == "true", folder)


def work_tree(found: GitDir) -> str | None:
    """Return the folder of the work tree; `None` for a bare repository.

    Raises `InputError` when Git cannot read the repository.
    """
    if found.bare:
        return None
    return _rev_parse(Path(found.git_dir), "--show-toplevel", at=found.folder)


def _rev_parse(git_dir: Path, *wanted: str, at: str | None = None) -> str:
    try:
        return GitProcess(str(git_dir), at or str(git_dir.parent)).line("rev-parse", *wanted)
    except GitFailed as error:
        raise InputError(
            f"Git cannot read the repository: {error.message}",
            hint="Check it with `git fsck`.",
            file=str(git_dir),
        ) from error
