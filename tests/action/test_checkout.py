"""Commits are found in every kind of checkout, or fetched, and nothing of the checkout changes."""

import os
from pathlib import Path

import pytest

from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.github_action.activity import NamedRev
from lineage_diff.github_action.checkout import Search, checkout_folder, find_commits
from lineage_diff.github_action.runner.git_fetch import Source
from tests.action.checkouts import (
    CHECKOUTS,
    Checkout,
    base_in_full,
    base_of_depth_one,
    full,
    id_of,
    search,
)
from tests.action.payloads import FORK, HOME
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in sorted(folder.rglob("*"))
    }


@pytest.mark.parametrize("make", CHECKOUTS, ids=lambda make: make.__name__)
@pytest.mark.parametrize("private", [False, True], ids=["public", "private"])
def test_the_commits_of_a_pull_request(
    origin: GitRepo, tmp_path: Path, github: GitHubServer, make: Checkout, private: bool
) -> None:
    clone = make(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path, private=private)
    token = github.token(contents="read") if private else None
    before = state_of(clone.path)
    store = tmp_path / "store"
    store.mkdir()
    wanted = search(origin)
    found = find_commits(clone.path, wanted, Source(f"{github.url}/{HOME}", token), store)
    assert found.ids == tuple(side.rev for side in wanted.sides)
    assert (found.repository == clone.path) == (make is full)
    repository = open_repository(found.repository)
    assert repository.merge_base(*found.ids) == id_of(origin, "main~1")
    assert [repository.snapshot(commit).read("a.txt") for commit in found.ids] == [b"2", b"1"]
    assert state_of(clone.path) == before
    if token is not None:
        held = [path.read_bytes() for path in store.rglob("*") if path.is_file()]
        assert not any(token.encode() in data for data in held)


@ONE_SERVER
def test_a_fork_s_head_comes_from_the_ref_of_its_pull_request(
    origin: GitRepo, tmp_path: Path, github: GitHubServer
) -> None:
    clone = base_in_full(origin, tmp_path / "clone")
    fork = origin.clone(tmp_path / "fork", "--branch=more-data")
    fork.write("c.txt", "c")
    head = fork.commit("the fork's")
    github.state.add_repository(HOME, git=origin.path)
    github.state.add_repository(FORK, git=fork.path, fork_of=HOME)
    github.state.add_pull(HOME, head_sha=head, head_repository=FORK, number=7)
    sides = (NamedRev(id_of(origin, "main"), "main"), NamedRev(head, "more-data"))
    (tmp_path / "store").mkdir()
    found = find_commits(
        clone.path,
        Search(sides, merge_base=True, pull_request=7),
        Source(f"{github.url}/{HOME}", None),
        tmp_path / "store",
    )
    assert found.ids[1] == head
    assert open_repository(found.repository).snapshot(head).read("c.txt") == b"c"


@ONE_SERVER
@pytest.mark.parametrize("make", [full, base_of_depth_one], ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    ("rev", "wanted"),
    [
        ("more-data", "more-data"),
        ("v1", "main"),
        ("HEAD", "HEAD"),
        ("größe/(v1)'s", "more-data"),
        ("100%&$x;#!{}|<>,=", "more-data"),
        ("@x", "more-data"),
    ],
)
def test_names_that_a_person_writes(
    origin: GitRepo,
    tmp_path: Path,
    github: GitHubServer,
    make: Checkout,
    rev: str,
    wanted: str,
) -> None:
    if rev not in ("more-data", "v1", "HEAD"):
        origin.git("branch", rev, "more-data")
    clone = make(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path)
    expected = id_of(clone if wanted == "HEAD" else origin, wanted)
    sides = (NamedRev("main", "main"), NamedRev(rev, rev))
    (tmp_path / "store").mkdir()
    source = Source(f"{github.url}/{HOME}", None)
    found = find_commits(clone.path, Search(sides, merge_base=True), source, tmp_path / "store")
    assert found.ids == (id_of(origin, "main"), expected)


@ONE_SERVER
@pytest.mark.parametrize(
    ("rev", "message"),
    [
        ("f" * 40, "`fetch-depth: 0`"),
        ("no-such-branch", "`fetch-depth: 0`"),
        ("main~9", "unknown revision main~9"),
        ("--upload-pack=x", "is not a revision"),
        ("+refs/heads/*:refs/heads/*", "unknown revision"),
    ],
)
def test_what_is_nowhere_is_said(
    origin: GitRepo, tmp_path: Path, github: GitHubServer, rev: str, message: str
) -> None:
    clone = full(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path)
    (tmp_path / "store").mkdir()
    with pytest.raises(InputError) as raised:
        find_commits(
            clone.path,
            Search((NamedRev(rev, rev),), merge_base=False),
            Source(f"{github.url}/{HOME}", None),
            tmp_path / "store",
        )
    assert message in str(raised.value)


def test_a_folder_that_looks_like_a_bare_repository_is_no_checkout(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    GitRepo(tmp_path / "other").git("init", "-q", "--bare", str(bare))
    with pytest.raises(InputError, match="no checkout"):
        find_commits(
            bare, Search((NamedRev("HEAD", "HEAD"),), False), Source("http://x/y", None), bare
        )


@pytest.mark.parametrize("path", ["..", "/", "link"])
def test_the_checkout_lies_in_the_workspace(tmp_path: Path, path: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "link").symlink_to(os.pardir)
    with pytest.raises(InputError, match="working_directory"):
        checkout_folder(workspace, path)
