"""Fixtures that every room's tests use."""

from pathlib import Path

import pytest

from tests.support.git_repo import GitRepo


@pytest.fixture
def git_repo(tmp_path: Path) -> GitRepo:
    return GitRepo(tmp_path / "repo")
