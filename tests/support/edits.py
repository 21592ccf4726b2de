"""Edits of a repository's files, for tables of cases."""

from collections.abc import Callable
from typing import Any

from tests.support.git_repo import GitRepo

Edit = Callable[[GitRepo], Any]


def nothing(repo: GitRepo) -> None:
    """Leave all as it is."""


def written(path: str, text: str) -> Edit:
    """Write a file."""
    return lambda repo: repo.write(path, text)


def removed(path: str) -> Edit:
    """Remove a file."""
    return lambda repo: repo.remove(path)


def declared(old: str, new: str) -> Edit:
    """Replace a part of the `dvc.yaml`, which must be there."""

    def edit(repo: GitRepo) -> None:
        text = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
        assert old in text
        repo.write("dvc.yaml", text.replace(old, new))

    return edit
