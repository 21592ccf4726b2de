"""Which commits touched which paths, between two commits.

The `git log` of the DVC files before a commit, started long before anybody waits for it.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from lineage_diff import limits
from lineage_diff.dvc.project import LOCK, PIPELINE
from lineage_diff.errors import InputError
from lineage_diff.git.process import PLAIN, GitFailed, GitProcess

LOG = (
    "log",
    "--raw",
    "-z",
    "--no-abbrev",
    "-m",
    "--no-renames",
    "--ignore-submodules=none",
    *PLAIN,
    "--format=%H %P",
)


def touched_paths(git: GitProcess, base: str, head: str) -> dict[str, tuple[str, ...]]:
    """Return for each path the commits of `base..head` that touched it, newest first.

    A merge counts where it differs from all its parents, and for a path that no other commit
    touched also where it differs from one: there it chose a side. Of a longer history only the
    newest commits are searched (`limits.HISTORY_COMMITS`, `limits.HISTORY_BYTES`).
    Raises `InputError` when Git cannot tell, as in a clone without trees.
    """
    try:
        newest = f"--max-count={limits.HISTORY_COMMITS}"
        listing = git.run_up_to(limits.HISTORY_BYTES, *LOG, newest, f"{base}..{head}", "--")
    except GitFailed as error:
        raise InputError(
            f"cannot read the history {base[:12]}..{head[:12]}: {error.message}",
            mend=error.mend("Fetch the whole history: `git fetch --unshallow`."),
        ) from error
    found: dict[str, list[str]] = {}
    chosen: dict[str, list[str]] = {}
    commits = list(parse_log(listing))
    if len(listing) >= limits.HISTORY_BYTES:
        commits.pop()
    for commit, parents, paths in commits:
        for path, count in paths.items():
            (found if count >= parents else chosen).setdefault(path, []).append(commit)
    return {path: tuple(found.get(path) or chosen[path]) for path in sorted(found | chosen)}


def commits_between(git: GitProcess, base: str, head: str) -> tuple[str, ...]:
    """Return the commits of `base..head`, the newest first, and of very many the newest ones.

    Nothing where Git cannot tell.
    """
    try:
        newest = f"--max-count={limits.HISTORY_COMMITS}"
        return tuple(git.line("rev-list", newest, f"{base}..{head}", "--").split())
    except GitFailed:
        return ()


def parse_log(listing: bytes) -> Iterator[tuple[str, int, Mapping[str, int]]]:
    """Yield each commit, its number of parents, and by path from how many of them it differs."""
    commit, parents = "", 1
    paths: Counter[str] = Counter()
    tokens = iter(listing.decode("utf-8", "surrogateescape").split("\0"))
    for token in tokens:
        token = token.removeprefix("\n")
        if token.startswith(":"):
            paths[next(tokens, "")] += 1
        elif token:
            name, *above = token.split()
            if name != commit:
                if commit:
                    yield commit, parents, paths
                commit, parents, paths = name, max(len(above), 1), Counter()
    if commit:
        yield commit, parents, paths


def blobs_named(
    git: GitProcess, names: Iterable[str], commit: str
) -> dict[str, tuple[str, ...]] | None:
    """Return, by file name, the ids of all blobs that had it in `commit`, any ref, or before them.

    `None` when that is more than `limits.HISTORY_BYTES` tell, or Git cannot tell.
    """
    patterns = [f":(glob)**/{_glob_escaped(name)}" for name in names]
    try:
        listing = git.run_up_to(limits.HISTORY_BYTES, *LOG, commit, "--all", "--", *patterns)
    except GitFailed:
        return None
    if len(listing) >= limits.HISTORY_BYTES:
        return None
    found: dict[str, set[str]] = {}
    tokens = iter(listing.decode("utf-8", "surrogateescape").split("\0"))
    for token in tokens:
        token = token.removeprefix("\n")
        if token.startswith(":"):
            # `git help diff-format`: `:mode mode id id status`, then the path.
            ids = found.setdefault(next(tokens, "").rpartition("/")[2], set())
            ids.update(oid for oid in token.split()[2:4] if oid.strip("0"))
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def _glob_escaped(name: str) -> str:
    return re.sub(r"([*?\[\]\\])", r"\\\1", name)


DVC_LOG = (
    "log",
    "--first-parent",
    "--raw",
    "-z",
    "--no-abbrev",
    "-m",
    "--no-renames",
    *PLAIN,
    "--date=iso-strict",
    # A name and a subject hold no line end.
    "--format=%H %ad%n%an%n%s",
)
DVC_FILES = (f":(glob)**/{LOCK}", f":(glob)**/{PIPELINE}", ":(glob)**/*.dvc")


def log_of_dvc_files(git: GitProcess, commit: str) -> Callable[[], bytes]:
    """Start `git log` of the DVC files before a commit, newest first; the answer waits for it.

    That raises `InputError` when Git cannot tell.
    """
    started = git.start_up_to(*DVC_LOG, commit, "--", *DVC_FILES)

    def told() -> bytes:
        try:
            return started(limits.HISTORY_BYTES)
        except GitFailed as error:
            raise InputError(
                f"cannot read the history of {commit[:12]}: {error.message}",
                mend=error.mend("Fetch the whole history: `git fetch --unshallow`."),
            ) from error

    return told
