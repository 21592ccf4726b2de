"""The pages, hooks and workflows name the tags that a release of this version makes."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from lineage_diff import __version__, project
from tests.support.git_repo import GitRepo, git_environment
from tests.workflows.files import ROOT, TO_COPY, in_readme

RELEASE: dict[str, Any] = yaml.safe_load(
    (ROOT / ".github" / "workflows" / "release.yml").read_text(encoding="utf-8")
)
HOOKS = (ROOT / "docs" / "hooks.md").read_text(encoding="utf-8")


def step(job: str, name: str) -> str:
    """Return the script of a step of the release workflow."""
    (found,) = [one for one in RELEASE["jobs"][job]["steps"] if one.get("name") == name]
    script: str = found["run"]
    return script


def set_version(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "scripts" / "set-version"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_release_makes_the_tags_that_the_constants_name(
    git_repo: GitRepo, tmp_path: Path
) -> None:
    git_repo.write("action.yml", "runs: {}\n")
    git_repo.commit("The image's digest")
    git_repo.clone(tmp_path / "origin", "--bare")
    git_repo.git("remote", "add", "origin", str(tmp_path / "origin"))
    # A tag of the line, as the release before left it: it moves.
    git_repo.git("push", "-q", "origin", f"HEAD:refs/tags/{project.LINE}")
    git_repo.write("action.yml", "runs: {using: docker}\n")
    git_repo.commit("The next one's")
    calls = tmp_path / "bin" / "gh"
    calls.parent.mkdir()
    calls.write_text('#!/bin/sh\necho "$@" >> "$CALLS"\n')
    calls.chmod(0o755)
    environment = git_environment() | {
        "PATH": os.pathsep.join((str(calls.parent), os.environ["PATH"])),
        "CALLS": str(tmp_path / "calls"),
        "TAG": f"v{__version__}",
        "REFERENCE": f"{project.IMAGE}@sha256:0",
    }
    script = step("release", "Let the version's tag lead to it, and that of its line")
    subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=git_repo.path, env=environment)
    made = git_repo.git("ls-remote", "--tags", "origin").split()
    head = git_repo.git("rev-parse", "HEAD").strip()
    tags = {project.TAG, project.LINE}
    assert dict(zip(made[1::2], made[::2], strict=True)) == {f"refs/tags/{t}": head for t in tags}
    assert f"release create {project.TAG} " in (tmp_path / "calls").read_text()


def test_the_image_is_built_for_both_architectures() -> None:
    (build,) = [one for one in RELEASE["jobs"]["image"]["steps"] if one.get("id") == "build"]
    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"


def test_every_page_names_this_version() -> None:
    done = set_version("--check")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("text", [in_readme(), *(file.read_text() for file in TO_COPY)])
def test_every_workflow_names_the_line(text: str) -> None:
    # Those of an organization run the command.
    command = f"'{project.NAME}[lake]=={project.TAG.removeprefix('v')}' {project.NAME} index "
    assert f"uses: {project.ACTION}" in text or command in text


def test_the_hooks_come_from_the_project_s_address() -> None:
    first = yaml.safe_load(HOOKS.split("```yaml\n")[1].partition("```")[0])["repos"][0]
    assert (first["repo"], first["rev"]) == (project.ADDRESS, project.TAG)


def test_the_image_s_labels_lead_to_the_project() -> None:
    addresses = re.findall(r"https://\S+?(?=/blob|\")", (ROOT / "Dockerfile").read_text())
    assert set(addresses) == {project.ADDRESS}


def test_a_new_version_is_written_everywhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "docs", tmp_path / "docs")
    shutil.copy(ROOT / "README.md", tmp_path)
    module = tmp_path / "src" / "lineage_diff" / "__init__.py"
    module.parent.mkdir(parents=True)
    shutil.copy(ROOT / "src" / "lineage_diff" / "__init__.py", module)
    module.write_text(module.read_text().replace(__version__, "7.0.1"))
    done = set_version("--check", tmp_path)
    assert done.returncode == 1
    assert f"README.md: {project.ACTION}" in done.stderr
    assert f"docs/hooks.md: - repo: {project.ADDRESS} rev: {project.TAG}" in done.stderr
    assert set_version("7.0.1", tmp_path).returncode == 0
    assert set_version("--check", tmp_path).returncode == 0
    assert f"uses: {project.REPOSITORY}@v7\n" in (tmp_path / "README.md").read_text()
    # A version of somebody's model is no version of ours.
    assert "churn@v1.2.0" in (tmp_path / "README.md").read_text()


@pytest.mark.parametrize("version", ["v1.2.3", "1.2", "1.2.3\n", "--help"])
def test_what_is_no_version_is_refused(version: str, tmp_path: Path) -> None:
    (tmp_path / "src" / "lineage_diff").mkdir(parents=True)
    (tmp_path / "src" / "lineage_diff" / "__init__.py").write_text('__version__ = "0.1.0"\n')
    done = set_version(version, tmp_path)
    assert done.returncode == 1
    assert "usage: scripts/set-version" in done.stderr
