"""The hooks, through the real pre-commit."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.support.git_repo import GitRepo, git_environment
from tests.support.projects import PIPELINE, project

ROOT = Path(__file__).parent.parent
MANIFEST = ROOT / ".pre-commit-hooks.yaml"
HOOKS = {hook["id"]: hook for hook in yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))}


def run(repo: GitRepo, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in the repository with this environment's programs on PATH."""
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    environment = git_environment() | {"PATH": path, "PRE_COMMIT_HOME": str(home)}
    return subprocess.run(
        arguments, cwd=repo.path, capture_output=True, text=True, env=environment, check=False
    )


@pytest.fixture
def hooked(git_repo: GitRepo, tmp_path: Path) -> tuple[GitRepo, Path]:
    """Make a repository whose hooks are those of the manifest, run in this environment."""
    project(git_repo)
    # An environment of its own, as `language: python` makes it, would take minutes and a network.
    hooks = [hook | {"language": "system"} for hook in HOOKS.values()]
    for hook in hooks:
        del hook["minimum_pre_commit_version"]
    config = {"repos": [{"repo": "local", "hooks": hooks}]}
    git_repo.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    git_repo.commit("hooks")
    home = tmp_path / "home"
    for stage in ("pre-commit", "pre-push"):
        done = run(git_repo, home, sys.executable, "-m", "pre_commit", "install", "-t", stage)
        assert done.returncode == 0, done.stdout + done.stderr
    return git_repo, home


def test_the_manifest_is_valid() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", str(MANIFEST)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert set(HOOKS) == {"lineage-diff-lint", "lineage-diff-status"}


def test_a_bad_pipeline_cannot_be_committed(hooked: tuple[GitRepo, Path]) -> None:
    repo, home = hooked
    repo.write("dvc.yaml", PIPELINE + "  train:\n    cmd: again\n")
    repo.git("add", "dvc.yaml")
    repo.write("dvc.yaml", PIPELINE)
    done = run(repo, home, "git", "commit", "-m", "bad")
    assert done.returncode == 1
    assert "duplicate-key" in done.stdout + done.stderr
    assert "dvc.yaml:8" in done.stdout + done.stderr
    assert repo.git("log", "-1", "--format=%s") == "hooks"
    repo.git("add", "dvc.yaml")
    repo.write("readme.yml", "a: 1\n")
    repo.git("add", "readme.yml")
    done = run(repo, home, "git", "commit", "-m", "good")
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_model_cannot_be_pushed(hooked: tuple[GitRepo, Path], tmp_path: Path) -> None:
    repo, home = hooked
    repo.clone(tmp_path / "bare", "--bare")
    repo.git("remote", "add", "origin", str(tmp_path / "bare"))
    repo.write("train.py", "print(2)\n")
    repo.git("add", "train.py")
    repo.git("commit", "-q", "--no-verify", "-m", "edit")
    done = run(repo, home, "git", "push", "origin", "main")
    assert done.returncode == 1
    assert "stale-model" in done.stdout + done.stderr
    repo.write("train.py", "print(1)\n")
    repo.git("add", "train.py")
    repo.git("commit", "-q", "--no-verify", "-m", "undo")
    done = run(repo, home, "git", "push", "origin", "main")
    assert done.returncode == 0, done.stdout + done.stderr
