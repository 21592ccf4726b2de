"""Which commit wrote a lock entry: through merges, reverts, moves and other layouts."""

from pathlib import Path

import pytest

from lineage_diff import limits
from lineage_diff.dvc.lock.lock_file import LockReader
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.history.lock_blame import (
    MIXED,
    MOVED,
    SHALLOW,
    TOO_LONG,
    UNREADABLE,
    LockHistory,
    LockOrigin,
)
from lineage_diff.history.reader import HistoryReader
from lineage_diff.limits import Limits
from tests.support.git_repo import GitRepo

HEAD = "schema: '2.0'\nstages:\n"


def block(name: str, dep: str, out: str = "0") -> str:
    """Write an entry as DVC does; `dep` and `out` are a character of their hashes."""
    items = "".join(
        f"    {kind}:\n    - path: {kind}.txt\n      hash: md5\n"
        f"      md5: {char * 32}\n      size: 1\n"
        for kind, char in (("deps", dep), ("outs", out))
    )
    return f"  {name}:\n    cmd: run\n{items}"


class Locks(GitRepo):
    """A repository of which each commit writes the lock."""

    def lock(self, *blocks: str, file: str = "dvc.lock") -> str:
        """Write the lock and commit."""
        self.write(file, HEAD + "".join(blocks))
        return self.commit()

    def other(self) -> str:
        """Commit something else."""
        self.write("README", self.git("rev-parse", "HEAD"))
        return self.commit()

    def find(self, name: str = "train", file: str = "dvc.lock") -> LockOrigin:
        """Look for the commit that wrote the entry of HEAD."""
        return find(open_repository(self.path), (self.path / file).read_bytes(), name, file)


def find(repository: GitRepository, text: bytes, name: str, file: str = "dvc.lock") -> LockOrigin:
    """Look for the commit that wrote an entry, from HEAD."""
    commits = HistoryReader(repository).lock_commits(repository.head())
    entry = LockReader().read(text, file).entries[name]
    history = LockHistory(repository, commits, repository.is_shallow, repository.limits)
    return history.find(file, name, entry)


@pytest.fixture
def repo(tmp_path: Path) -> Locks:
    made = Locks(tmp_path / "repo")
    made.write("README", "")
    made.commit()
    return made


def test_the_newest_commit_that_changed_the_entry(repo: Locks) -> None:
    repo.lock(block("train", "1"))
    wanted = repo.lock(block("train", "2"))
    repo.other()
    repo.lock(block("added above", "1"), block("train", "2"))
    repo.other()
    assert repo.find() == LockOrigin(wanted)


def test_an_entry_from_the_first_commit(tmp_path: Path) -> None:
    repo = Locks(tmp_path / "repo")
    wanted = repo.lock(block("train", "1"))
    repo.other()
    assert repo.find() == LockOrigin(wanted)


def test_another_layout_is_no_other_entry(repo: Locks) -> None:
    wanted = repo.lock(block("train", "1"))
    text = (repo.path / "dvc.lock").read_text().replace("    - path", "      - path")
    repo.write(
        "dvc.lock",
        text.replace("      hash", "        hash")
        .replace("      md5", "        md5")
        .replace("      size", "        size"),
    )
    repo.commit()
    assert repo.find() == LockOrigin(wanted)


@pytest.mark.parametrize("advanced", [False, True])
def test_behind_a_merge_it_is_where_it_was_written(repo: Locks, advanced: bool) -> None:
    far = [block(f"far{n}", "1") for n in range(3)]
    repo.lock(block("make", "1"), *far, block("train", "1"))
    repo.branch("side")
    wanted = repo.lock(block("make", "1"), *far, block("train", "2"))
    repo.other()
    repo.checkout("main")
    if advanced:
        repo.lock(block("make", "2"), *far, block("train", "1"))
    repo.merge("side")
    repo.other()
    assert repo.find() == LockOrigin(wanted)


def test_an_entry_that_a_merge_put_together(repo: Locks) -> None:
    repo.lock(block("train", "1", "1"))
    repo.branch("side")
    repo.lock(block("train", "2", "1"))
    repo.checkout("main")
    repo.lock(block("train", "1", "2"))
    merge = repo.merge("side")
    assert repo.find() == LockOrigin(None, MIXED.format(merge[:7]))


def test_an_entry_that_a_run_wrote_in_a_merge(repo: Locks) -> None:
    repo.lock(block("train", "1"))
    repo.branch("side")
    repo.lock(block("train", "2"))
    repo.checkout("main")
    repo.lock(block("train", "3"))
    repo.git("merge", "-q", "--no-commit", "-s", "ours", "side")
    wanted = repo.lock(block("train", "4"))
    assert repo.find() == LockOrigin(wanted)


