"""A runner of GitHub Actions for one step in a container, with the mounts of GitHub's own.

https://github.com/actions/runner, ContainerActionHandler.cs and DockerCommandManager.cs
"""

import os
from dataclasses import dataclass, field
from pathlib import Path

from tests.action.runner import Runner
from tests.container.engine import run

# Whom the files of a GitHub-hosted runner belong to; the container runs as root.
OWNER = 1001


@dataclass
class ContainerRunner(Runner):
    """Runs the step in a fresh container of `image`, with more `options` for `docker run`."""

    image: str = ""
    network: str = "host"
    options: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)

    def start(self, event: str, folder: Path, inputs: dict[str, str]) -> tuple[int, str]:
        home = self.files / "home"
        home.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            give(self.workspace, OWNER)
        mounts = {
            self.workspace: "/github/workspace",
            folder: "/github/workflow",
            folder / "file_commands": "/github/file_commands",
            home: "/github/home",
        }
        (folder / "file_commands").mkdir()
        variables = self.variables(event, folder) | inputs
        done = run(
            f"--network={self.network}",
            "--workdir=/github/workspace",
            *(f"--volume={here}:{there}" for here, there in mounts.items()),
            *(option for name in variables for option in ("--env", name)),
            *self.options,
            self.image,
            *self.arguments,
            environment=variables,
        )
        assert not done.stderr, done.stderr
        for file in (folder / "file_commands").iterdir():
            file.rename(folder / file.name)
        return done.returncode, done.stdout

    def variables(self, event: str, folder: Path) -> dict[str, str]:
        return super().variables(event, folder) | {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_WORKSPACE": "/github/workspace",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "HOME": "/github/home",
        }


def give(folder: Path, owner: int) -> None:
    """Give a folder and all in it to a user."""
    os.chown(folder, owner, owner)
    for path, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(Path(path) / name, owner, owner, follow_symlinks=False)
