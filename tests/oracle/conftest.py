"""The real repositories, built once for all tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.dvc_repos import BUILDERS

Build = Callable[[str], DvcRepo]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> Build:
    """Return a real repository by its builder's name; each is built when first asked for."""
    folder: Path = tmp_path_factory.mktemp("dvc")
    made: dict[str, DvcRepo] = {}

    def build(name: str) -> DvcRepo:
        if name not in made:
            made[name] = BUILDERS[name](folder / name, shell)
        return made[name]

    return build