def test_a_revert_runs_nothing(repo: Locks) -> None:
    wanted = repo.lock(block("train", "1"))
    repo.lock(block("train", "2"))
    repo.lock(block("train", "1"))
    assert repo.find() == LockOrigin(wanted)


@pytest.mark.parametrize("name", ["train", "fit"])
def test_a_move_runs_nothing(repo: Locks, name: str) -> None:
    repo.lock(block("train", "1"))
    if name == "train":
        (repo.path / "sub").mkdir()
        repo.git("mv", "dvc.lock", "sub/dvc.lock")
        commit, file = repo.commit(), "sub/dvc.lock"
    else:
        commit, file = repo.lock(block(name, "1")), "dvc.lock"
    assert repo.find(name, file) == LockOrigin(None, MOVED.format(commit[:7]))


def test_a_lock_that_could_not_be_read_hides_what_was(repo: Locks) -> None:
    repo.lock(block("train", "1"))
    repo.write("dvc.lock", "<<<<<<< HEAD\n")
    repo.commit()
    repo.lock(block("train", "1"), block("more", "1"))
    assert repo.find() == LockOrigin(None, UNREADABLE)


def test_a_shallow_clone(repo: Locks, tmp_path: Path) -> None:
    repo.lock(block("train", "1"))
    wanted = repo.lock(block("train", "2"))
    repo.other()
    text = (repo.path / "dvc.lock").read_bytes()
    for depth, found in (
        (1, LockOrigin(None, SHALLOW)),
        (2, LockOrigin(None, SHALLOW)),
        (3, LockOrigin(wanted)),
    ):
        repo.clone(tmp_path / str(depth), "--depth", str(depth))
        assert find(open_repository(tmp_path / str(depth)), text, "train") == found


def test_more_commits_than_the_limit_are_cut(repo: Locks) -> None:
    for char in "1234":
        repo.lock(block("train", "1"), block("other", char))
    repository = open_repository(repo.path).with_limits(Limits(history_commits=2))
    text = (repo.path / "dvc.lock").read_bytes()
    assert find(repository, text, "train") == LockOrigin(None, TOO_LONG)


def test_a_history_of_more_bytes_than_the_limit_is_cut(
    repo: Locks, monkeypatch: pytest.MonkeyPatch
) -> None:
    for char in "1234":
        repo.lock(block("train", "1"), block("other", char))
    monkeypatch.setattr(limits, "HISTORY_BYTES", 2)
    assert repo.find() == LockOrigin(None, TOO_LONG)


@pytest.mark.parametrize("older", [HEAD + "  train: [\n", None], ids=["damaged", "missing"])
def test_an_older_lock_that_cannot_be_read_is_the_reason(repo: Locks, older: str | None) -> None:
    repo.write("dvc.lock", older or "schema: '2.0'\n")
    before = repo.commit()
    repo.lock(block("train", "1"))
    if older is None:
        # As in a partial clone.
        oid = repo.git("rev-parse", f"{before}:dvc.lock")
        (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert repo.find() == LockOrigin(None, UNREADABLE)


@pytest.mark.parametrize(("more", "found"), [(-1, True), (0, False), (1, False)])
def test_old_files_are_read_until_they_exceed_a_limit(repo: Locks, more: int, found: bool) -> None:
    """Three older ones are read: the last one if those before have no more than the limit."""
    first, *_ = [repo.lock(block("train", "1"), block("other", char)) for char in "1234"]
    repository = open_repository(repo.path)
    text = (repo.path / "dvc.lock").read_bytes()
    commits = HistoryReader(repository).lock_commits(repository.head())
    entry = LockReader().read(text, "dvc.lock").entries["train"]
    most = 2 * len(text) - more - 1
    for history in (
        LockHistory(repository, commits, False, Limits(lock_history_bytes=most)),
        LockHistory(repository, commits, False, most_bytes=most),
    ):
        origin = LockOrigin(first) if found else LockOrigin(None, TOO_LONG)
        assert history.find("dvc.lock", "train", entry) == origin


def test_a_started_listing_counts_for_its_own_limit_alone(repo: Locks) -> None:
    for char in "123":
        repo.lock(block("train", char))
    repository = open_repository(repo.path)
    started, head = HistoryReader(repository), repository.head()
    started.prefetch_whole("HEAD")
    fewer = started.with_limits(Limits(history_commits=2)).lock_commits(head)
    assert fewer is not None
    assert len(fewer) == 2
    assert started.lock_commits(head) == HistoryReader(repository).lock_commits(head)
