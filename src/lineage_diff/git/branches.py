"""Find the side branches of a commit: those merged into it, and all other branches."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.git.log import FIRST_PARENTS, read_log
from lineage_diff.git.process import GitProcess

_REFS = ("--branches", "--remotes")
# Git knows the tree without anything itself, by the length of its ids: of SHA-1, of SHA-256.
_EMPTY_TREE = {
    40: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    64: "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
}
_AS_A_LOG = ("-r", "--raw", "-z", "--no-abbrev", "--no-renames", "--no-ext-diff", "--no-textconv")


class SideBranch(Struct, frozen=True):
    """A side branch: the first parents from `tip`, the newest, back to `fork` (excluded).

    `fork` is `None` where the branch shares no commit with the others.
    """

    tip: str
    fork: str | None


class SideBranches(Struct, frozen=True):
    """The side branches that touch the paths, newest first.

    `left_out` counts the branches beyond the limit. `order` gives every commit its position,
    the newest first.
    """

    lines: tuple[SideBranch, ...]
    left_out: int
    order: Mapping[str, int]


def side_branches(git: GitProcess, commit: str, pathspecs: Iterable[str]) -> SideBranches:
    """Find all branches, and all merges into them or into `commit`, that touch the paths.

    Raises `InputError` when Git cannot read the history.
    """
    what = f"of {commit[:7]}"
    listing = read_log(git, what, "rev-list", "--parents", "--date-order", *_REFS, commit)
    touching = read_log(git, what, "rev-list", "--full-history", *_REFS, commit, "--", *pathspecs)
    parents = {
        name: above for name, *above in (line.split() for line in listing.decode().splitlines())
    }
    touched = frozenset(touching.decode().split())
    found = [line for line, commits in _lines(parents, commit) if not touched.isdisjoint(commits)]
    kept = tuple(found[: limits.SIDE_LINES])
    order = {name: place for place, name in enumerate(parents)}
    return SideBranches(kept, len(found) - len(kept), order)


def _lines(parents: Mapping[str, list[str]], commit: str) -> Iterator[tuple[SideBranch, list[str]]]:
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
        yield SideBranch(tip, fork), line


def _first_parents(parents: Mapping[str, list[str]], commit: str) -> Iterator[str]:
    at: str | None = commit
    while at is not None and at in parents:
        yield at
        at = next(iter(parents[at]), None)


def side_branch_log(
    git: GitProcess, line: SideBranch, pathspecs: Iterable[str], is_listed: Callable[[str], bool]
) -> bytes:
    """Return the `git log` of paths along a side branch, then the files at its fork.

    The `pathspecs` and `is_listed` choose the same paths. The output has the format that
    `read_raw_log` reads. Raises `InputError` when Git cannot read the history.
    """
    what = f"of {line.tip[:7]}"
    if line.fork is None:
        return read_log(git, what, *FIRST_PARENTS, line.tip, "--", *pathspecs)
    listing = read_log(git, what, *FIRST_PARENTS, line.tip, f"^{line.fork}", "--", *pathspecs)
    nothing = _EMPTY_TREE[len(line.fork)]
    files = read_log(git, what, "diff-tree", *_AS_A_LOG, nothing, line.fork, "--", *pathspecs)
    return listing + f"\0{line.fork} \n\n\0".encode() + files
