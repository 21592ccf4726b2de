"""The lines of commits beside the first parents of one: what was merged, and other branches."""

from collections.abc import Iterator, Mapping

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.log import DVC_FILES
from lineage_diff.git.log import DVC_LOG as LOG
from lineage_diff.git.process import GitFailed, GitProcess

_REFS = ("--branches", "--remotes")
# Git knows the tree without anything itself, by the length of its ids: of SHA-1, of SHA-256.
_EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}


class SideLine(Struct, frozen=True):
    """Commits by their first parents, the newest `tip` first, down to but without `fork`.

    No `fork` where the line has a beginning of its own.
    """

    tip: str
    fork: str | None


class SideLines(Struct, frozen=True):
    """The lines that touch DVC files, the newest first; `left_out` counts those beyond the limit.

    `order` is the place of every commit, the newest first.
    """

    lines: tuple[SideLine, ...]
    left_out: int
    order: Mapping[str, int]


def side_lines(git: GitProcess, commit: str) -> SideLines:
    """Find the lines of all branches, and of all merges into them or into `commit`.

    Raises `InputError` when Git cannot tell.
    """
    try:
        listing = git.run_up_to(
            limits.HISTORY_BYTES, "rev-list", "--parents", "--date-order", *_REFS, commit
        )
        touching = git.run_up_to(
            limits.HISTORY_BYTES, "rev-list", "--full-history", *_REFS, commit, "--", *DVC_FILES
        )
    except GitFailed as error:
        raise InputError(
            f"cannot read the history of {commit[:12]}: {error.message}",
            mend=error.mend("Fetch the whole history: `git fetch --unshallow`."),
        ) from error
    parents = {
        name: above for name, *above in (line.split() for line in listing.decode().splitlines())
    }
    touched = frozenset(touching.decode().split())
    found = [line for line, commits in _lines(parents, commit) if not touched.isdisjoint(commits)]
    kept = tuple(found[: limits.SIDE_LINES])
    order = {name: place for place, name in enumerate(parents)}
    return SideLines(kept, len(found) - len(kept), order)


def _lines(parents: Mapping[str, list[str]], commit: str) -> Iterator[tuple[SideLine, list[str]]]:
    known = set(_first_parents(parents, commit))
    for tip in parents:
        if tip in known:
            continue
        line: list[str] = []
        fork: str | None = None
        for name in _first_parents(parents, tip):
            if name in known:
                fork = name
                break
            line.append(name)
        known.update(line)
        yield SideLine(tip, fork), line


def _first_parents(parents: Mapping[str, list[str]], commit: str) -> Iterator[str]:
    at: str | None = commit
    while at is not None and at in parents:
        yield at
        at = next(iter(parents[at]), None)


def side_listing(git: GitProcess, line: SideLine) -> bytes:
    """Return what `git log` tells of the DVC files along a line, then all of them at its fork.

    In the form that `lineage_diff.history.timeline.read_timeline` takes. Raises `InputError` when
    Git cannot tell.
    """
    most = limits.HISTORY_BYTES
    try:
        if line.fork is None:
            return git.run_up_to(most, *LOG, line.tip, "--", *DVC_FILES)
        listing = git.run_up_to(most, *LOG, line.tip, f"^{line.fork}", "--", *DVC_FILES)
        return listing + f"\0{line.fork} \n\n\0".encode() + _files_at(git, line.fork)
    except GitFailed as error:
        raise InputError(
            f"cannot read the history of {line.tip[:12]}: {error.message}",
            mend=error.mend("Fetch the whole history: `git fetch --unshallow`."),
        ) from error


def _files_at(git: GitProcess, commit: str) -> bytes:
    """Return all DVC files of a commit as `git log --raw` would, had nothing been before it."""
    options = ("-r", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv")
    nothing = _EMPTY_TREE[len(commit)]
    return git.run_up_to(
        limits.HISTORY_BYTES, "diff-tree", *options, nothing, commit, "--", *DVC_FILES
    )
