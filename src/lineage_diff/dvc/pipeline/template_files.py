"""A commit's files with the few methods that DVC's templating asks of a file system."""

import io
import posixpath
from typing import Any

from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.paths import join
from lineage_diff.parsing.work_budget import PARSING, WorkBudget
from lineage_diff.parsing.yaml_loader import decode, load_yaml


class TemplateFiles:
    """Stands for `repo.fs` in `dvc.parsing.DataResolver`; remembers what it was asked for.

    `reads` maps each path that was looked at to the id found there: templating gives the same
    answer wherever these are the same.
    """

    def __init__(self, snapshot: Snapshot, work: WorkBudget | None = None) -> None:
        self._snapshot = snapshot
        self._work = work or WorkBudget()
        self.reads: dict[str, str | None] = {}

    def join(self, *parts: str) -> str:
        """Join as POSIX does."""
        return posixpath.join(*parts)

    def normpath(self, path: str) -> str:
        """Return the path relative to the repository's root."""
        return join("", path)

    def relpath(self, path: str, start: str = "") -> str:
        """Return the path as seen from a folder."""
        return posixpath.relpath("/" + path, "/" + start)

    def suffix(self, path: str) -> str:
        """Return what follows the first dot of the name, as fsspec-backed file systems do."""
        _, dot, suffix = posixpath.basename(path).partition(".")
        return dot + suffix

    def exists(self, path: str) -> bool:
        """Whether the commit holds the path."""
        return self._find(path) is not None

    def isdir(self, path: str) -> bool:
        """Whether the path leads to a folder."""
        target = self._find(path)
        entry = self._snapshot.entry(target) if target is not None else None
        return entry is not None and entry.kind == "directory"

    def open(self, path: str, mode: str = "r", encoding: str | None = None) -> io.StringIO:
        """Open a vars file. Its YAML is held to this package's limits before DVC parses it."""
        target = self._find(path)
        if target is None:
            raise InputError("no such file", hint="Add it, or remove it from `vars`.", file=path)
        text = decode(self._snapshot.read(target), path)
        # DVC parses it once more, and builds its variables of it.
        self._work.spend(2 * len(text), PARSING)
        if self.suffix(path).lower() not in (".json", ".toml", ".py"):
            load_yaml(text, path, self._work)
        return io.StringIO(text)

    def load(self, path: str) -> Any:
        """Return what a file of YAML holds. Raises `InputError` where it cannot be read."""
        target = self._find(path)
        return load_yaml(self._snapshot.read(target or path), path, self._work)

    def text(self, path: str) -> str | None:
        """Return a file's text, `None` where it is absent or no UTF-8."""
        target = self._find(path)
        try:
            return None if target is None else self._snapshot.read(target).decode()
        except (InputError, UnicodeDecodeError):
            return None

    def _find(self, path: str) -> str | None:
        path = self.normpath(path)
        target = self._snapshot.resolve(path)
        self.reads[path] = oid_at(self._snapshot, path)
        return target


def oid_at(snapshot: Snapshot, path: str) -> str | None:
    """Return the id of what a path leads to, `None` where nothing is there."""
    target = snapshot.resolve(path)
    entry = snapshot.entry(target) if target is not None else None
    return entry.oid if entry is not None else None


class TemplateProject:
    """Stands for `dvc.repo.Repo` in `DataResolver`: files and the `parsing` section alone."""

    def __init__(self, files: TemplateFiles, parsing: dict[str, Any]) -> None:
        self.fs = files
        self.config = {"parsing": parsing}
