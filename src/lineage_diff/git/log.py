"""Which commits touched which paths, between two commits.

The `git log` of the DVC files before a commit, started long before anybody waits for it.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct

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
            mend="Fetch the whole history: `git fetch --unshallow`.",
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


class FileMerge(Struct, frozen=True):
    """A file's blob in each parent of a merge, and in the merge; `None` where it has none."""

    before: tuple[str | None, ...]
    after: str | None


class Merge(Struct, frozen=True):
    """A merge with the files, by path, that are not what any of its parents has."""

    commit: str
    parents: tuple[str, ...]
    files: Mapping[str, FileMerge]


def mixing_merges(
    git: GitProcess, commit: str, since: str | None, paths: Collection[str]
) -> tuple[Merge, ...]:
    """Return the merges before a commit, newest first, with those of the files that they mixed.

    Those that `since` has already are left out. Of many the newest are taken
    (`limits.HISTORY_COMMITS`). Raises `InputError` when Git cannot tell.
    """
    shape = ("--min-parents=2", "-c", "--raw", "-z", "--no-abbrev", "--no-renames", *PLAIN)
    newest = f"--max-count={limits.HISTORY_COMMITS}"
    wanted = commit if since is None else f"{since}..{commit}"
    # Much faster than by a pattern: Git looks at no other folder.
    files = [f":(literal){path}" for path in sorted(paths)]
    if len(files) > limits.LITERAL_PATHS:
        files = [f":(glob)**/{name}" for name in sorted(_glob_names(paths))]
    log = ("log", *shape, newest, "--format=%H %P", wanted, "--", *files)
    try:
        listing = git.run_up_to(limits.HISTORY_BYTES, *log)
    except GitFailed as error:
        raise InputError(
            f"cannot read the history of {commit[:12]}: {error.message}",
            mend="Fetch the whole history: `git fetch --unshallow`.",
        ) from error
    return tuple(_merges(listing))


def _merges(listing: bytes) -> Iterator[Merge]:
    """Read `git log -c --raw -z --format='%H %P'`, without merges that mixed no file."""
    commit = ""
    parents: tuple[str, ...] = ()
    files: dict[str, FileMerge] = {}
    tokens = iter(listing.decode("utf-8", "surrogateescape").split("\0"))
    for token in tokens:
        token = token.removeprefix("\n")
        if token.startswith("::"):
            # `git help diff-format`: a colon and a mode for each parent, its mode, ids, status.
            count = len(token) - len(token.lstrip(":"))
            ids = [oid if oid.strip("0") else None for oid in token.split()[count + 1 : -1]]
            files[next(tokens, "")] = FileMerge(tuple(ids[:-1]), ids[-1])
        elif token:
            if files:
                yield Merge(commit, parents, files)
            commit, *above = token.split()
            parents, files = tuple(above), {}
    if files:
        yield Merge(commit, parents, files)


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


def _glob_names(paths: Collection[str]) -> set[str]:
    return {_glob_escaped(path.rpartition("/")[2]) for path in paths}


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
                mend="Fetch the whole history: `git fetch --unshallow`.",
            ) from error

    return told
