import pytest

from lineage_diff import limits
from lineage_diff.errors import InputError
from lineage_diff.git.repository import open_repository
from lineage_diff.limits import Limits
from tests.support.git_repo import GitRepo


def _commit(repo: GitRepo, **files: str) -> str:
    for path, content in files.items():
        repo.write(path, content)
    return repo.commit()


def test_newest_first_and_base_left_out(git_repo: GitRepo) -> None:
    base = _commit(git_repo, a="1", b="1", gone="1")
    first = _commit(git_repo, a="2")
    git_repo.remove("gone")
    second = _commit(git_repo, a="3", new="1")
    assert open_repository(git_repo.path).touched(base, second) == {
        "a": (second, first),
        "gone": (second,),
        "new": (second,),
    }
    assert open_repository(git_repo.path).touched(base, base) == {}


def test_rename_touches_both_paths(git_repo: GitRepo) -> None:
    base = _commit(git_repo, old="text\n" * 50)
    git_repo.remove("old")
    head = _commit(git_repo, new="text\n" * 50)
    git_repo.git("config", "diff.renames", "true")
    assert open_repository(git_repo.path).touched(base, head) == {"new": (head,), "old": (head,)}


def test_merge_of_the_base_is_not_a_cause(git_repo: GitRepo) -> None:
    _commit(git_repo, a="1", b="1")
    git_repo.branch("feature")
    mine = _commit(git_repo, a="2")
    git_repo.checkout("main")
    theirs = _commit(git_repo, b="2")
    git_repo.checkout("feature")
    head = git_repo.merge("main")
    assert open_repository(git_repo.path).touched(theirs, head)["a"] == (mine,)


def test_merge_that_edits_is_a_cause(git_repo: GitRepo) -> None:
    base = _commit(git_repo, a="1", b="1")
    git_repo.branch("feature")
    mine = _commit(git_repo, a="2")
    git_repo.checkout("main")
    _commit(git_repo, b="2")
    git_repo.checkout("feature")
    git_repo.git("merge", "-q", "--no-commit", "--no-ff", "main")
    head = _commit(git_repo, a="edited while merging")
    assert open_repository(git_repo.path).touched(base, head)["a"] == (head, mine)


def test_merge_that_drops_the_other_side_is_a_cause(git_repo: GitRepo) -> None:
    _commit(git_repo, a="1")
    git_repo.branch("feature")
    _commit(git_repo, b="1")
    git_repo.checkout("main")
    theirs = _commit(git_repo, a="2")
    git_repo.checkout("feature")
    git_repo.git("merge", "-q", "--no-ff", "-s", "ours", "-m", "ours", "main")
    head = git_repo.git("rev-parse", "HEAD")
    assert open_repository(git_repo.path).touched(theirs, head)["a"] == (head,)


def test_odd_paths(git_repo: GitRepo) -> None:
    base = git_repo.commit()
    names = [":100644 x", "new\nline", "\udcff"]
    for name in names:
        git_repo.write(name, "x")
    head = git_repo.commit()
    assert open_repository(git_repo.path).touched(base, head) == dict.fromkeys(
        sorted(names), (head,)
    )


def test_root_commit_counts_whatever_the_settings(git_repo: GitRepo) -> None:
    git_repo.git("config", "log.showRoot", "false")
    head = _commit(git_repo, a="1")
    git_repo.git("checkout", "-q", "--orphan", "other")
    other = _commit(git_repo, a="2")
    assert open_repository(git_repo.path).touched(head, other) == {"a": (other,)}


def test_unknown_commit(git_repo: GitRepo) -> None:
    head = git_repo.commit()
    with pytest.raises(InputError, match="cannot read the history"):
        open_repository(git_repo.path).touched("0" * 39 + "1", head)


def test_only_the_newest_of_a_long_history(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = git_repo.commit()
    commits = [_commit(git_repo, a=str(number)) for number in range(4)]
    repository = open_repository(git_repo.path)
    assert repository.touched(base, commits[-1]) == {"a": tuple(reversed(commits))}
    # A commit takes 83 bytes for itself and its parent, then 100 for what it did to one path.
    monkeypatch.setattr(limits, "HISTORY_BYTES", 500)
    assert repository.touched(base, commits[-1]) == {"a": (commits[3], commits[2])}
    one = repository.with_limits(Limits(history_commits=1))
    assert one.touched(base, commits[-1]) == {"a": (commits[3],)}
