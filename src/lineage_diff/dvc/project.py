"""Where a commit's DVC projects are, and which DVC files each of them collects.

The rules are those of `dvc.repo.index.collect_files`: `.dvcignore` applies, a nested project is
skipped, and nothing is collected inside an output.

What one DVC project of a commit declares: enough to know which values files DVC would read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct
from msgspec import field as msgspec_field

from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.lineage import RegistryArtifact
from lineage_diff.lineage.stage import Stage
from lineage_diff.parsing.ignore_patterns import (
    DVCIGNORE,
    NO_RULES,
    IgnoreRules,
    is_ignored,
    parse_ignore,
)
from lineage_diff.parsing.work_budget import PATHS, WorkBudget

PIPELINE = "dvc.yaml"
LOCK = "dvc.lock"
PATHSPECS = (f":(glob)**/{LOCK}", f":(glob)**/{PIPELINE}", ":(glob)**/*.dvc")
"""What `git log` is asked for, to tell of all DVC files and locks."""

_SUFFIX = ".dvc"
_FOLDER = ".dvc"
_SKIPPED = frozenset((".dvc", ".git", ".hg"))


@dataclass(slots=True)
class _Folder:
    files: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)


def has_project(snapshot: Snapshot) -> bool:
    """Whether a commit holds a `.dvc` folder, a `dvc.yaml` or a `.dvc` file."""
    return bool(project_roots(snapshot))


def project_roots(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the folders of the DVC projects: those that hold a `.dvc` folder.

    Where there is none but DVC files are, the repository's root counts as one: Git does not keep
    an empty `.dvc` folder.
    """
    roots: set[str] = set()
    loose = False
    for path in snapshot.files():
        if ".dvc/" in path:
            parts = path.split("/")
            if _FOLDER in parts[:-1]:
                roots.add("/".join(parts[: parts.index(_FOLDER)]))
        loose = loose or is_dvc_file(path)
    return tuple(sorted(roots)) if roots or not loose else ("",)


def is_dvc_file(path: str) -> bool:
    """Whether DVC collects a file of this name: `dvc.yaml` and `*.dvc`, not `dvc.yml`."""
    return path.endswith(_SUFFIX) or path.rpartition("/")[2] == PIPELINE


def is_lineage_file(path: str) -> bool:
    """Whether a file of this name is a DVC file or a lock."""
    return is_dvc_file(path) or path.rpartition("/")[2] == LOCK


def is_read_from_disk(path: str) -> bool:
    """Whether a file of this name says what else is read: a DVC file, a lock or `.dvcignore`."""
    return is_lineage_file(path) or path.rpartition("/")[2] == DVCIGNORE


class ProjectFiles:
    """The DVC files of one project, walked from its root down."""

    def __init__(
        self,
        snapshot: Snapshot,
        root: str,
        roots: Iterable[str],
        work: WorkBudget | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._work = work or WorkBudget()
        self._root = root
        self._inner = frozenset(roots) - {root}
        self._rules: dict[str, IgnoreRules] = {}

    def walk(self, read: Callable[[str], Iterable[str]]) -> Iterator[str]:
        """Yield each collected file.

        `read` is called with it at once and returns the outputs that it declares: folders among
        them are not entered.
        """
        tree = self._candidates()
        outs: set[str] = set()
        pending = [self._root]
        while pending:
            folder = pending.pop()
            rules = self.rules(folder)
            for path in tree[folder].files:
                if not is_ignored(path, False, rules):
                    outs.update(read(path))
                    yield path
            inner = [
                path
                for path in sorted(tree[folder].folders, reverse=True)
                if path not in outs
                and path not in self._inner
                and not is_ignored(path, True, rules)
            ]
            pending += inner

    def rules(self, folder: str) -> IgnoreRules:
        """Return the ignore rules that hold in a folder: those of it and of all above it."""
        known = self._rules.get(folder)
        if known is not None:
            return known
        if self._root and folder != self._root and not folder.startswith(f"{self._root}/"):
            return NO_RULES
        above, rules = self._nearest(folder)
        for inner in above:
            self._work.spend(4 + len(inner) // 8, PATHS)
            rules = self._rules[inner] = self._with_own(inner, rules)
        return rules

    def _nearest(self, folder: str) -> tuple[list[str], IgnoreRules]:
        """Return the folders whose rules are not known, the outermost first, and what holds there.

        Not by recursion: a commit may nest its folders deeper than Python its calls.
        """
        unknown: list[str] = []
        while folder not in self._rules:
            unknown.append(folder)
            if folder == self._root:
                return unknown[::-1], NO_RULES
            folder = folder.rpartition("/")[0]
        return unknown[::-1], self._rules[folder]

    def _with_own(self, folder: str, above: IgnoreRules) -> IgnoreRules:
        path = f"{folder}/{DVCIGNORE}" if folder else DVCIGNORE
        if self._snapshot.entry(path) is None or is_ignored(path, False, above):
            return above
        try:
            text = self._snapshot.read(path).decode("utf-8", "replace")
        except InputError:
            return above
        return parse_ignore(text, folder, above, self._work)

    def _candidates(self) -> dict[str, _Folder]:
        prefix = f"{self._root}/" if self._root else ""
        tree: dict[str, _Folder] = {self._root: _Folder()}
        for path, entry in self._snapshot.files().items():
            if not is_dvc_file(path) or not path.startswith(prefix) or entry.kind == "submodule":
                continue
            folder = path.rpartition("/")[0]
            if _SKIPPED.intersection(folder[len(prefix) :].split("/")):
                continue
            tree.setdefault(folder, _Folder()).files.append(path)
            while folder != self._root:
                above = folder.rpartition("/")[0]
                siblings = tree.setdefault(above, _Folder()).folders
                if folder in siblings:
                    break
                siblings.add(folder)
                folder = above
        return tree


class Declared(Struct, frozen=True):
    """One DVC project: the folder that holds `.dvc`, and all that its DVC files declare.

    `root` is that folder, `""` for the repository's own. `stages` are sorted by id and hold the
    `.dvc` files too. `top_metrics`, `top_params` and `top_plots` are pairs of a `dvc.yaml`'s path
    and a path that its top-level list names; all paths are relative to the repository's root.
    `tracked_vars` holds, by stage id and then by the file they came from, the variables that
    templating used in the stage (`dvc.stage.Stage.tracked_vars`).
    """

    root: str
    stages: tuple[Stage, ...] = ()
    top_metrics: tuple[tuple[str, str], ...] = ()
    top_params: tuple[tuple[str, str], ...] = ()
    top_plots: tuple[tuple[str, str], ...] = ()
    artifacts: tuple[RegistryArtifact, ...] = ()
    tracked_vars: Mapping[str, Mapping[str, Mapping[str, Any]]] = msgspec_field(
        default_factory=dict
    )
