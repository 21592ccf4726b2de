"""Runs a workflow for real by `act`, against a stand-in for GitHub.

The job runs in the base image of our own, which has a shell and no Node. So `actions/checkout` is
that of `act` itself, which copies the checkout; for another repository it is replaced by one of
this folder, as are actions/upload-artifact and download-artifact, which keep files by run and name
as GitHub's do, and actions/create-github-app-token. Everything else of a workflow is as it stands
in the file.
"""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from lineage_diff.project import ACTION
from tests.action.payloads import HOME
from tests.container.engine import BASE, one_at_a_time
from tests.container.engine_cache import before_engine
from tests.support.github import GitHubServer

REPLACED = Path(__file__).parent / "actions"


@dataclass(frozen=True)
class Ran:
    """What a run of a workflow left: all of its log, and by name the files of its artifacts."""

    code: int
    log: str
    artifacts: dict[str, list[str]]


@dataclass
class Act:
    """Runs workflows in a checkout. `action` is the folder that holds the published action."""

    checkout: Path
    action: Path
    folder: Path
    github: GitHubServer
    token: str
    runs: int = field(default=0)

    def run(self, workflow: Path, event: str, payload: dict[str, Any], *options: str) -> Ran:
        """Run a workflow file on an event. Each run has a number of its own, from 1."""
        # It names its containers after workflow and job.
        with one_at_a_time(), before_engine() as host:
            return self._run(host, workflow, event, payload, *options)

    def _run(
        self,
        host: dict[str, str],
        workflow: Path,
        event: str,
        payload: dict[str, Any],
        *options: str,
    ) -> Ran:
        self.runs += 1
        text = workflow.read_text(encoding="utf-8")
        kept = self.folder / "artifacts"
        kept.mkdir(parents=True, exist_ok=True)
        happened = self.folder / f"event-{self.runs}.json"
        happened.write_text(json.dumps(payload), encoding="utf-8")
        variables = {
            "GITHUB_API_URL": self.github.api_url,
            "GITHUB_SERVER_URL": self.github.url,
            "GITHUB_REPOSITORY": HOME,
            "GITHUB_RUN_ID": str(self.runs),
        }
        done = subprocess.run(
            [
                Path(sys.executable).parent / "act",
                event,
                f"--workflows={workflow}",
                f"--eventpath={happened}",
                f"--platform=ubuntu-latest={BASE}",
                f"--platform=self-hosted={BASE}",
                "--pull=false",
                "--rm",
                "--network=host",
                "--container-daemon-socket=-",
                f"--container-options=--volume={kept}:/artifacts",
                f"--action-cache-path={self.folder / 'cache'}",
                f"--local-repository={ACTION}={self.action}",
                *(f"--local-repository={use}" for use in _replaced(text)),
                f"--secret=GITHUB_TOKEN={self.token}",
                *(f"--env={name}={value}" for name, value in variables.items()),
                *options,
            ],
            cwd=self.checkout,
            env=os.environ | host | {"XDG_CONFIG_HOME": str(self.folder), "HOME": str(self.folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            check=False,
        )
        # Shown where a test fails.
        print(done.stdout)
        return Ran(done.returncode, done.stdout, _files(kept / str(self.runs)))


def _replaced(text: str) -> list[str]:
    """Return each action that has a stand-in, with the stand-in's folder."""
    uses = set(re.findall(r"uses: (actions/[\w-]+@\w+)", text))
    folders = {use: REPLACED / use.partition("/")[2].partition("@")[0] for use in uses}
    return [f"{use}={folders[use]}" for use in sorted(uses) if folders[use].is_dir()]


def _files(folder: Path) -> dict[str, list[str]]:
    if not folder.is_dir():
        return {}
    return {
        artifact.name: sorted(
            str(file.relative_to(artifact)) for file in artifact.rglob("*") if file.is_file()
        )
        for artifact in folder.iterdir()
    }


def starts_image(metadata: Path, image: str, folder: Path) -> Path:
    """Make a folder with an `action.yml` that starts an image, as a release's does."""
    loaded = yaml.safe_load(metadata.read_text(encoding="utf-8"))
    loaded["runs"]["image"] = f"docker://{image}"
    folder.mkdir()
    (folder / "action.yml").write_text(yaml.safe_dump(loaded), encoding="utf-8")
    return folder
