"""Versions and origins over the history, against brute force: DVC's own index of every commit."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from lineage_diff.audit.ledger import Ledger, LedgerEntry, ledger
from lineage_diff.audit.upstream import used_by
from lineage_diff.history.reader import open_history
from tests.support.dvc_repo import DvcRepo
from tests.support.dvc_repos import BUILDERS

Hash = str | None


@dataclass(frozen=True)
class TrackedOutput:
    """What DVC's index says of an out: its hash, and the hashes of what its stage ran on."""

    hash: Hash
    deps: Mapping[str, Hash]
    is_run: bool


Index = Mapping[str, TrackedOutput]


def indexes(repo: DvcRepo, commits: list[str]) -> Iterator[Index]:
    """Yield DVC's index of each commit, by path from the root of the Git repository."""
    from dvc.repo import Repo

    with Repo(str(repo.root)) as dvc:
        top = os.path.relpath(dvc.root_dir, dvc.scm.root_dir) + "/"
        top = "" if top == "./" else top
        for commit in commits:
            with dvc.switch(commit):
                yield dict(_outs(dvc, top))


def _outs(dvc: Any, top: str) -> Iterator[tuple[str, TrackedOutput]]:
    for stage in dvc.index.stages:
        deps = {_path(dep, top): _hash(dep) for dep in stage.deps if not _is_param(dep)}
        for out in stage.outs:
            yield _path(out, top), TrackedOutput(_hash(out), deps, bool(stage.cmd))


def _is_param(dep: object) -> bool:
    return type(dep).__name__ == "ParamsDependency"


def _path(item: Any, top: str) -> str:
    if not item.is_in_repo:
        return str(item.def_path)
    return top + str(item.fs.relpath(item.fs_path, item.repo.root_dir))


def _hash(item: Any) -> Hash:
    return item.hash_info.value if item.hash_info else None


def commits_of(repo: DvcRepo) -> list[str]:
    """Return the first parents of the tip, the oldest first."""
    return repo.git("rev-list", "--first-parent", "--reverse", "HEAD").split()


def brute_versions(path: str, history: list[Index]) -> list[tuple[int, Hash]]:
    """Return at which commits a path's hash became what, once it was there."""
    found: list[tuple[int, Hash]] = []
    for number, index in enumerate(history):
        now = index[path].hash if path in index else None
        if (found[-1][1] if found else None) != now:
            found.append((number, now))
    return found


def brute_origins(path: str, at: int, history: list[Index]) -> set[tuple[str, Hash]]:
    """Follow the hashes up from what a commit says of a path, each to the newest run with it.

    What no run made as a whole is followed as DVC's graph goes: to the folder it lies in, or to
    what lies in it.
    """
    found: set[tuple[str, Hash]] = set()
    pending = [(history[at][path].deps, _born(path, at, history))]
    for deps, number in pending:
        for dep, wanted in deps.items():
            if (dep, wanted) in found:
                continue
            found.add((dep, wanted))
            pending += _runs(dep, wanted, number, history)
    return found


def _runs(
    dep: str, wanted: Hash, number: int, history: list[Index]
) -> Iterator[tuple[Mapping[str, Hash], int]]:
    for older in range(number, -1, -1):
        made = history[older].get(dep)
        if made is not None and made.hash == wanted:
            if made.is_run:
                yield made.deps, _born(dep, older, history)
            return
    here = history[number]
    above = [path for path in here if dep.startswith(f"{path}/")]
    for path in above or [path for path in here if path.startswith(f"{dep}/")]:
        if here[path].is_run:
            yield here[path].deps, _born(path, number, history)


def _born(path: str, number: int, history: list[Index]) -> int:
    """Return the commit since when the run that made a path is the one that it is."""
    while number and history[number - 1].get(path) == history[number][path]:
        number -= 1
    return number


def our_ledger(repo: DvcRepo) -> Ledger:
    history = open_history(repo.root)
    return ledger(history.timeline(history.repository.head())())


@pytest.mark.parametrize("name", sorted(BUILDERS))
def test_every_version_and_its_origins_are_what_the_indexes_say(
    built: Callable[[str], DvcRepo], name: str
) -> None:
    repo = built(name)
    commits = commits_of(repo)
    history = list(indexes(repo, commits))
    book = our_ledger(repo)
    paths = sorted({path for index in history for path in index})
    assert paths
    compared = 0
    for path in paths:
        ours = [
            (commits.index(book.points[entry.point].id), hash_of(entry))
            for _, entry in book.versions(path)
        ]
        brute = brute_versions(path, history)
        last = book.entries[path][-1].record
        if len(ours) < len(brute) and last is not None and "@" in last.stage:
            # One of a group that is generated no more: only its lock entry tells of it.
            brute.pop()
        assert ours == brute, path
        for number, index in enumerate(history):
            if path not in index or not index[path].is_run or index[path].hash is None:
                continue
            entry = book.at(path, point_at(book, commits, number))
            assert entry is not None
            mine = {
                (used.path, used.version.hash.value if used.version.hash else None)
                for used in used_by(book, entry)
            }
            assert mine == brute_origins(path, number, history), (path, commits[number])
            compared += 1
    assert compared


def hash_of(entry: LedgerEntry) -> Hash:
    version = entry.version
    return version.hash.value if version is not None and version.hash is not None else None


def point_at(book: Ledger, commits: list[str], number: int) -> int:
    """Return the newest point that is not after a commit."""
    known = {commit.id: point for point, commit in enumerate(book.points)}
    return next(known[commit] for commit in reversed(commits[: number + 1]) if commit in known)
