"""Find the paths that the `.gitignore` files of a commit ignore (gitignore(5))."""

from collections.abc import Collection, Iterable

from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Entry, Snapshot
from lineage_diff.lineage.stage import Stage
from lineage_diff.parsing.ignore_patterns import NO_RULES, IgnoreRules, parse_ignore
from lineage_diff.parsing.work_budget import PATHS, WorkBudget

GITIGNORE = ".gitignore"


def git_ignored(
    snapshot: Snapshot,
    stages: Iterable[Stage],
    held: Collection[str],
    work: WorkBudget | None = None,
    texts: dict[str, bytes] | None = None,
) -> frozenset[str]:
    """Return the deps, params files and uncached outs that Git ignores.

    `held` are the paths in Git; they are left out. A pipeline file is not left out: DVC checks
    the rules alone, even for a tracked file. `texts` caches file contents by blob id.
    """
    stages = tuple(stages)
    paths = {dep.path for stage in stages for dep in stage.deps if not dep.external}
    paths |= {param.path for stage in stages for param in stage.params}
    paths |= {out.path for stage in stages for out in stage.outs if not (out.cache or out.external)}
    kept = {out.path for stage in stages for out in stage.outs if out.cache}
    files = {stage.file for stage in stages if not stage.is_dvcfile}
    git_ignore = GitIgnore(snapshot, work, texts)
    git_ignore.read_ahead(files)
    paths = paths.difference(held, kept) | files
    return frozenset(path for path in paths if git_ignore.ignores(path))


class GitIgnore:
    """Apply the `.gitignore` files of one commit, each read when first needed.

    `.git/info/exclude` and a user's global ignore file are not part of a commit.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        work: WorkBudget | None = None,
        texts: dict[str, bytes] | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._work = work or WorkBudget()
        self._texts = texts if texts is not None else {}
        self._rules: dict[str, IgnoreRules] = {}
        self._ignored: dict[str, bool] = {"": False}

    def read_ahead(self, paths: Iterable[str]) -> None:
        """Read the ignore files for these paths in one batch, which saves a wait for each."""
        folders: set[str] = set()
        for path in paths:
            while path:
                path = path.rpartition("/")[0]
                if path in folders:
                    break
                folders.add(path)
        entries = (self._entry(folder) for folder in sorted(folders))
        oids = dict.fromkeys(entry.oid for entry in entries if entry is not None)
        self._texts.update(self._snapshot.read_oids(o for o in oids if o not in self._texts))

    def ignores(self, path: str) -> bool:
        """Return whether a rule matches the path or a folder above it; a folder's rule wins."""
        folder = path.rpartition("/")[0]
        return self._ignores_folder(folder) or self._of(folder).ignores(path, False)

    def _ignores_folder(self, folder: str) -> bool:
        unknown: list[str] = []
        while folder not in self._ignored:
            self._work.spend(4 + len(folder) // 8, PATHS)
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        ignored = self._ignored[folder]
        for inner in reversed(unknown):
            ignored = ignored or self._of(inner.rpartition("/")[0]).ignores(inner, True)
            self._ignored[inner] = ignored
        return ignored

    def _of(self, folder: str) -> IgnoreRules:
        """Return the rules for a folder, built from its nearest ancestor with known rules.

        Not recursive: a commit may nest folders deeper than Python's recursion limit.
        """
        unknown: list[str] = []
        while folder and folder not in self._rules:
            unknown.append(folder)
            folder = folder.rpartition("/")[0]
        if not folder and folder not in self._rules:
            self._rules[folder] = self._with_own(folder, NO_RULES)
        rules = self._rules[folder]
        for inner in reversed(unknown):
            rules = self._rules[inner] = self._with_own(inner, rules)
        return rules

    def _with_own(self, folder: str, above: IgnoreRules) -> IgnoreRules:
        entry = self._entry(folder)
        if entry is None:
            return above
        if entry.oid not in self._texts:
            try:
                self._texts[entry.oid] = self._snapshot.read(_file_in(folder))
            except InputError:
                return above
        text = self._texts[entry.oid].decode("utf-8", "replace")
        return parse_ignore(text, folder, above, self._work, for_git=True)

    def _entry(self, folder: str) -> Entry | None:
        entry = self._snapshot.files().get(_file_in(folder))
        # Git does not follow a symlinked `.gitignore`.
        return entry if entry is not None and entry.kind in ("file", "executable") else None


def _file_in(folder: str) -> str:
    return f"{folder}/{GITIGNORE}" if folder else GITIGNORE
