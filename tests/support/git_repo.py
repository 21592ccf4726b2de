"""A builder of real Git repositories for the tests, with the same commit ids on every machine."""

import copy
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from tests.support.quick_commit import quick_commit

_EPOCH = 1_700_000_000
# Local clones are allowed; no commit looks for something to pack, or waits for the disk.
_SETTINGS = tuple(
    word
    for setting in ("protocol.file.allow=always", "maintenance.auto=false", "core.fsync=none")
    for word in ("-c", setting)
)


def git_environment() -> dict[str, str]:
    """Return the environment in which no setting of the machine reaches Git."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return kept | {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@example.com",
        "LC_ALL": "C",
    }


@cache
def _empty() -> "TemporaryDirectory[str]":
    """Return an empty repository: to copy it takes a third of the time of `git init`."""
    folder = TemporaryDirectory(prefix="empty-")
    # Without the sample hooks of the machine's Git: thousands of tests copy it.
    command = ("git", "init", "-q", "-b", "main", "--template=", folder.name)
    subprocess.run(command, env=git_environment(), check=True)
    return folder


class GitRepo:
    """A repository at `path` (made, with branch `main`, unless it is there already)."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
        self._environment = git_environment()
        self._second = _EPOCH
        if not (self.path / ".git").exists() and not (self.path / "HEAD").exists():
            self.path.mkdir(parents=True, exist_ok=True)
            shutil.copytree(Path(_empty().name, ".git"), self.path / ".git")

    def git(self, *args: str, stdin: bytes | None = None) -> str:
        """Run Git in the repository; its output without the last line end."""
        run = subprocess.run(
            ("git", *_SETTINGS, *args),
            cwd=self.path,
            env=self._environment,
            input=stdin,
            capture_output=True,
            check=False,
        )
        if run.returncode:
            raise AssertionError(f"git {' '.join(args)}: {os.fsdecode(run.stderr)}")
        return os.fsdecode(run.stdout).removesuffix("\n")

    def write(self, path: str, content: str | bytes, *, executable: bool = False) -> Path:
        """Write a file of the work tree, and the folders above it."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        if executable:
            file.chmod(0o755)
        return file

    def symlink(self, path: str, target: str) -> Path:
        """Make a symlink in the work tree; the target is taken as it is."""
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.symlink_to(target)
        return file

    def remove(self, path: str) -> None:
        """Remove a file of the work tree."""
        (self.path / path).unlink()

    def commit(self, message: str = "Change") -> str:
        """Commit the whole work tree, ignored files too, a second later; return the commit's id."""
        self._second += 1
        date = f"{self._second} +0000"
        self._environment |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        made = quick_commit(self.path, message, self._second)
        if made is not None:
            return made
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-m", message)
        return self._head()

    def branch(self, name: str, start: str = "HEAD") -> None:
        """Make a branch and check it out."""
        self.git("checkout", "-q", "-b", name, start)

    def checkout(self, rev: str) -> None:
        """Check out a branch or commit."""
        self.git("checkout", "-q", rev)

    def merge(self, rev: str, message: str = "Merge") -> str:
        """Merge with a merge commit; return its id."""
        self._second += 1
        date = f"{self._second} +0000"
        self._environment |= {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        self.git("merge", "-q", "--no-ff", "-m", message, rev)
        return self._head()

    def _head(self) -> str:
        """Return the commit of `HEAD`, from its file where Git just wrote it."""
        folder = self.path / ".git"
        try:
            head = (folder / "HEAD").read_text(encoding="ascii").strip()
            name = head.removeprefix("ref: ")
            return head if name == head else (folder / name).read_text(encoding="ascii").strip()
        except OSError:
            return self.git("rev-parse", "HEAD")

    def copy_to(self, path: str | os.PathLike[str]) -> Self:
        """Copy the repository to a new or empty folder; later commits have the same ids in both."""
        shutil.copytree(self.path, path, symlinks=True, dirs_exist_ok=True)
        made = copy.deepcopy(self)
        made.path = Path(path)
        return made

    def clone(self, path: str | os.PathLike[str], *options: str) -> "GitRepo":
        """Clone through the file protocol, so that `--depth` and `--filter` work."""
        self.git("clone", "-q", *options, self.path.absolute().as_uri(), os.fspath(path))
        return GitRepo(path)
