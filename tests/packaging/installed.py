"""Builds the wheel and the sdist, and installs the wheel in an empty environment, by uv."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.support.git_repo import git_environment

ROOT = Path(__file__).parent.parent.parent
UV = Path(sys.executable).parent / "uv"
VERSIONS = ("3.11", "3.12", "3.13")


class OutOfReachError(Exception):
    """uv, an interpreter or the package registry is missing; the text says which."""


@dataclass(frozen=True)
class Environment:
    """A virtual environment with the wheel and what it depends on."""

    folder: Path

    def run(self, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs; nothing of this machine's Python reaches it."""
        name, *rest = arguments
        kept = {k: v for k, v in git_environment().items() if not k.startswith("PYTHON")}
        return subprocess.run(
            [str(self.folder / "bin" / name), *rest],
            cwd=cwd,
            env=kept | {"COLUMNS": "80", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )


def build(folder: Path) -> tuple[Path, Path]:
    """Return the wheel, which is built from the sdist, and the sdist.

    Raises `OutOfReachError`.
    """
    _uv("build", "--out-dir", str(folder), str(ROOT))
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return wheel, sdist


def install(wheel: Path, version: str, folder: Path) -> Environment:
    """Install a wheel in a new environment of this Python version. Raises `OutOfReachError`."""
    _uv("venv", "--python", _interpreter(version), str(folder))
    _uv("pip", "install", "--python", str(folder), str(wheel))
    return Environment(folder)


def _interpreter(version: str) -> str:
    """Return an interpreter of the machine, on the PATH or among those of pyenv."""
    versions = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for found in sorted(versions.glob(f"{version}.*/bin/python")):
        return str(found)
    on_path = shutil.which(f"python{version}")
    if on_path is None:
        raise OutOfReachError(f"there is no python{version}")
    return on_path


def _uv(*arguments: str) -> None:
    if not UV.exists():
        raise OutOfReachError("there is no uv: it comes with the extra `dev`")
    command = [str(UV), *arguments, "--quiet", "--no-python-downloads"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode and "Failed to fetch" in done.stderr:
        raise OutOfReachError(f"the package registry is out of reach: {done.stderr}")
    assert done.returncode == 0, done.stderr
