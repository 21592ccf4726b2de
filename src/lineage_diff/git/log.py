"""Run `git log` for paths and read its raw listing."""

import re
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.process import PLAIN, GitFailed, GitProcess, files_named

_RAW = ("log", "--raw", "-z", "--no-abbrev", "-m", "--no-renames", *PLAIN)
LOG = (*_RAW, "--ignore-submodules=none", "--format=%H %P")
"""Each commit with its parents; a merge once for each parent that it differs from."""

FIRST_PARENTS = (*_RAW, "--first-parent", "--date=iso-strict", "--format=%H %ad%n%an%n%s")
"""Each first parent with date, author and subject; neither can contain a line end."""

# A commit in the listing: its header, and each change with its path, which may begin with a colon.
_COMMIT = re.compile(rb"(?:\A|(?<=\0))\n?[^\0\n:][^\0]*(?:\0+\n?:[^\0]*\0[^\0]*)*")


class PathChange(Struct, frozen=True):
    """A path changed by a commit: its new mode, and its blob ids (`None`: no file)."""

    path: str
    mode: str
    before: str | None
    after: str | None


def read_raw_log(listing: bytes) -> Iterator[tuple[str, list[PathChange]]]:
    """Yield the formatted header of each commit, with the paths that it changed.

    `listing` is the output of `git log --raw -z` with `LOG` or `FIRST_PARENTS`. A truncated last
    line is left out.
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


def read_raw_log_from_end(listing: bytes) -> Iterator[tuple[str, list[PathChange]]]:
    """Yield the commits of `read_raw_log` in reverse order, without holding more than one."""
    starts = array("Q", (commit.start() for commit in _COMMIT.finditer(listing)))
    end = len(listing)
    for start in reversed(starts):
        yield from read_raw_log(listing[start:end])
        end = start


def _blob(oid: str) -> str | None:
    return oid if oid.strip("0") else None


def start_log(git: GitProcess, what: str, *args: str) -> Callable[[], bytes]:
    """Start a command that reads the history; return a function that waits for its output.

    The output has at most `HISTORY_BYTES`. The function raises `InputError` when Git cannot read
    the history, as in a clone without trees; `what` names the history in its message.
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
    """Run a command that reads the history, as `start_log` does, and return its output."""
    return start_log(git, what, *args)()


def start_path_log(git: GitProcess, commit: str, pathspecs: Iterable[str]) -> Callable[[], bytes]:
    """Start `git log` of a commit's first parents that touch the paths, newest first."""
    return start_log(git, f"of {commit[:7]}", *FIRST_PARENTS, commit, "--", *pathspecs)


def start_full_log(
    git: GitProcess, commit: str, pathspecs: Iterable[str], max_commits: int
) -> Callable[[], bytes]:
    """Start `git log` of all commits that touch the paths, and of merges, as `LOG` writes it.

    The newest come first, at most `max_commits`; the parents are the nearest of these commits.
    """
    shape = ("--full-history", "--parents", "--topo-order", f"--max-count={max_commits}")
    return start_log(git, f"of {commit[:7]}", *LOG, *shape, commit, "--", *pathspecs)


def touched_paths(
    git: GitProcess, base: str, head: str, max_commits: int
) -> dict[str, tuple[str, ...]]:
    """Return for each path the commits of `base..head` that touched it, newest first.

    A merge counts where it differs from all its parents. For a path that no other commit touched,
    a merge also counts where it differs from one parent: there it chose a side. Only the newest
    commits of a longer history are searched (`max_commits`, `limits.HISTORY_BYTES`).
    Raises `InputError` when Git cannot read the history, as in a clone without trees.
    """
    newest = f"--max-count={max_commits}"
    listing = read_log(git, f"{base[:7]}..{head[:7]}", *LOG, newest, f"{base}..{head}", "--")
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
    """A file's blob id in each parent of a merge and in the merge; `None`: no file."""

    before: tuple[str | None, ...]
    after: str | None


class Merge(Struct, frozen=True):
    """A merge with the files, by path, that differ from those of all its parents."""

    commit: str
    parents: tuple[str, ...]
    files: Mapping[str, FileMerge]


def mixing_merges(
    git: GitProcess, commit: str, since: str | None, paths: Collection[str], max_commits: int
) -> tuple[Merge, ...]:
    """Return the merges before a commit that mixed any of the files, newest first.

    Merges reachable from `since` are left out. At most `max_commits` are returned, the newest.
    Raises `InputError` when Git cannot read the history.
    """
    shape = ("--min-parents=2", "-c", "--raw", "-z", "--no-abbrev", "--no-renames", *PLAIN)
    newest = f"--max-count={max_commits}"
    wanted = commit if since is None else f"{since}..{commit}"
    # Much faster than a pattern: Git reads no other folder.
    files = [f":(literal){path}" for path in sorted(paths)]
    if len(files) > limits.LITERAL_PATHS:
        names = sorted({path.rpartition("/")[2] for path in paths})
        files = [pathspec for name in names for pathspec in files_named(name)]
    log = ("log", *shape, newest, "--format=%H %P", wanted, "--", *files)
    return tuple(_merges(read_log(git, f"of {commit[:7]}", *log)))


def _merges(listing: bytes) -> Iterator[Merge]:
    """Parse `git log -c --raw -z --format='%H %P'`; leave out merges that mixed no file."""
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
    """Return the newest `max_commits` commits of `base..head`, newest first.

    Returns nothing when Git cannot read the history.
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

    The newest first; none if Git cannot read the history.
    """
    newest = (f"--max-count={most}", "--format=%P", *PLAIN, commit, "--", *sorted(paths))
    try:
        lines = git.run("--literal-pathspecs", "log", "--first-parent", *newest)
    except GitFailed:
        return ()
    return tuple(parents.split()[0] for parents in lines.decode().splitlines() if parents.strip())


def commits_without(git: GitProcess, commit: str, known: str) -> frozenset[str]:
    """Return `commit` and its first parents that do not contain the commit `known`."""
    return frozenset(git.line("rev-list", "--first-parent", commit, f"^{known}").split())


def is_first_parent(git: GitProcess, base: str, commit: str) -> bool:
    """Return whether `base` is a commit, or a first parent before it; false for an unknown one."""
    try:
        line = git.line("rev-list", "--first-parent", "--parents", commit, f"^{base}", "--")
    except GitFailed:
        return False
    # The parents of the oldest commit that `base` does not contain.
    after = line.rpartition("\n")[2].split()
    return after[1] == base if len(after) > 1 else base == commit


def differing_paths(listing: bytes) -> Iterator[tuple[str, int, Mapping[str, int]]]:
    """Yield each commit, its number of parents, and by path how many of them it differs from."""
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
    """Return, by file name, the ids of all blobs with that name in the history.

    The history is that of `commit` and of all refs. Returns `None` when its listing is longer
    than `limits.HISTORY_BYTES`, or Git cannot read it.
    """
    patterns = [pathspec for name in names for pathspec in files_named(name)]
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
