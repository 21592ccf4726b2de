"""Which paths the `.gitignore` files of a commit leave out (gitignore(5))."""

from collections.abc import Collection, Iterable

from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.stage import Stage
from lineage_diff.read.errors import InputError
from lineage_diff.read.ignore import Rule, is_ignored, parse_ignore
from lineage_diff.read.snapshot import Snapshot

GITIGNORE = ".gitignore"


def git_ignored(
    snapshot: Snapshot, stages: Iterable[Stage], held: Collection[str]
) -> frozenset[str]:
    """Return the deps, and the outs that DVC does not keep, that Git does not hold and ignores."""
    stages = tuple(stages)
    paths = {dep.path for stage in stages for dep in stage.deps if not dep.external}
    paths |= {out.path for stage in stages for out in stage.outs if not out.external}
    kept = {out.path for stage in stages for out in stage.outs if out.cache}
    git_ignore = GitIgnore(snapshot)
    return frozenset(path for path in paths.difference(held, kept) if git_ignore.ignores(path))


class GitIgnore:
    """Asks the `.gitignore` files of one commit, each read when it is first needed.

    `.git/info/exclude` and a person's own list are no part of a commit.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._rules: dict[str, tuple[Rule, ...]] = {}

    def ignores(self, path: str) -> bool:
        """Whether a rule names the path or a folder above it; a folder's rule has the last word."""
        folders = any(
            is_ignored(folder, True, self._of(folder.rpartition("/")[0]))
            for folder in ancestors(path)
        )
        return folders or is_ignored(path, False, self._of(path.rpartition("/")[0]))

    def _of(self, folder: str) -> tuple[Rule, ...]:
        if folder in self._rules:
            return self._rules[folder]
        above = self._of(folder.rpartition("/")[0]) if folder else ()
        path = f"{folder}/{GITIGNORE}" if folder else GITIGNORE
        entry = self._snapshot.files().get(path)
        own: tuple[Rule, ...] = ()
        # Git follows no link to such a file.
        if entry is not None and entry.kind in ("file", "executable"):
            try:
                own = parse_ignore(self._snapshot.read(path).decode("utf-8", "replace"), folder)
            except InputError:
                own = ()
        self._rules[folder] = rules = above + own
        return rules
