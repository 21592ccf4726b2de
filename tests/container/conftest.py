"""The image is built once for all tests of this folder, which run in one process after another."""

from pathlib import Path

import pytest

from tests.action.scene import Scene
from tests.container import engine
from tests.container.run import ContainerRunner
from tests.support.github import GitHubServer

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep them together where pytest-xdist, whose own hook comes later, runs several processes."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("container"))


@pytest.fixture(scope="session")
def image() -> str:
    """The image of the Dockerfile."""
    if reason := engine.missing():
        pytest.skip(reason)
    return engine.build()


@pytest.fixture
def scene(image: str, tmp_path: Path, github: GitHubServer) -> Scene:
    """A pull request that leaves a model stale, and a runner that starts containers."""
    scene = Scene(tmp_path, github)
    runner = scene.runner
    scene.runner = ContainerRunner(
        runner.workspace, runner.files, github, runner.token, image=image
    )
    return scene
