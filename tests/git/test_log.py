"""The raw listing of `git log`, whole and cut off."""

import pytest

from lineage_diff.git.log import FIRST_PARENTS, LOG, PathChange, read_raw_log
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
        assert part[:-1] == whole[: max(len(part) - 1, 0)]
        for change in part[-1][1][:-1] if part else ():
            assert isinstance(change, PathChange)
            assert change in whole[len(part) - 1][1]
