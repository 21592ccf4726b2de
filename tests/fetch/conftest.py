"""One repository for all tests, with its data pushed to a folder; each test works on a copy."""

import shutil
from pathlib import Path

import pytest

from tests.support.dvc_repo import DvcShell
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import fill, stored_repo


@pytest.fixture(scope="session")
def pushed_folder(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> Path:
    """A folder with `repo`, which has its cache still, and `store`, which holds everything."""
    folder = tmp_path_factory.mktemp("stored")
    fill(folder / "store", stored_repo(folder / "repo", shell))
    return folder


@pytest.fixture
def stored(pushed_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    """A copy of the repository without its cache, beside a copy of the storage."""
    nowhere = str(tmp_path / "nobody")
    for level in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"DVC_{level}_CONFIG_DIR", nowhere)
    shutil.copytree(pushed_folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "repo" / ".dvc" / "cache")
    return GitRepo(tmp_path / "repo")
