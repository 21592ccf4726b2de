"""The Action without Docker: the README's workflow with it, run for real in a container."""

import re
import shutil
import ssl
import subprocess
from pathlib import Path

import pytest
import yaml

from lineage_diff.project import ACTION, LINE, REPOSITORY
from tests.action.scene import Scene
from tests.container.act import REPLACED, Act
from tests.container.engine import ROOT
from tests.packaging.installed import UV
from tests.support.github import pull_request_event
from tests.workflows.files import METADATA, in_readme

NATIVE = f"{REPOSITORY}/native@{LINE}"
SOURCES = ("action.yml", "requirements.lock", "native", "src", "templates")
COM = pytest.mark.parametrize("github", ["github.com"], indirect=True)


def checked_out(folder: Path) -> Path:
    """Copy what a runner checks out of the Action's repository, and the step needs."""
    folder.mkdir()
    for name in SOURCES:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, folder)
    return folder


@COM
def test_the_readme_s_workflow(scene: Scene, image: str, tmp_path: Path) -> None:
    found = subprocess.run([UV, "cache", "dir"], capture_output=True, text=True, check=True)
    text = (ROOT / "native" / "action.yml").read_text(encoding="utf-8")
    (setup,) = re.findall(r"uses: (astral-sh/setup-uv@\w+)", text)
    workflow = tmp_path / "lineage.yml"
    workflow.write_text(in_readme().replace(ACTION, NATIVE), encoding="utf-8")
    scene.checkout.git("checkout", "-q", "--detach", "origin/main")
    scene.checkout.merge("origin/more-data")
    # Nothing of the workspace decides what is installed or imported.
    (scene.checkout.path / "uv.toml").write_text("offline = true\n")
    (scene.checkout.path / "yaml.py").write_text("raise SystemExit('imported')\n")
    act = Act(
        scene.checkout.path,
        checked_out(tmp_path / "action"),
        tmp_path / "act",
        scene.github,
        scene.runner.token,
    )
    mounts = {UV: "/usr/local/bin/uv:ro", found.stdout.strip(): "/root/.cache/uv"}
    # Whom this machine trusts for the registry, the container's uv trusts.
    trusted = ssl.get_default_verify_paths().cafile
    trusts: tuple[str, ...] = ()
    if trusted is not None:
        mounts[trusted] = "/trusted.pem:ro"
        trusts = ("--env=SSL_CERT_FILE=/trusted.pem",)
    options = " ".join(f"--volume={here}:{there}" for here, there in mounts.items())
    ran = act.run(
        workflow,
        "pull_request",
        pull_request_event(scene.github, scene.pull()),
        # The base has no Git, which every runner has; what else the image holds is not used.
        f"--platform=ubuntu-latest={image}",
        f"--container-options={options}",
        *trusts,
        f"--local-repository={setup}={REPLACED / 'setup-uv'}",
    )
    assert ran.code == 1, ran.log
    (comment,) = scene.comments()
    assert "1 model is stale" in comment
    assert "<picture>" in comment
    assert scene.runner.token not in ran.log


def test_it_starts_no_container() -> None:
    loaded = yaml.safe_load((METADATA.parent / "native" / "action.yml").read_bytes())
    assert loaded["runs"]["using"] == "composite"
    assert "docker" not in str(loaded["runs"])
