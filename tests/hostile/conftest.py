from pathlib import Path

import pytest

from tests.hostile.heads import FILES, big_lock, lock
from tests.support.git_repo import GitRepo


@pytest.fixture
def repo(tmp_path: Path) -> GitRepo:
    repo = GitRepo(tmp_path / "repo")
    for path, text in (FILES | {"dvc.lock": lock(), "big/dvc.lock": big_lock()}).items():
        repo.write(path, text)
    repo.commit("Base")
    repo.branch("hostile")
    return repo
