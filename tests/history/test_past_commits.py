from pathlib import Path

import pytest

from lineage_diff import limits
from lineage_diff.git.process import GitProcess
from lineage_diff.history.past_values import blob_ids, recent_commits_of
from lineage_diff.history.reader import open_history
from tests.support.git_repo import GitRepo

MANY = 3 * limits.ASKED_PATHS


def _filled(repo: GitRepo, folder: str, count: int) -> str:
    for number in range(count):
        repo.write(f"{folder}{number}.json", f"{number}")
    return repo.commit()


@pytest.mark.parametrize("folder", ["", "metrics/", "a b/'ü'/"])
@pytest.mark.parametrize("count", [2, MANY])
def test_the_blobs_of_a_folder_at_each_commit(git_repo: GitRepo, folder: str, count: int) -> None:
    first = _filled(git_repo, folder, count)
    git_repo.write(f"{folder}0.json", "other")
    git_repo.write(f"{folder}below/0.json", "0")
    second = git_repo.commit()
    paths = [f"{folder}{number}.json" for number in range(count)]
    wanted = {
        (commit, path): git_repo.git("rev-parse", f"{commit}:{path}")
        for commit in (first, second)
        for path in (paths[0], paths[-1])
    }
    asked = [(commit, path) for commit in (first, second) for path in paths]
    missing = [(first, f"{folder}none{number}.json") for number in range(count)]
    folders = [(second, f"{folder}below"), (second, f"nowhere/{folder}0.json")]
    found = blob_ids(GitProcess(str(git_repo.path / ".git")), [*asked, *asked, *missing, *folders])
    assert found.keys() == set(asked)
    assert {pair: found[pair] for pair in wanted} == wanted


def test_a_link_is_a_blob_and_a_submodule_is_none(git_repo: GitRepo, tmp_path: Path) -> None:
    module = GitRepo(tmp_path / "module")
    module.commit()
    git_repo.git("submodule", "add", "-q", str(module.path), "all/sub")
    git_repo.symlink("all/link", "0.json")
    commit = _filled(git_repo, "all/", MANY)
    git = GitProcess(str(git_repo.path / ".git"))
    few = [(commit, "all/link"), (commit, "all/sub"), (commit, "all/0.json")]
    many = [*few, *((commit, f"all/{number}.json") for number in range(MANY))]
    wanted = {pair: git_repo.git("rev-parse", ":".join(pair)) for pair in (few[0], few[2])}
    assert blob_ids(git, few) == wanted
    assert {pair: oid for pair, oid in blob_ids(git, many).items() if pair in few} == wanted


def test_git_reads_a_folder_once_however_many_of_its_files_are_asked_for(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = _filled(git_repo, "metrics/", MANY)
    started: list[str] = []
    start = GitProcess.start

    def recorded(self: GitProcess, *args: str, stdin: int = -1) -> object:
        started.append(args[0])
        return start(self, *args, stdin=stdin)

    monkeypatch.setattr(GitProcess, "start", recorded)
    git = GitProcess(str(git_repo.path / ".git"))
    assert len(blob_ids(git, [(commit, f"metrics/{n}.json") for n in range(MANY)])) == MANY
    assert started == ["ls-tree"]


@pytest.mark.parametrize("edits", [2, 3, 12])
def test_many_files_have_the_commits_that_each_has_alone(
    git_repo: GitRepo, edits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "NOISE_VALUES", 3)
    git_repo.write("rare.json", "0")
    git_repo.write("gone.json", "0")
    git_repo.commit()
    git_repo.remove("gone.json")
    for number in range(edits):
        git_repo.write("often.json", f"{number}")
        commit = git_repo.commit()
    paths = ("gone.json", "never.json", "often.json", "rare.json")
    git = GitProcess(str(git_repo.path / ".git"))
    found = recent_commits_of(git, [commit], paths)
    assert found == {path: recent_commits_of(git, [commit], (path,))[path] for path in paths}
    counts = {path: len(commits) for path, commits in found.items()}
    often = min(edits, limits.NOISE_VALUES)
    assert counts == {"gone.json": 2, "never.json": 0, "often.json": often, "rare.json": 1}
    assert found["gone.json"][0][1] is None


def test_git_is_asked_once_for_the_newest_commits_of_one_commit(
    git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    git_repo.write("m.json", "1")
    git_repo.write("dvc.lock", "1")
    commit = git_repo.commit()
    asked: list[str] = []
    line = GitProcess.line

    def recorded(self: GitProcess, *args: str) -> str:
        asked.append(args[0])
        return line(self, *args)

    monkeypatch.setattr(GitProcess, "line", recorded)
    history = open_history(git_repo.path)
    asked.clear()
    # As the noise of metrics does, and the search for repeated runs.
    assert {path: len(found) for path, found in history.recent_values(commit, ("m.json",)).items()}
    assert len(history.recent_commits(commit, ("dvc.lock",))["dvc.lock"]) == 1
    assert asked == ["rev-list"]
