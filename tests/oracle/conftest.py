"""The real repositories, built once for all tests."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.dvc_repos import BUILDERS

HERE = Path(__file__).parent
Build = Callable[[str], DvcRepo]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let one worker run all tests of a real repository: it takes DVC long to build."""
    for item in items:
        if item.path.parent == HERE and "built" in getattr(item, "fixturenames", ()):
            case = getattr(item, "callspec", None)
            name = "plain" if case is None else case.params.get("name", "plain")
            item.add_marker(pytest.mark.xdist_group(f"oracle {name}"))


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
