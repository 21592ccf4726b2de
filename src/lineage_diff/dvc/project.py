"""Find a commit's DVC projects and the DVC files of each.

The rules are those of `dvc.repo.index.collect_files`: `.dvcignore` applies, a nested project is
skipped, and nothing is collected inside an output. `Declared` holds a project's declarations,
from which follow the values files that DVC would read.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec import field as msgspec_field

from lineage_diff.errors import InputError
from lineage_diff.git.process import files_named
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.lineage import RegistryArtifact
from lineage_diff.lineage.paths import folder_of
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
LOCKS = files_named(LOCK)
"""The pathspecs for `git log` that match all locks."""
PATHSPECS = (*LOCKS, *files_named(PIPELINE), "*.dvc")
"""The pathspecs for `git log` that match all DVC files and locks."""

_SUFFIX = ".dvc"
_FOLDER = ".dvc"
SKIPPED_FOLDERS = frozenset((".dvc", ".git", ".hg"))
"""The names of folders that DVC never enters (`dvc.ignore`)."""


def has_project(snapshot: Snapshot) -> bool:
    """Return whether a commit has a `.dvc` folder, a `dvc.yaml` or a `.dvc` file."""
    return bool(project_roots(snapshot))


def project_roots(snapshot: Snapshot) -> tuple[str, ...]:
    """Return the folders of the DVC projects: those with a `.dvc` folder.

    DVC files without any such folder make the repository's root a project: Git does not store an
    empty `.dvc` folder.
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


class ProjectRoots:
    """The roots of a commit's DVC projects, and which files lie in each project.

    A file belongs to the nearest root above it. All files of the commit are gone through once.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.roots = project_roots(snapshot)
        self._known = frozenset(self.roots)
        self._dvc_files: dict[str, list[str]] = {}
        self._ignore_files: dict[str, list[str]] = {}
        for path, entry in snapshot.files().items():
            found = self._files_like(path)
            root = self._root_of(path) if found is not None and entry.kind != "submodule" else None
            if found is not None and root is not None:
                found.setdefault(root, []).append(path)

    def __contains__(self, folder: str) -> bool:
        return folder in self._known

    def dvc_files(self, root: str) -> Sequence[str]:
        """Return the files of a project that DVC collects, sorted, if no rule leaves them out."""
        return self._dvc_files.get(root, ())

    def ignore_files(self, root: str) -> Sequence[str]:
        """Return the `.dvcignore` files of a project, sorted."""
        return self._ignore_files.get(root, ())

    def _files_like(self, path: str) -> dict[str, list[str]] | None:
        if is_dvc_file(path):
            return self._dvc_files
        is_ignore_file = path.endswith(DVCIGNORE) and path.rpartition("/")[2] == DVCIGNORE
        return self._ignore_files if is_ignore_file else None

    def _root_of(self, path: str) -> str | None:
        if self.roots == ("",):
            return ""
        return next((folder for folder in (*ancestors(path), "") if folder in self._known), None)


def is_dvc_file(path: str) -> bool:
    """Return whether DVC collects this file: `dvc.yaml` and `*.dvc`, not `dvc.yml`."""
    return path.endswith(_SUFFIX) or path.rpartition("/")[2] == PIPELINE


def is_listed_as_data(name: str) -> bool:
    """Whether DVC lists a file of this name among the data of a folder (`dvc.fs.dvc`)."""
    return not is_dvc_file(name) and name != DVCIGNORE


def is_lineage_file(path: str) -> bool:
    """Return whether a file with this name is a DVC file or a lock."""
    return is_dvc_file(path) or path.rpartition("/")[2] == LOCK


def is_read_from_disk(path: str) -> bool:
    """Return whether a lineage needs this file: a DVC file, a lock or `.dvcignore`."""
    return is_lineage_file(path) or path.rpartition("/")[2] == DVCIGNORE


Rules = Callable[[str], IgnoreRules]
"""Returns the ignore rules for a folder."""


def is_hidden(path: str, is_folder: bool, rules: Rules) -> bool:
    """Return whether an ignore rule matches the path or a folder above it."""
    nearest = rules(folder_of(path))
    if nearest.is_empty:
        # They include those of all folders above.
        return False
    if is_ignored(path, is_folder, nearest):
        return True
    return any(is_ignored(above, True, rules(folder_of(above))) for above in ancestors(path))


class ProjectFiles:
    """The DVC files of one project, walked from its root down."""

    def __init__(
        self,
        snapshot: Snapshot,
        root: str,
        roots: ProjectRoots,
        work: WorkBudget | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._work = work or WorkBudget()
        self._root = root
        self._roots = roots
        self._rules: dict[str, IgnoreRules] = {}

    def walk(self, read: Callable[[str], Iterable[str]]) -> Iterator[str]:
        """Yield each collected file.

        `read` is called at once with the file and returns its outputs; folders among those are
        not entered.
        """
        files = self._roots.dvc_files(self._root)
        outs: set[str] = set()
        pending = [(self._root, 0, len(files))]
        while pending:
            folder, start, end = pending.pop()
            rules = self.rules(folder)
            direct, folders = _split(files, folder, start, end)
            for path in direct:
                if not is_ignored(path, False, rules):
                    outs.update(read(path))
                    yield path
            pending += [
                inner
                for inner in sorted(folders, reverse=True)
                if inner[0] not in outs
                and inner[0] not in self._roots
                and not is_ignored(inner[0], True, rules)
            ]

    def rules(self, folder: str) -> IgnoreRules:
        """Return the ignore rules for a folder: its own and those of all folders above it."""
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
        """Return the folders with unknown rules, the outermost first, and the rules above them.

        Not recursive: a commit may nest folders deeper than Python's recursion limit.
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


def _split(
    files: Sequence[str], folder: str, start: int, end: int
) -> tuple[list[str], list[tuple[str, int, int]]]:
    """Return the files directly in a folder, and the folders in it, each with its slice.

    `start` and `end` are the slice of the sorted `files` that lie below the folder.
    """
    direct: list[str] = []
    folders: list[tuple[str, int, int]] = []
    skip = len(folder) + 1 if folder else 0
    while start < end:
        path = files[start]
        cut = path.find("/", skip)
        if cut < 0:
            direct.append(path)
            start += 1
            continue
        # `0` follows `/`: all that is below the folder lies before.
        after = bisect_left(files, path[:cut] + "0", start, end)
        if path[skip:cut] not in SKIPPED_FOLDERS:
            folders.append((path[:cut], start, after))
        start = after
    return direct, folders


class Declared(Struct, frozen=True):
    """All declarations of one DVC project's files.

    `root` is the folder that contains `.dvc`, `""` for the repository's root. `stages` are sorted
    by id and include the `.dvc` files. `top_metrics`, `top_params` and `top_plots` are pairs of a
    `dvc.yaml`'s path and a path from its top-level list; all paths are relative to the
    repository's root. `tracked_vars` are the variables that templating used in a stage, by stage
    id and then by their file (`dvc.stage.Stage.tracked_vars`).
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


def config_sections(text: str) -> Mapping[str, Any] | None:
    """Return the sections of a `.dvc/config`, values in their quotes; `None` if it is malformed.

    Values that name others are not filled in: that can take exponential time.
    """
    # Imported here: most commands need no configuration of DVC.
    from configobj import ConfigObj, ConfigObjError

    lines = text.splitlines()
    try:
        found: Mapping[str, Any] = ConfigObj(lines, interpolation=False, list_values=False)
    except ConfigObjError:
        return None
    return found
