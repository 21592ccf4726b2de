"""The raw listing of `git log`, whole and cut off."""

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_diff.git.log import (
    FIRST_PARENTS,
    LOG,
    PathChange,
    read_raw_log,
    read_raw_log_from_end,
)
from lineage_diff.git.process import files_named
from lineage_diff.git.repository import open_repository
from tests.support.git_repo import GitRepo


@pytest.fixture
def merged(git_repo: GitRepo) -> GitRepo:
    """A repository with a merge that differs from both of its parents."""
    git_repo.write("a b", "1\n")
    git_repo.write("é\nx", "1\n")
    git_repo.commit()
    git_repo.branch("side")
    git_repo.write("a b", "2\n")
    git_repo.commit()
    git_repo.checkout("main")
    git_repo.remove("é\nx")
    git_repo.commit()
    git_repo.git("merge", "-q", "--no-commit", "side")
    git_repo.write("a b", "3\n")
    git_repo.commit()
    return git_repo


def test_each_commit_has_what_it_changed_and_a_merge_once_for_each_parent(
    merged: GitRepo,
) -> None:
    git = open_repository(merged.path).git
    entries = list(read_raw_log(git.run(*LOG, "HEAD")))
    merge, *others = merged.git("rev-list", "--topo-order", "HEAD").split()
    assert [head.split()[0] for head, _ in entries[:2]] == [merge, merge]
    assert sorted(head.split()[0] for head, _ in entries[2:]) == sorted(others)
    for head, changes in entries:
        commit, *parents = head.split()
        for change in changes:
            found = merged.git("ls-tree", "-z", commit, "--", change.path).split()
            expected = found[:1] + found[2:3] if found else ["000000", None]
            assert [change.mode, change.after] == expected
            befores = {
                (merged.git("ls-tree", "-z", parent, "--", change.path).split() + [None] * 3)[2]
                for parent in parents
            }
            assert change.before in (befores or {None})
    assert {change.path for _, changes in entries for change in changes} == {"a b", "é\nx"}


@pytest.mark.parametrize("shape", [LOG, FIRST_PARENTS], ids=["parents", "first parents"])
def test_a_listing_that_is_cut_anywhere_is_read_as_far_as_it_goes(
    merged: GitRepo, shape: tuple[str, ...]
) -> None:
    listing = open_repository(merged.path).git.run(*shape, "HEAD")
    whole = list(read_raw_log(listing))
    assert sum(len(changes) for _, changes in whole) >= 4
    for size in range(len(listing)):
        part = list(read_raw_log(listing[:size]))
        assert list(read_raw_log_from_end(listing[:size])) == part[::-1]
        assert part[:-1] == whole[: max(len(part) - 1, 0)]
        for change in part[-1][1][:-1] if part else ():
            assert isinstance(change, PathChange)
            assert change in whole[len(part) - 1][1]


_PATHS = st.sampled_from(("a", ":b", "\nc", ":1 2 3 4 5", f"{'d' * 40} x", "\udcff"))
_CHANGES = st.lists(
    st.tuples(st.sampled_from((":100644 100644 aa bb M", "\n:100644 000000 aa 00 D")), _PATHS),
    max_size=3,
)
_HEADERS = st.sampled_from((f"{'a' * 40} date\nname\nsubject", "b", "c\n\n"))


@given(st.lists(st.tuples(_HEADERS, _CHANGES), max_size=4), st.integers(0, 300))
def test_a_log_is_read_from_its_end_as_from_its_start(
    commits: list[tuple[str, list[tuple[str, str]]]], cut: int
) -> None:
    tokens = [token for head, changes in commits for token in (head, *chain(*changes), "")]
    whole = "\0".join(tokens).encode("utf-8", "surrogateescape")
    for listing in (whole, whole[:cut]):
        found = list(read_raw_log(listing))
        assert list(read_raw_log_from_end(listing)) == found[::-1]
    assert [head for head, _ in read_raw_log(whole)] == [head for head, _ in commits]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("dvc.lock", ["a/b/dvc.lock", "dvc.lock"]),
        ("b.txt", ["d/b.txt/e/b.txt"]),
        ("a*[b]\\.txt", ["a*[b]\\.txt", "d/a*[b]\\.txt"]),
    ],
)
def test_the_files_of_a_name_are_found_in_all_folders_and_nothing_below_such_a_folder(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch, name: str, found: list[str]
) -> None:
    for path in ("dvc.lock", "a/b/dvc.lock", "a/my-dvc.lock", "dvc.lock.txt", "dvc-lock"):
        git_repo.write(path, "1\n")
    for path in ("c/dvc.lock/x", "b.txt/x", "d/b.txt/e/b.txt", "ab.txt", "x/aab.txt"):
        git_repo.write(path, "1\n")
    for folder in ("", "d/"):
        git_repo.write(f"{folder}a*[b]\\.txt", "1\n")
    git_repo.commit()
    # What a person sets for their own commands changes nothing.
    monkeypatch.setenv("GIT_GLOB_PATHSPECS", "1")
    git = open_repository(git_repo.path).git
    for pathspecs in (files_named(name), [f":(glob)**/{_escaped(name)}"]):
        ((_, changes),) = read_raw_log(git.run(*LOG, "HEAD", "--", *pathspecs))
        assert [change.path for change in changes] == found


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace("[", "\\[").replace("*", "\\*")
