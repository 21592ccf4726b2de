import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.commit_tree import parse_tree
from lineage_diff.git.repository import open_repository
from lineage_diff.git.snapshot import Entry, Snapshot, TreeSnapshot
from tests.support.git_repo import GitRepo


def _snapshot(repo: GitRepo) -> Snapshot:
    return open_repository(repo.path).snapshot(repo.commit())


def test_entries_of_every_kind(git_repo: GitRepo, tmp_path: Path) -> None:
    module = GitRepo(tmp_path / "module")
    module_commit = module.commit()
    git_repo.write("dir/file", "text")
    git_repo.write("dir/run.sh", "#!", executable=True)
    git_repo.symlink("link", "dir/file")
    git_repo.git("submodule", "add", "-q", str(module.path), "sub")
    snapshot = _snapshot(git_repo)
    kinds = {path: entry.kind for path, entry in snapshot.files().items()}
    assert kinds == {
        ".gitmodules": "file",
        "dir/file": "file",
        "dir/run.sh": "executable",
        "link": "symlink",
        "sub": "submodule",
    }
    assert snapshot.entry("sub") == Entry("submodule", module_commit)
    assert snapshot.entry("dir") == Entry("directory", git_repo.git("rev-parse", "HEAD:dir"))
    assert snapshot.entry("") == Entry("directory", git_repo.git("rev-parse", "HEAD^{tree}"))
    assert snapshot.entry("dir/none") is None
    assert snapshot.entry("sub/inside") is None
    assert [name for name, _ in snapshot.children("")] == [".gitmodules", "dir", "link", "sub"]
    assert [name for name, _ in snapshot.children("dir")] == ["file", "run.sh"]
    assert list(snapshot.children("none")) == []
    with pytest.raises(InputError, match="sub: no such file"):
        snapshot.read("sub")


def test_children_are_sorted_by_name_where_git_sorts_folders_by_slash(git_repo: GitRepo) -> None:
    for path in ("a/x", "a.b", "a-b", "a0"):
        git_repo.write(path, "")
    snapshot = _snapshot(git_repo)
    assert [name for name, _ in snapshot.children("")] == ["a", "a-b", "a.b", "a0"]
    assert list(snapshot.files()) == ["a-b", "a.b", "a/x", "a0"]


ODD_NAMES = [b"new\nline", b"tab\there", b'quo"te', b"\xff\xfe not utf-8", "größe".encode(), b":x"]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_paths(git_repo: GitRepo, name: bytes) -> None:
    path = os.fsdecode(name)
    git_repo.write(path, name)
    git_repo.symlink("link", path)
    snapshot = _snapshot(git_repo)
    assert sorted(map(os.fsencode, snapshot.files())) == sorted([name, b"link"])
    assert snapshot.resolve("link") == path
    assert snapshot.read(path) == snapshot.read("link") == name


LINKS = {
    "plain": "real/file",
    "chain": "plain",
    "folder": "real",
    "real/up": "../real/file",
    "deep/er/far": "../../folder/./up",
    "through": "folder/../real/file",
    "self": "self",
    "ping": "pong",
    "pong": "ping",
    "absolute": "/etc/passwd",
    "out": "../outside",
    "out-and-back": "../repo/real/file",
    "real/climb": "../../outside",
    "dangling": "none",
    "file-as-folder": "real/file/../file",
    "long": "x/" * 2000 + "../" * 2000 + "real/file",
}
RESOLVED = [
    ("real/file", "real/file"),
    ("real", "real"),
    ("plain", "real/file"),
    ("chain", "real/file"),
    ("folder", "real"),
    ("folder/file", "real/file"),
    ("folder/up", "real/file"),
    ("deep/er/far", "real/file"),
    ("through", "real/file"),
    ("real/../plain", "real/file"),
    ("self", None),
    ("ping", None),
    ("ping/below", None),
    ("absolute", None),
    ("out", None),
    ("out-and-back", None),
    ("real/climb", None),
    ("folder/climb", None),
    ("dangling", None),
    ("file-as-folder", None),
    ("long", None),
    ("none", None),
    ("real/file/none", None),
    ("/real/file", None),
    ("../repo/real/file", None),
]


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    repo = GitRepo(tmp_path_factory.mktemp("links") / "repo")
    repo.write("real/file", "found")
    repo.write("../outside", "secret")
    for path, target in LINKS.items():
        if path != "long":
            repo.symlink(path, target)
    # Longer than what a file system takes for a link; a commit can hold it all the same.
    oid = repo.git("hash-object", "-w", "--stdin", stdin=LINKS["long"].encode())
    repo.commit()
    repo.git("update-index", "--add", "--cacheinfo", f"120000,{oid},long")
    repo.git("commit", "-q", "-m", "long")
    return open_repository(repo.path).snapshot(repo.git("rev-parse", "HEAD"))


