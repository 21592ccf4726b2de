"""What `git log` says of paths: one reader of its raw listing, and one error where it fails."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.process import PLAIN, GitFailed, GitProcess

_RAW = ("log", "--raw", "-z", "--no-abbrev", "-m", "--no-renames", *PLAIN)
LOG = (*_RAW, "--ignore-submodules=none", "--format=%H %P")
"""Each commit with its parents; a merge once for each parent that it differs from."""

FIRST_PARENTS = (*_RAW, "--first-parent", "--date=iso-strict", "--format=%H %ad%n%an%n%s")
"""Each first parent with date, author and subject: a name and a subject hold no line end."""


class PathChange(Struct, frozen=True):
    """A path that a commit changed: its new mode, and its blob before and after; none: no file."""

    path: str
    mode: str
    before: str | None
    after: str | None


def read_raw_log(listing: bytes) -> Iterator[tuple[str, list[PathChange]]]:
    """Yield what the format says of each commit, with the paths that it changed.

    `listing` is what `git log --raw -z` prints with `LOG` or `FIRST_PARENTS`. A line that was cut
    off at its end is left out.
    """
    head: str | None = None
    changes: list[PathChange] = []
    tokens = iter(listing.decode("utf-8", "surrogateescape").split("\0"))
    for token in tokens:
        token = token.removeprefix("\n")
        if token.startswith(":"):
            # `git help diff-format`: `:mode mode id id status`, then the path.
            fields, path = token.split(), next(tokens, None)
            if path is not None and len(fields) == 5:
                _, mode, old, new, _ = fields
                changes.append(PathChange(path, mode, _blob(old), _blob(new)))
        elif token:
            if head is not None:
                yield head, changes
            head, changes = token, []
    if head is not None:
        yield head, changes


def _blob(oid: str) -> str | None:
    return oid if oid.strip("0") else None


def start_log(git: GitProcess, what: str, *args: str) -> Callable[[], bytes]:
    """Start a command that reads the history; the answer waits for it, up to `HISTORY_BYTES`.

    `what` is named in the `InputError` that the answer raises when Git cannot tell, as in a clone
    without trees.
    """
    started = git.start_up_to(*args)

    def answer() -> bytes:
        try:
            return started(limits.HISTORY_BYTES)
        except GitFailed as error:
            raise InputError(
                f"cannot read the history {what}: {error.message}",
                hint=error.hint("Fetch the whole history: `git fetch --unshallow`."),
            ) from error

    return answer


def read_log(git: GitProcess, what: str, *args: str) -> bytes:
    """Run a command that reads the history, as `start_log` does, and return what it prints."""
    return start_log(git, what, *args)()


def start_path_log(git: GitProcess, commit: str, pathspecs: Iterable[str]) -> Callable[[], bytes]:
    """Start `git log` of the first parents of a commit that touch paths, newest first."""
    return start_log(git, f"of {commit[:12]}", *FIRST_PARENTS, commit, "--", *pathspecs)


def touched_paths(
    git: GitProcess, base: str, head: str, max_commits: int
) -> dict[str, tuple[str, ...]]:
    """Return for each path the commits of `base..head` that touched it, newest first.

    A merge counts where it differs from all its parents, and for a path that no other commit
    touched also where it differs from one: there it chose a side. Of a longer history only the
    newest commits are searched (`max_commits`, `limits.HISTORY_BYTES`).
    Raises `InputError` when Git cannot tell, as in a clone without trees.
    """
    newest = f"--max-count={max_commits}"
    listing = read_log(git, f"{base[:12]}..{head[:12]}", *LOG, newest, f"{base}..{head}", "--")
    found: dict[str, list[str]] = {}
    chosen: dict[str, list[str]] = {}
    commits = list(differing_paths(listing))
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
    git: GitProcess, commit: str, since: str | None, paths: Collection[str], max_commits: int
) -> tuple[Merge, ...]:
    """Return the merges before a commit, newest first, with those of the files that they mixed.

    Those that `since` has already are left out. Of many the newest are taken
    (`max_commits`). Raises `InputError` when Git cannot tell.
    """
    shape = ("--min-parents=2", "-c", "--raw", "-z", "--no-abbrev", "--no-renames", *PLAIN)
    newest = f"--max-count={max_commits}"
    wanted = commit if since is None else f"{since}..{commit}"
    # Much faster than by a pattern: Git looks at no other folder.
    files = [f":(literal){path}" for path in sorted(paths)]
    if len(files) > limits.LITERAL_PATHS:
        files = [f":(glob)**/{name}" for name in sorted(_glob_names(paths))]
    log = ("log", *shape, newest, "--format=%H %P", wanted, "--", *files)
    return tuple(_merges(read_log(git, f"of {commit[:12]}", *log)))


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


def commits_between(git: GitProcess, base: str, head: str, max_commits: int) -> tuple[str, ...]:
    """Return the commits of `base..head`, the newest first, and of more than that the newest ones.

    Nothing where Git cannot tell.
    """
    try:
        newest = f"--max-count={max_commits}"
        return tuple(git.line("rev-list", newest, f"{base}..{head}", "--").split())
    except GitFailed:
        return ()


def commits_of_paths(
    git: GitProcess, commit: str, paths: Iterable[str], most: int
) -> tuple[str, ...]:
    """Return the parents of the newest commits, up to `commit`, that touched one of the paths.

    The newest first; nothing where Git cannot tell.
    """
    newest = (f"--max-count={most}", "--format=%P", *PLAIN, commit, "--", *sorted(paths))
    try:
        lines = git.run("--literal-pathspecs", "log", "--first-parent", *newest)
    except GitFailed:
        return ()
    return tuple(parents.split()[0] for parents in lines.decode().splitlines() if parents.strip())


def commits_without(git: GitProcess, commit: str, known: str) -> frozenset[str]:
    """Return the first parents of `commit`, itself among them, that do not hold `known`."""
    return frozenset(git.line("rev-list", "--first-parent", commit, f"^{known}").split())


def differing_paths(listing: bytes) -> Iterator[tuple[str, int, Mapping[str, int]]]:
    """Yield each commit, its number of parents, and by path from how many of them it differs."""
    commit, parents = "", 1
    paths: Counter[str] = Counter()
    for head, changes in read_raw_log(listing):
        name, *above = head.split()
        if name != commit:
            if commit:
                yield commit, parents, paths
            commit, parents, paths = name, max(len(above), 1), Counter()
        paths.update(change.path for change in changes)
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
    for _, changes in read_raw_log(listing):
        for change in changes:
            ids = found.setdefault(change.path.rpartition("/")[2], set())
            ids.update(oid for oid in (change.before, change.after) if oid is not None)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def _glob_names(paths: Collection[str]) -> set[str]:
    return {_glob_escaped(path.rpartition("/")[2]) for path in paths}


def _glob_escaped(name: str) -> str:
    return re.sub(r"([*?\[\]\\])", r"\\\1", name)
