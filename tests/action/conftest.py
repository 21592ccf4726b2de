"""What the Action's tests start from."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.action.checkouts import make_origin
from tests.action.scene import Scene
from tests.support.git_repo import GitRepo

if TYPE_CHECKING:
    from tests.support.github import GitHubServer


@pytest.fixture
def scene(tmp_path: Path, github: "GitHubServer") -> Scene:
    return Scene(tmp_path, github)


@pytest.fixture
def origin(tmp_path: Path) -> GitRepo:
    return make_origin(tmp_path / "origin")
