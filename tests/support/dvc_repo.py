"""A builder of real DVC repositories for the tests, by the real DVC."""

import json
import os
import sys
import tempfile
from copy import copy
from pathlib import Path

from tests.support.git_repo import GitRepo, git_environment
from tests.support.json_process import JsonProcess

_SHELL = Path(__file__).with_name("dvc_shell.py")
_NOWHERE = str(Path(tempfile.gettempdir()) / "no-dvc-config")


def dvc_environment() -> dict[str, str]:
    """Return the environment in which DVC looks for no update and sends no analytics."""
    tools = str(Path(sys.executable).parent)
    return git_environment() | {
        "DVC_NO_ANALYTICS": "1",
        "DVC_GLOBAL_CONFIG_DIR": _NOWHERE,
        "DVC_SYSTEM_CONFIG_DIR": _NOWHERE,
        "PATH": os.pathsep.join([tools, os.environ.get("PATH", "")]),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class DvcShell:
    """One process that runs `dvc` commands."""

    def __init__(self) -> None:
        self._process = JsonProcess(_SHELL, dvc_environment())

    def run(self, folder: Path, *arguments: str) -> str:
        """Run one command, and return its output.

        An `AssertionError` holds DVC's message when it fails.
        """
        request = json.dumps({"folder": str(folder), "arguments": arguments})
        code, said, errors = self._process.ask(request)
        if code:
            raise AssertionError(f"dvc {' '.join(arguments)}: {said}{errors}")
        return str(said)

    def close(self) -> None:
        """End the process."""
        self._process.close()


class DvcRepo(GitRepo):
    """A Git repository with a DVC project in `project`, a folder relative to its root."""

    def __init__(self, path: Path, shell: DvcShell, project: str = "") -> None:
        super().__init__(path)
        self.project = project
        self.root = self.path / project
        self._shell = shell
        self.root.mkdir(parents=True, exist_ok=True)
        self.dvc("init", "-q", *(["--subdir"] if project else []))
        self.dvc("config", "core.autostage", "false")

    def copied(self, path: Path) -> "DvcRepo":
        """Return the builder of a copy of the whole folder."""
        made = copy(self)
        made.path = path
        made.root = path / self.project
        return made

    def dvc(self, *arguments: str, folder: str = "") -> None:
        """Run a `dvc` command in the project's root, or in a folder below it."""
        self._shell.run(self.root / folder, *arguments)

    def files(self, files: dict[str, str]) -> None:
        """Write files of the project."""
        for path, content in files.items():
            self.write(str(Path(self.project) / path), content)

    def edit(self, path: str, old: str, new: str) -> None:
        """Replace text in a file of the project; it must be there."""
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} does not hold {old!r}"
        file.write_text(text.replace(old, new), encoding="utf-8")

    def repro(self, message: str) -> str:
        """Run `dvc repro` on everything, and commit."""
        self.dvc("repro", "-q", "--all-pipelines")
        return self.save(message)

    def save(self, message: str) -> str:
        """Commit the work tree without what DVC ignores; return the commit's id."""
        self.git("add", "-A")
        self.git("commit", "-q", "--no-verify", "-m", message)
        return self._head()
