"""The Git directory of a folder: held against what GitPython finds."""

from pathlib import Path

import pytest
from git import InvalidGitRepositoryError, Repo

from lineage_diff.errors import InputError
from lineage_diff.git.discovery import find_git_dir
from lineage_diff.git.repository import open_repository
from tests.support.git_repo import GitRepo


@pytest.fixture
def around(git_repo: GitRepo, tmp_path: Path) -> dict[str, Path]:
    git_repo.write("sub/folder/file", "text")
    git_repo.commit()
    bare, worktree, link = tmp_path / "bare", tmp_path / "worktree", tmp_path / "link"
    git_repo.git("clone", "-q", "--bare", ".", str(bare))
    git_repo.git("worktree", "add", "-q", str(worktree), "-b", "side")
    git_repo.git("submodule", "--quiet", "add", str(bare), "module")
    git_repo.write("pretender/.git/HEAD", "ref: refs/heads/main\n")
    git_repo.write("line\nend/file", "text")
    link.symlink_to(git_repo.path)
    return {
        "top": git_repo.path,
        "folder": git_repo.path / "sub/folder",
        "bare": bare,
        "inside bare": bare / "refs",
        "worktree": worktree,
        "submodule": git_repo.path / "module",
        "not a Git directory": git_repo.path / "pretender",
        "line end": git_repo.path / "line\nend",
        "link": link,
    }


@pytest.mark.parametrize(
    "kind",
    [
        "top",
        "folder",
        "bare",
        "inside bare",
        "worktree",
        "submodule",
        "not a Git directory",
        "line end",
        "link",
    ],
)
def test_found_as_git_python_finds_it(around: dict[str, Path], kind: str) -> None:
    path = around[kind]
    found, theirs = find_git_dir(path), Repo(path.resolve(), search_parent_directories=True)
    assert Path(found.git_dir).samefile(theirs.git_dir)
    assert Path(found.common_dir).samefile(theirs.common_dir)
    assert found.bare == theirs.bare
    tree = open_repository(path).work_tree
    assert (
        tree is None
        if theirs.working_tree_dir is None
        else Path(str(tree)).samefile(theirs.working_tree_dir)
    )


def test_none(tmp_path: Path) -> None:
    with pytest.raises(InvalidGitRepositoryError):
        Repo(tmp_path, search_parent_directories=True)
    with pytest.raises(InputError, match="not a Git repository"):
        find_git_dir(tmp_path)


def test_a_file_is_no_folder(git_repo: GitRepo) -> None:
    git_repo.write("file", "text")
    assert Path(find_git_dir(git_repo.path / "file").git_dir).samefile(git_repo.path / ".git")


def test_a_link_that_leads_to_itself(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(InputError, match="no such folder"):
        find_git_dir(tmp_path / "loop")


def test_a_configuration_that_breaks_meanwhile(git_repo: GitRepo) -> None:
    repository = open_repository(git_repo.path)
    with (git_repo.path / ".git/config").open("a") as config:
        config.write("[broken\n")
    with pytest.raises(InputError, match="bad config line"):
        _ = repository.work_tree
