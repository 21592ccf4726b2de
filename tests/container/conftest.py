"""The image is built once; what a second process builds after it is there already."""

from pathlib import Path

import pytest

from tests.action.scene import Scene
from tests.container import engine
from tests.container.run import ContainerRunner
from tests.support.github import GitHubServer


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
