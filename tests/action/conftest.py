"""What the Action's tests start from."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.action.scene import Scene

if TYPE_CHECKING:
    from tests.support.github import GitHubServer


@pytest.fixture
def scene(tmp_path: Path, github: "GitHubServer") -> Scene:
    return Scene(tmp_path, github)
