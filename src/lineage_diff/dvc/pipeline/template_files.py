"""A commit's files with the few file system methods that DVC's templating calls."""

import io
import posixpath
from typing import Any

from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.paths import join
from lineage_diff.parsing.work_budget import PARSING, LastTexts, WorkBudget
from lineage_diff.parsing.yaml_loader import decode, load_yaml


class TemplateFiles:
    """Replaces `repo.fs` in `dvc.parsing.DataResolver` and records the paths that it reads.

    `work` is the budget of the commit. `vars_files` has the data of the last files of variables,
    which many pipelines share: do not modify it. `reads` maps each path to the id found there: if
    these are the same, templating gives the same result.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        work: WorkBudget | None = None,
        vars_files: LastTexts[Any] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._vars_files = LastTexts() if vars_files is None else vars_files
        self.work = work or WorkBudget()
        self.reads: dict[str, str | None] = {}

    def join(self, *parts: str) -> str:
        """Join as POSIX does."""
        return posixpath.join(*parts)

    def normpath(self, path: str) -> str:
        """Return the path relative to the repository's root."""
        return join("", path)

    def relpath(self, path: str, start: str = "") -> str:
        """Return the path relative to the folder `start`."""
        return posixpath.relpath("/" + path, "/" + start)

    def suffix(self, path: str) -> str:
        """Return the name from its first dot on, as fsspec-backed file systems do."""
        _, dot, suffix = posixpath.basename(path).partition(".")
        return dot + suffix

    def exists(self, path: str) -> bool:
        """Return whether the commit has the path."""
        return self._find(path) is not None

    def isdir(self, path: str) -> bool:
        """Return whether the path leads to a folder."""
        target = self._find(path)
        entry = self._snapshot.entry(target) if target is not None else None
        return entry is not None and entry.kind == "directory"

    def open(self, path: str, mode: str = "r", encoding: str | None = None) -> io.StringIO:
        """Open a vars file. Its YAML is checked against the limits before DVC parses it."""
        target = self._find(path)
        if target is None:
            raise InputError("no such file", hint="Add it, or remove it from `vars`.", file=path)
        text = decode(self._snapshot.read(target), path)
        # DVC parses it once more, and builds its variables from it.
        self.work.spend(2 * len(text), PARSING)
        if self.suffix(path).lower() not in (".json", ".toml", ".py"):
            load_yaml(text, path, self.work)
        return io.StringIO(text)

    def load(self, path: str) -> Any:
        """Return the data of a YAML file. Raises `InputError` if it cannot be read."""
        target = self._find(path)
        text = decode(self._snapshot.read(target or path), path)
        data = self._vars_files.known(text, self.work)
        if data is None:
            before = self.work.left
            data = load_yaml(text, path, self.work)
            self._vars_files.keep(text, data, before - self.work.left)
        return data

    def text(self, path: str) -> str | None:
        """Return a file's text, `None` if it is missing or not UTF-8."""
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
    """Return the id of the entry that a path leads to, `None` if there is none."""
    target = snapshot.resolve(path)
    entry = snapshot.entry(target) if target is not None else None
    return entry.oid if entry is not None else None


class TemplateProject:
    """Replaces `dvc.repo.Repo` in `DataResolver`, with files and the `parsing` section only."""

    def __init__(self, files: TemplateFiles, parsing: dict[str, Any]) -> None:
        self.fs = files
        self.config = {"parsing": parsing}
