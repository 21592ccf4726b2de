"""Commits are found in every kind of checkout, or fetched, and nothing of the checkout changes."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.action.activity import Side
from lineage_diff.action.checkout import Commits, Search, checkout_folder, find_commits
from lineage_diff.action.fetch import Source, Want, fetch, make_store
from lineage_diff.read.errors import InputError
from lineage_diff.read.git import open_repository
from tests.action.payloads import FORK, HOME
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)


@pytest.fixture
def origin(tmp_path: Path) -> GitRepo:
    """Two commits on main after the one that `more-data` starts from, and a tag."""
    repo = GitRepo(tmp_path / "origin")
    for number in range(3):
        repo.write("a.txt", str(number))
        repo.commit(f"main {number}")
    repo.git("tag", "-a", "-m", "A release", "v1")
    repo.branch("more-data", "main~1")
    repo.write("b.txt", "b")
    repo.commit("change")
    repo.checkout("main")
    return repo


def id_of(repo: GitRepo, rev: str) -> str:
    return repo.git("rev-parse", f"{rev}^{{commit}}")


Checkout = Callable[[GitRepo, Path], GitRepo]


def full(origin: GitRepo, path: Path) -> GitRepo:
    """`fetch-depth: 0`: every branch is there, one is local."""
    clone = origin.clone(path)
    clone.git("checkout", "-q", "--detach", "origin/more-data")
    return clone


def merge_of_depth_one(origin: GitRepo, path: Path) -> GitRepo:
    """What actions/checkout makes of a pull request by default."""
    origin.git("checkout", "-q", "--detach", "main")
    merged = origin.merge("more-data")
    origin.git("update-ref", "refs/pull/7/merge", merged)
    origin.checkout("main")
    clone = GitRepo(path)
    clone.git("remote", "add", "origin", origin.path.as_uri())
    clone.git("fetch", "-q", "--depth=1", "origin", merged)
    clone.git("checkout", "-q", "--detach", merged)
    return clone


def base_of_depth_one(origin: GitRepo, path: Path) -> GitRepo:
    """What actions/checkout makes of `pull_request_target` by default."""
    return origin.clone(path, "--depth=1", "--branch=main")


def base_in_full(origin: GitRepo, path: Path) -> GitRepo:
    """`pull_request_target` with `fetch-depth: 0`: a fork's head is not there."""
    return origin.clone(path, "--single-branch", "--branch=main")


def without_blobs(origin: GitRepo, path: Path) -> GitRepo:
    """`filter: blob:none`, as `sparse-checkout` sets it."""
    origin.git("config", "uploadpack.allowFilter", "true")
    clone = origin.clone(path, "--filter=blob:none", "--no-checkout")
    clone.git("branch", "-q", "more-data", "origin/more-data")
    return clone


CHECKOUTS: tuple[Checkout, ...] = (
    full,
    merge_of_depth_one,
    base_of_depth_one,
    base_in_full,
    without_blobs,
)


def state_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        str(path.relative_to(folder)): (path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in sorted(folder.rglob("*"))
    }


def search(origin: GitRepo, *, merge_base: bool = True) -> Search:
    sides = (Side(id_of(origin, "main"), "main"), Side(id_of(origin, "more-data"), "more-data"))
    return Search(sides, merge_base=merge_base, pull_request=7)


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
    sides = (Side(id_of(origin, "main"), "main"), Side(head, "more-data"))
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
    ("rev", "wanted"), [("more-data", "more-data"), ("v1", "main"), ("HEAD", "HEAD")]
)
def test_names_that_a_person_writes(
    origin: GitRepo,
    tmp_path: Path,
    github: GitHubServer,
    make: Checkout,
    rev: str,
    wanted: str,
) -> None:
    clone = make(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path)
    expected = id_of(clone if wanted == "HEAD" else origin, wanted)
    sides = (Side("main", "main"), Side(rev, rev))
    (tmp_path / "store").mkdir()
    source = Source(f"{github.url}/{HOME}", None)
    found = find_commits(clone.path, Search(sides, merge_base=True), source, tmp_path / "store")
    assert found.ids == (id_of(origin, "main"), expected)


