"""Commits by libgit2, in this process: two processes of Git for each take thrice the time.

Leaves a repository as `git add -A -f` and `git commit` do; `tests/git/test_quick_commit.py` holds
it to them. What libgit2 does otherwise, or not at all, is left to Git.
"""

import os
from pathlib import Path

import pygit2
from pygit2.enums import ConfigLevel, FileMode, RepositoryState

# In a folder of the work tree, they are for Git.
_FOR_GIT = {".git", ".gitattributes", ".gitmodules"}

for _level in (ConfigLevel.GLOBAL, ConfigLevel.XDG, ConfigLevel.SYSTEM):
    # As in `git_environment`, no setting of the machine counts.
    pygit2.settings.search_path[_level] = ""


def quick_commit(worktree: Path, message: str, second: int) -> str | None:
    """Commit the whole work tree, ignored files too, if all of it is usual.

    `second` is the time of the commit, in seconds since 1970. Returns the commit's id, or `None` if
    nothing was done.
    """
    files = _files(worktree)
    if files is None or not _is_kept(message) or (worktree / ".git/hooks").exists():
        return None
    try:
        repo = pygit2.Repository(os.fspath(worktree))
        index = repo.index
        is_merging = repo.state() != RepositoryState.NONE
        if is_merging or any(entry.mode == FileMode.COMMIT for entry in index):
            return None
        index.add_all()
        for file in files:
            # A file that Git's rules ignore.
            if file not in index:
                index.add(file)
    except (pygit2.GitError, OSError, ValueError):
        # Another format, or a name that only Git takes.
        return None
    index.write()
    person = pygit2.Signature("A", "a@example.com", second, 0)
    parents = [] if repo.head_is_unborn else [repo.head.target]
    made = repo.create_commit("HEAD", person, person, f"{message}\n", index.write_tree(), parents)
    return str(made)


def _files(worktree: Path) -> list[str] | None:
    """Return the files and links of a work tree, `None` if one of them is for Git to add."""
    found: list[str] = []
    for folder, folders, names in os.walk(worktree):
        inner = os.path.relpath(folder, worktree)
        is_root = inner == "."
        if is_root:
            folders.remove(".git")
        if _FOR_GIT.intersection((*folders, *names)):
            return None
        links = (name for name in folders if Path(folder, name).is_symlink())
        found += (name if is_root else f"{inner}/{name}" for name in (*names, *links))
    return found


def _is_kept(message: str) -> bool:
    """Return whether Git would clean up nothing of a message: its first paragraph is one line."""
    lines = message.split("\n")
    is_clean = all(line == line.rstrip() for line in lines) and "\n\n\n" not in message
    return is_clean and message == message.strip() != "" and not any(lines[1:2])
