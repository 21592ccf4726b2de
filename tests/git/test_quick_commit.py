"""A commit by libgit2 is the commit that Git makes, and leaves the same repository."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import git_repo
from tests.support import quick_commit as quick_commit_module
from tests.support.git_repo import GitRepo

Edit = Callable[[GitRepo], object]


def _link(repo: GitRepo) -> None:
    repo.symlink("link", "../somewhere/else")
    repo.symlink("folder-link", "data")
    repo.write("data/x", "1")


def _names(repo: GitRepo) -> None:
    # A file and a folder whose order depends on the slash that only a folder has.
    for path in (
        "a",
        "b/c",
        "b.c",
        "b0",
        "ü/é",
        "a b",
        "-x",
        "B",
        "a\\b",
        f"{'long' * 60}/{'n' * 200}",
    ):
        repo.write(path, path)
    Path(os.fsdecode(os.fsencode(repo.path) + b"/\xff")).write_bytes(b"")


def _ignored(repo: GitRepo) -> None:
    repo.write(".gitignore", "*.csv\n")
    repo.write("data/.gitignore", "/x\n")
    repo.write("a.csv", "1")
    repo.write("data/x", "1")
    repo.write(".github/workflows/x.yml", "")


def _folder_for_file(repo: GitRepo) -> None:
    repo.remove("file")
    repo.write("file/inner", "1")


# Each is made on top of a commit with `file`, or of nothing.
USUAL: dict[str, Edit] = {
    "nothing": lambda repo: None,
    "a file": lambda repo: repo.write("a/b/c.txt", "text\r\n"),
    "an edit of the same size": lambda repo: repo.write("file", "two"),
    "links": _link,
    "names": _names,
    "ignored files": _ignored,
    "an executable": lambda repo: repo.write("run.sh", "#!/bin/sh\n", executable=True),
    "an empty folder": lambda repo: (repo.path / "empty/inner").mkdir(parents=True),
    "bytes": lambda repo: repo.write("bytes", bytes(range(256)) * 40),
}
ON_A_COMMIT: dict[str, Edit] = {
    "a removed file": lambda repo: repo.remove("file"),
    "a folder for a file": _folder_for_file,
    "a branch": lambda repo: repo.branch("a/b"),
    "a detached head": lambda repo: repo.checkout("HEAD~0"),
    "a file that Git is not to look at": lambda repo: (
        repo.git("update-index", "--assume-unchanged", "file"),
        repo.write("file", "another"),
    ),
    "a setting": lambda repo: repo.git("config", "core.fileMode", "false"),
    "packed branches": lambda repo: repo.git("pack-refs", "--all"),
    "an older index": lambda repo: repo.git("update-index", "--force-remove", "file"),
}


def _attributes(repo: GitRepo) -> None:
    repo.write(".gitattributes", "*.txt text\n")
    repo.write("a.txt", "1\r\n")


def _inner(repo: GitRepo) -> None:
    GitRepo(repo.path / "inner").write("x", "1")
    GitRepo(repo.path / "inner").commit()


def _absent_module(repo: GitRepo) -> None:
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},module")
    (repo.path / "module").mkdir()


def _merge(repo: GitRepo) -> None:
    repo.git("checkout", "-q", "-b", "side", "HEAD~0")
    repo.write("side", "1")
    repo.commit()
    repo.checkout("main")
    repo.git("merge", "-q", "--no-ff", "--no-commit", "side")


LEFT_TO_GIT: dict[str, Edit] = {
    "attributes": _attributes,
    "another repository": _inner,
    "a submodule that is not there": _absent_module,
    "a merge": _merge,
    "a hook": lambda repo: repo.write(".git/hooks/post-commit", "", executable=True),
}
MESSAGES = ("Change", "Änder", "Subject\n\nBody\nof two lines", "# no comment", "a: b [skip ci]")
CLEANED = (" x", "x\n", "a\n\n\nb", "a \nb", "a\nb")


@pytest.fixture
def twins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[GitRepo, GitRepo, list[bool]]:
    """Two repositories, of which Git makes the commits of the second; whether it was left to it."""
    left: list[bool] = []
    quick_commit = quick_commit_module.quick_commit

    def watched(worktree: Path, message: str, second: int) -> str | None:
        if worktree.name == "slow":
            return None
        made = quick_commit(worktree, message, second)
        if worktree.name == "quick":
            left.append(made is None)
        return made

    monkeypatch.setattr(git_repo, "quick_commit", watched)
    return GitRepo(tmp_path / "quick"), GitRepo(tmp_path / "slow"), left


def _seen(repo: GitRepo) -> tuple[str, ...]:
    asked = (
        ("log", "--all", "--format=raw"),
        ("log", "-g", "--format=%H %gd %gs %gn %ge", "HEAD"),
        ("ls-files", "--stage"),
        ("status", "--porcelain=v2", "--ignored", "--branch"),
        ("for-each-ref",),
        ("diff-files", "-p"),
        ("fsck", "--strict", "--no-dangling"),
    )
    logs = sorted(x.relative_to(repo.path).as_posix() for x in repo.path.glob(".git/logs/**/*"))
    return (*(repo.git(*question) for question in asked), *logs)


def _assert_equal(twins: tuple[GitRepo, GitRepo, list[bool]], edits: list[Edit]) -> list[bool]:
    quick, slow, left = twins
    for edit in edits:
        ids = []
        for repo in (quick, slow):
            edit(repo)
            ids.append(repo.commit())
        assert ids[0] == ids[1]
        assert _seen(quick) == _seen(slow)
    return left


def _first(repo: GitRepo) -> None:
    repo.write("file", "one")


@pytest.mark.parametrize("name", USUAL)
def test_a_first_commit_is_that_of_git(
    twins: tuple[GitRepo, GitRepo, list[bool]], name: str
) -> None:
    assert _assert_equal(twins, [USUAL[name], _first]) == [False] * 2


@pytest.mark.parametrize("name", [*USUAL, *ON_A_COMMIT])
def test_a_commit_on_another_is_that_of_git(
    twins: tuple[GitRepo, GitRepo, list[bool]], name: str
) -> None:
    edit = (USUAL | ON_A_COMMIT)[name]
    assert _assert_equal(twins, [_first, edit]) == [False] * 2


@pytest.mark.parametrize("name", LEFT_TO_GIT)
def test_what_is_not_usual_is_left_to_git(
    twins: tuple[GitRepo, GitRepo, list[bool]], name: str
) -> None:
    assert _assert_equal(twins, [_first, LEFT_TO_GIT[name]])[-1]


@pytest.mark.parametrize("message", [*MESSAGES, *CLEANED])
def test_messages_are_those_that_git_would_keep(
    twins: tuple[GitRepo, GitRepo, list[bool]], message: str
) -> None:
    quick, slow, left = twins
    ids = [repo.commit(message) for repo in (quick, slow)]
    assert ids[0] == ids[1]
    assert _seen(quick) == _seen(slow)
    assert left == [message in CLEANED]


def test_an_edit_at_once_after_a_commit_is_seen(git_repo: GitRepo) -> None:
    git_repo.write("file", "one")
    git_repo.commit()
    git_repo.write("file", "two")
    assert git_repo.git("status", "--porcelain") == " M file"


def test_a_repository_of_another_format_is_left_to_git(tmp_path: Path) -> None:
    subprocess.run(("git", "init", "-q", "--object-format=sha256", tmp_path), check=True)
    assert len(GitRepo(tmp_path).commit()) == 64
