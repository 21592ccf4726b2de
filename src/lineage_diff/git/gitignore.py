"""Which paths the `.gitignore` files of a commit leave out (gitignore(5))."""

from collections.abc import Collection, Iterable

from lineage_diff.errors import InputError
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.lineage.stage import Stage
from lineage_diff.parsing.ignore_patterns import NO_RULES, IgnoreRules, parse_ignore
from lineage_diff.parsing.work_budget import PATHS, WorkBudget

GITIGNORE = ".gitignore"


def git_ignored(
    snapshot: Snapshot,
    stages: Iterable[Stage],
    held: Collection[str],
    work: WorkBudget | None = None,
) -> frozenset[str]:
    """Return the deps and params files, and the outs that DVC does not keep, that Git ignores.

    `held` are the paths that Git holds; those are not among them.
    """
    stages = tuple(stages)
    paths = {dep.path for stage in stages for dep in stage.deps if not dep.external}
    paths |= {param.path for stage in stages for param in stage.params}
    paths |= {out.path for stage in stages for out in stage.outs if not out.external}
    kept = {out.path for stage in stages for out in stage.outs if out.cache}
    git_ignore = GitIgnore(snapshot, work)
    return frozenset(path for path in paths.difference(held, kept) if git_ignore.ignores(path))


class GitIgnore:
    """Asks the `.gitignore` files of one commit, each read when it is first needed.

    `.git/info/exclude` and a person's own list are no part of a commit.
    """

    def __init__(self, snapshot: Snapshot, work: WorkBudget | None = None) -> None:
        self._snapshot = snapshot
        self._work = work or WorkBudget()
        self._rules: dict[str, IgnoreRules] = {}
        self._ignored: dict[str, bool] = {"": False}

    def ignores(self, path: str) -> bool:
        """Whether a rule names the path or a folder above it; a folder's rule has the last word."""
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
        """Return the rules that hold in a folder, from the nearest one above that is known.

        Not by recursion: a commit may nest its folders deeper than Python its calls.
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
        path = f"{folder}/{GITIGNORE}" if folder else GITIGNORE
        entry = self._snapshot.files().get(path)
        # Git follows no link to such a file.
        if entry is None or entry.kind not in ("file", "executable"):
            return above
        try:
            text = self._snapshot.read(path).decode("utf-8", "replace")
        except InputError:
            return above
        return parse_ignore(text, folder, above, self._work)