@pytest.mark.parametrize(("path", "expected"), RESOLVED)
def test_links_stay_in_the_tree(linked: Snapshot, path: str, expected: str | None) -> None:
    assert linked.resolve(path) == expected
    if expected == "real/file":
        assert linked.read(path) == b"found"
    else:
        with pytest.raises(InputError) as caught:
            linked.read(path)
        assert caught.value.file == path


def test_a_link_is_followed_once(linked: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: (linked.resolve(path), linked.follow(path)) for path, _ in RESOLVED}
    monkeypatch.setattr(TreeSnapshot, "_walk", None)
    assert {path: (linked.resolve(path), linked.follow(path)) for path, _ in RESOLVED} == before


def test_a_walk_beyond_what_is_remembered_has_the_same_end(
    linked: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [linked.resolve(path) for path, _ in RESOLVED]
    monkeypatch.setattr("lineage_diff.git.snapshot._REMEMBERED", 20)
    for _ in range(2):
        assert [linked.resolve(path) for path, _ in RESOLVED] == before


def test_more_links_than_the_limit(git_repo: GitRepo) -> None:
    git_repo.write("link0", "end")
    for number in range(1, limits.SYMLINKS + 2):
        git_repo.symlink(f"link{number}", f"link{number - 1}")
    snapshot = _snapshot(git_repo)
    assert snapshot.resolve(f"link{limits.SYMLINKS}") == "link0"
    assert snapshot.resolve(f"link{limits.SYMLINKS + 1}") is None


def test_read_oids_keeps_order_and_leaves_out(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BLOB_BYTES", 1000)
    monkeypatch.setattr(limits, "BATCH", 3)
    for number in range(10):
        git_repo.write(f"f{number}", f"{number}\n\0\n" * (1 if number != 4 else 1000))
    snapshot = _snapshot(git_repo)
    oids = [snapshot.files()[f"f{number}"].oid for number in (9, 4, 3, 3, 0, 1, 2, 5, 6, 7, 8)]
    oids.insert(5, "0" * 40)
    first = list(snapshot.read_oids(oids))
    assert [content[:1] for _, content in first] == [
        b"%d" % n for n in (9, 3, 3, 0, 1, 2, 5, 6, 7, 8)
    ]
    assert [oid for oid, _ in first] == [oid for oid in oids if oid not in (oids[1], "0" * 40)]
    assert list(snapshot.read_oids(oids)) == first
    with pytest.raises(InputError, match="f4: the file is 4000 bytes long, over the limit of 1000"):
        snapshot.read("f4")


def test_reading_while_read_oids_is_half_way(git_repo: GitRepo) -> None:
    for number in range(6):
        git_repo.write(f"f{number}", str(number))
    snapshot = _snapshot(git_repo)
    oids = [entry.oid for entry in snapshot.files().values()]
    half = snapshot.read_oids(oids)
    assert next(half)[1] == b"0"
    assert snapshot.read("f5") == b"5"
    assert [content for _, content in half] == [b"1", b"2", b"3", b"4", b"5"]
    abandoned = snapshot.read_oids(oids)
    next(abandoned)
    del abandoned
    assert [content for _, content in snapshot.read_oids(oids)][-1] == b"5"


def test_cache_is_bounded(git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CACHE_BYTES", 25)
    monkeypatch.setattr(limits, "CACHED_BLOB_BYTES", 20)
    git_repo.write("a", "a" * 20)
    git_repo.write("b", "b" * 20)
    git_repo.write("large", "l" * 21)
    snapshot = _snapshot(git_repo)
    for _ in range(2):
        assert [snapshot.read(path)[:1] for path in ("a", "b", "large")] == [b"a", b"b", b"l"]


def test_two_commits_share_their_entries(git_repo: GitRepo) -> None:
    git_repo.write("same", "1")
    git_repo.write("other", "1")
    base = git_repo.commit()
    git_repo.write("other", "2")
    head = git_repo.commit()
    repository = open_repository(git_repo.path)
    before, after = repository.snapshot(base).files(), repository.snapshot(head).files()
    assert before["same"] is after["same"]
    assert before["other"] != after["other"]
    assert repository.snapshot(base) is repository.snapshot(base)


OID = "a" * 40
PATHS = st.binary(min_size=1, max_size=8).filter(lambda path: b"\0" not in path)


@given(st.sets(PATHS, max_size=8))
def test_every_path_comes_back(paths: set[bytes]) -> None:
    listing = b"".join(b"100644 blob %b\t%b\0" % (OID.encode(), path) for path in paths)
    files, folders = parse_tree(listing, {})
    assert {os.fsencode(path) for path in files} == paths
    assert list(files) == sorted(files)
    assert folders == {}
