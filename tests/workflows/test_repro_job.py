"""The steps of after-merge.yml that run `dvc repro` and propose the lock: it cannot loop.

Its scripts run as they stand in the file, in bash, with the real DVC and Git. `gh`, which only asks
GitHub, is a stand-in that records its calls. `uses:` and `if:` are GitHub's part.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from lineage_diff.app.status import StatusRequest, status_of
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment
from tests.support.git_repo import GitRepo
from tests.workflows.files import ROOT

BRANCH = "lineage-diff/repro"
GH = """#!/bin/sh
echo "$@" >> "$GH_LOG"
case "$1 $2" in
"pr view") [ ! -e "$GH_OPEN" ] || echo OPEN ;;
"pr create") : > "$GH_OPEN" ;;
esac
"""
JOBS = yaml.safe_load((ROOT / "docs" / "workflows" / "after-merge.yml").read_bytes())["jobs"]
SCRIPTS = [step["run"] for step in JOBS["repro"]["steps"] if "run" in step]


class Repro:
    """The job on a runner with a checkout of its own for each run."""

    def __init__(self, folder: Path, origin: GitRepo) -> None:
        self._folder = folder
        self._origin = origin
        self._runs = 0
        tools = folder / "bin"
        tools.mkdir()
        (tools / "gh").write_text(GH)
        (tools / "gh").chmod(0o755)
        self._variables = dvc_environment() | {
            "GH_LOG": str(folder / "gh.log"),
            "GH_OPEN": str(folder / "open"),
            "BRANCH": BRANCH,
            "BASE": "main",
        }
        self._variables["PATH"] = os.pathsep.join([str(tools), self._variables["PATH"]])

    def run(self, targets: list[str]) -> list[str]:
        """Run the job's scripts on the tip of main; return the calls of `gh`."""
        self._runs += 1
        log = Path(self._variables["GH_LOG"])
        log.write_text("")
        checkout = self._origin.clone(self._folder / f"run-{self._runs}", "--branch=main")
        for script in SCRIPTS:
            subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
                cwd=checkout.path,
                env=self._variables | {"TARGETS": json.dumps(targets)},
                check=True,
            )
        return [" ".join(line.split()[:2]) for line in log.read_text().splitlines()]


def targets_of(origin: GitRepo) -> list[str]:
    return list(status_of(StatusRequest(str(origin.path), "main")).report.repro.targets)


@pytest.mark.skipif(shutil.which("jq") is None, reason="there is no jq")
def test_it_proposes_the_lock_once_and_then_nothing(tmp_path: Path, shell: DvcShell) -> None:
    repo = DvcRepo(tmp_path / "origin", shell)
    repo.dvc("remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    repo.files(
        {
            "dvc.yaml": "stages:\n  train:\n    cmd: cp in.txt model.pkl\n"
            "    deps: [in.txt]\n    outs: [model.pkl]\n",
            "in.txt": "one\n",
        }
    )
    repo.repro("train")
    repo.dvc("push", "-q")
    assert targets_of(repo) == []
    repo.edit("in.txt", "one", "two")
    repo.save("edit the input")
    stale = targets_of(repo)
    assert stale == ["train"]

    job = Repro(tmp_path, repo)
    assert job.run(stale) == ["auth setup-git", "pr view", "pr create"]
    # Nothing was merged: the next push proposes on the same branch, with the same pull request.
    first = repo.git("rev-parse", f"{BRANCH}^{{tree}}")
    assert job.run(stale) == ["auth setup-git", "pr view"]
    assert repo.git("rev-parse", f"{BRANCH}^{{tree}}") == first
    assert repo.git("for-each-ref", "--format=%(refname:short)", "refs/heads").split() == [
        BRANCH,
        "main",
    ]
    repo.merge(BRANCH)
    assert targets_of(repo) == []
    # `if:` skips the job now; were it run all the same, it would propose nothing.
    assert job.run(stale) == []
