"""Find the experiments of DVC in a repository's refs.

`dvc exp run` makes a commit that only the ref `refs/exps/ab/cdef…/NAME` has: `abcdef…` is the
commit that the experiment began at (`dvc.repo.experiments.refs.ExpRefInfo`). `dvc exp push` pushes
that ref. Other refs below `refs/exps` (`exec`, `stash`, `celery`, `failed`) are DVC's own.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from lineage_diff import limits
from lineage_diff.dvc.project import LOCKS
from lineage_diff.git.process import GitFailed
from lineage_diff.git.repository import GitRepository

_REF = re.compile(r"refs/exps/([0-9a-f]{2})/([0-9a-f]{38}|[0-9a-f]{62})/(.+)", re.DOTALL)


class ExperimentRef(Struct, frozen=True, order=True):
    """An experiment: its name, the commit that it began at, and its own commit."""

    name: str
    base: str
    commit: str


class FoundExperiments(Struct, frozen=True):
    """Experiments, and the repository that has them: `None` for the one that is compared.

    `unknown` is the reason why there may be others.
    """

    experiments: tuple[ExperimentRef, ...] = ()
    folder: Path | None = None
    unknown: str | None = None


def refs_below(commit: str) -> str:
    """Return the pattern of the refs of all experiments that began at a commit."""
    return f"refs/exps/{commit[:2]}/{commit[2:]}/*"


def read_experiments(repository: GitRepository) -> tuple[ExperimentRef, ...]:
    """Return the experiments that the refs of a repository name, sorted by name."""
    form = "--format=%(objectname) %(objecttype) %(refname)"
    try:
        listing = repository.git.run_up_to(
            limits.EXPERIMENT_REFS_BYTES, "for-each-ref", form, "refs/exps"
        )
    except GitFailed:
        return ()
    lines = listing.decode("utf-8", "surrogateescape").split("\n")
    return tuple(sorted(_experiments(lines)))


def _experiments(lines: Iterable[str]) -> Iterator[ExperimentRef]:
    for line in lines:
        commit, _, rest = line.partition(" ")
        kind, _, ref = rest.partition(" ")
        match = _REF.fullmatch(ref)
        if match is not None and kind == "commit":
            yield ExperimentRef(match[3], match[1] + match[2], commit)


def promoted(
    repository: GitRepository,
    experiments: Iterable[ExperimentRef],
    base: str,
    head: str,
    kept: Collection[str],
) -> list[ExperimentRef]:
    """Return the experiments whose result a branch, or a commit between base and head, has.

    `dvc exp branch` makes a branch at the experiment's commit. After `dvc exp apply` a commit has
    the lock files that the experiment wrote. `kept` are the commits between base and head, and the
    tips of branches.
    """
    written = _locks_written(repository, "log", "--format=", f"{base}..{head}")
    return [
        item
        for item in experiments
        if item.commit in kept
        or _is_within(_locks_written(repository, "diff-tree", item.base, item.commit), written)
    ]


def _is_within(own: frozenset[str], written: frozenset[str]) -> bool:
    return bool(own) and own <= written


def branch_tips(repository: GitRepository) -> Sequence[str]:
    """Return the commits of all branches, and of those of remotes."""
    try:
        refs = repository.git.line(
            "for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes"
        )
    except GitFailed:
        return ()
    return refs.split("\n")


def _locks_written(repository: GitRepository, *command: str) -> frozenset[str]:
    """Return the new blobs of lock files in a diff or log, each with its path."""
    name, *rest = command
    raw = ("--raw", "--no-abbrev", "-r", "--no-renames")
    try:
        listing = repository.git.line(name, *raw, *rest, "--", *LOCKS)
    except GitFailed:
        return frozenset()
    lines = (line for line in listing.split("\n") if line.startswith(":"))
    # `:OLD_MODE NEW_MODE OLD_ID NEW_ID STATUS<tab>PATH`
    return frozenset(" ".join((line.split(" ")[3], line.partition("\t")[2])) for line in lines)