@ONE_SERVER
@pytest.mark.parametrize(
    ("rev", "told"),
    [
        ("f" * 40, "`fetch-depth: 0`"),
        ("no-such-branch", "`fetch-depth: 0`"),
        ("main~9", "unknown revision main~9"),
        ("--upload-pack=x", "is not a revision"),
        ("+refs/heads/*:refs/heads/*", "unknown revision"),
    ],
)
def test_what_is_nowhere_is_said(
    origin: GitRepo, tmp_path: Path, github: GitHubServer, rev: str, told: str
) -> None:
    clone = full(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path)
    (tmp_path / "store").mkdir()
    with pytest.raises(InputError) as raised:
        find_commits(
            clone.path,
            Search((Side(rev, rev),), merge_base=False),
            Source(f"{github.url}/{HOME}", None),
            tmp_path / "store",
        )
    assert told in str(raised.value)


def test_a_token_that_may_not_read_is_not_told(
    origin: GitRepo, tmp_path: Path, github: GitHubServer
) -> None:
    clone = base_of_depth_one(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path, private=True)
    token = github.token()
    (tmp_path / "store").mkdir()
    with pytest.raises(InputError) as raised:
        find_commits(
            clone.path,
            search(origin),
            Source(f"{github.url}/{HOME}", token),
            tmp_path / "store",
        )
    assert "`github_token` that may read" in str(raised.value)
    assert token not in str(raised.value)


@ONE_SERVER
def test_settings_of_the_checkout_and_the_machine_run_nothing(
    origin: GitRepo, tmp_path: Path, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = base_in_full(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path)
    trap = tmp_path / "trap"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    hooks = clone.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("reference-transaction", "post-checkout", "post-merge", "pre-auto-gc"):
        (hooks / hook).write_bytes(script.read_bytes())
        (hooks / hook).chmod(0o755)
    clone.git("config", "core.fsmonitor", str(script))
    clone.git("config", "credential.helper", f"!{script}")
    clone.git("config", "gc.auto", "1")
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[core]\n\tsshCommand = {script}\n[init]\n\ttemplateDir = {hooks.parent}\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_ASKPASS", str(script))
    monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "trace"))
    (tmp_path / "store").mkdir()
    source = Source(f"{github.url}/{HOME}", "ghs_unknown")
    with pytest.raises(InputError):
        find_commits(clone.path, search(origin), source, tmp_path / "store")
    assert not trap.exists()
    assert not (tmp_path / "trace").exists()


def test_a_server_that_does_not_answer_ends_in_time(origin: GitRepo, tmp_path: Path) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = Source(f"http://127.0.0.1:{silent.getsockname()[1]}/{HOME}", None)
        make_store(tmp_path / "store", source, None, "a" * 40)
        begin = time.monotonic()
        with pytest.raises(InputError, match="it took too long"):
            fetch(tmp_path / "store", source, [Want("it", ("a" * 40,))], seconds=0.5)
        assert time.monotonic() - begin < 20


def test_no_other_protocol_is_spoken(origin: GitRepo, tmp_path: Path) -> None:
    source = Source("http://127.0.0.1:1/x", None)
    make_store(tmp_path / "store", source, None, "a" * 40)
    local = Source(f"http+{origin.path.as_uri()}", None)
    with pytest.raises(InputError, match="cannot be fetched"):
        fetch(tmp_path / "store", local, [Want("it", ("refs/heads/main",))])


def test_a_folder_that_looks_like_a_bare_repository_is_no_checkout(tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    GitRepo(tmp_path / "other").git("init", "-q", "--bare", str(bare))
    with pytest.raises(InputError, match="no checkout"):
        find_commits(bare, Search((Side("HEAD", "HEAD"),), False), Source("http://x/y", None), bare)


@pytest.mark.parametrize("path", ["..", "/", "link"])
def test_the_checkout_lies_in_the_workspace(tmp_path: Path, path: str) -> None:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    (workspace / "link").symlink_to(os.pardir)
    with pytest.raises(InputError, match="working_directory"):
        checkout_folder(workspace, path)


def test_the_object_format_of_the_checkout_is_kept(tmp_path: Path) -> None:
    source = Source("http://127.0.0.1:1/x", None)
    make_store(tmp_path / "store", source, None, "a" * 64)
    assert GitRepo(tmp_path / "store").git("rev-parse", "--show-object-format") == "sha256"
    assert Commits(tmp_path, ()).ids == ()
