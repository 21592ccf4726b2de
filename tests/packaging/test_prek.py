"""prek installs the hooks of the manifest from a clone, and runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.packaging.installed import ROOT
from tests.support.git_repo import GitRepo, git_environment
from tests.support.projects import PIPELINE, project

PREK = Path(sys.executable).parent / "prek"


def test_a_bad_pipeline_is_refused_by_the_installed_hook(git_repo: GitRepo, tmp_path: Path) -> None:
    project(git_repo)
    revision = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
    hooks = [{"id": "lineage-diff-lint"}]
    config = {"repos": [{"repo": ROOT.as_uri(), "rev": revision, "hooks": hooks}]}
    git_repo.write(".pre-commit-config.yaml", yaml.safe_dump(config))
    git_repo.git("add", ".")
    path = os.pathsep.join((str(PREK.parent), os.environ["PATH"]))
    environment = git_environment() | {"PATH": path, "PREK_HOME": str(tmp_path / "home")}

    def prek() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(PREK), "run", "--all-files"],
            cwd=git_repo.path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = prek()
    if "Failed to fetch" in done.stdout + done.stderr:
        pytest.skip("the package registry is out of reach")
    assert done.returncode == 0, done.stdout + done.stderr
    git_repo.write("dvc.yaml", PIPELINE + "  train:\n    cmd: again\n")
    git_repo.git("add", ".")
    done = prek()
    assert done.returncode == 1
    assert "duplicate-key" in done.stdout
