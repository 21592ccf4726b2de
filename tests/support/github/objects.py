"""A repository's Git objects and refs, kept by Git itself."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support.git_repo import git_environment


class NoSuchObjectError(Exception):
    """Git has no such object, or says no to what was asked."""


@dataclass(frozen=True, slots=True)
class ObjectStore:
    """The Git repository at `path`, bare or not; made when first written to."""

    path: Path

    def is_there(self) -> bool:
        """Say whether anything was ever written."""
        return self.path.exists()

    def git(
        self, *args: str, stdin: bytes = b"", environment: dict[str, str] | None = None
    ) -> bytes:
        """Run Git; return its output. Raises `NoSuchObjectError` with what Git says."""
        if not self.is_there():
            subprocess.run(
                ("git", "init", "-q", "--bare", "-b", "main", os.fspath(self.path)),
                env=git_environment(),
                check=True,
            )
        run = subprocess.run(
            ("git", *args),
            cwd=self.path,
            env=git_environment() | (environment or {}),
            input=stdin,
            capture_output=True,
            check=False,
        )
        if run.returncode:
            raise NoSuchObjectError(os.fsdecode(run.stderr))
        return run.stdout

    def text(self, *args: str, stdin: bytes = b"") -> str:
        """Run Git; return its output as text without the last line end."""
        return os.fsdecode(self.git(*args, stdin=stdin)).removesuffix("\n")

    def kind(self, name: str) -> str | None:
        """Return the type of an object, `None` when there is none of that name."""
        try:
            return self.text("cat-file", "-t", "--end-of-options", name)
        except NoSuchObjectError:
            return None

    def read(self, kind: str, name: str) -> bytes:
        """Return an object's content."""
        return self.git("cat-file", kind, name)

    def take(self, source: "ObjectStore", commit: str, ref: str) -> None:
        """Copy a commit and all before it from another repository, under a ref."""
        if source.path != self.path:
            self.git("fetch", "-q", "--no-write-fetch-head", os.fspath(source.path), commit)
        self.git("update-ref", ref, commit)

    def refs(self, prefix: str) -> list[tuple[str, str, str]]:
        """Return name, object id and type of the refs that begin with `prefix`, sorted."""
        if not self.is_there():
            return []
        lines = self.text("for-each-ref", "--format=%(refname) %(objectname) %(objecttype)")
        found = [tuple(line.rsplit(" ", 2)) for line in lines.splitlines()]
        return sorted((n, s, k) for n, s, k in found if n.startswith(prefix))
