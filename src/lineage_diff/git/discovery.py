"""Where the Git directory is that a folder belongs to.

The folders are gone up as Git goes (`git help rev-parse`, `setup.c` of Git), and what is found is
named to Git: it then asks not who owns it, as in a container, nor heeds `GIT_DIR` of a hook.
"""

import os
from pathlib import Path

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.git.process import GitFailed, GitProcess


class GitDir(Struct, frozen=True):
    """The directory of a clone or worktree, the one that worktrees share, and where it was found.

    `bare` says that no files on disk belong to it.
    """

    git_dir: str
    common_dir: str
    bare: bool
    folder: str


def find_git_dir(path: str | os.PathLike[str]) -> GitDir:
    """Return the Git directory of a folder, its own or of one above.

    Raises `InputError` when there is none, or Git cannot read it, or is not installed.
    """
    here = Path(os.path.realpath(path))
    try:
        there = here.exists()
        found = _nearest(here) if there else None
    except OSError as error:
        raise InputError(
            f"cannot be read: {error.strerror}",
            hint="Check who may read the folder.",
            file=os.fspath(path),
        ) from error
    if not there:
        raise InputError(
            "no such folder", hint="Name the folder of a Git repository.", file=os.fspath(path)
        )
    if found is None:
        raise InputError(
            "not a Git repository",
            hint="Run it inside one, or name one with --repo.",
            file=os.fspath(path),
        )
    return _asked(found)


def _nearest(here: Path) -> Path | None:
    for folder in (here, *here.parents):
        link = folder / ".git"
        # A file `.git` is that of a worktree or a submodule, and says where its directory is.
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


def _asked(found: Path) -> GitDir:
    folder = str(found.parent)
    told = _told(found, "--absolute-git-dir", "--git-common-dir", "--is-bare-repository")
    git_dir, common, bare = told.rsplit("\n", 2)
    return GitDir(git_dir, str(Path(folder, common).resolve()), bare == "true", folder)


def work_tree(found: GitDir) -> str | None:
    """Return the folder of the files on disk; `None` for a bare repository.

    Raises `InputError` where Git cannot tell.
    """
    return None if found.bare else _told(Path(found.git_dir), "--show-toplevel", at=found.folder)


def _told(git_dir: Path, *wanted: str, at: str | None = None) -> str:
    try:
        return GitProcess(str(git_dir), at or str(git_dir.parent)).line("rev-parse", *wanted)
    except GitFailed as error:
        raise InputError(
            f"Git cannot read the repository: {error.message}",
            hint="Check it with `git fsck`.",
            file=str(git_dir),
        ) from error
