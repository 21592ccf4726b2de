"""What the image is: small, quick to start, without a compiler, as GitHub's rules want it."""

import gzip
import io
import json
import os
import re
import shutil
import tarfile
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

from tests.container.engine import BASE, ROOT, docker, in_image, run
from tests.container.run import OWNER, give
from tests.support.git_repo import GitRepo
from tests.support.projects import project as make_project

PYTHON = "/opt/lineage-diff/bin/python"
PARTS_OF_DVC = {
    "dvc-azure",
    "dvc-data",
    "dvc-gs",
    "dvc-http",
    "dvc-objects",
    "dvc-render",
    "dvc-s3",
    "dvc-ssh",
    "dvc-studio-client",
    "dvc-task",
}


def size(image: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)


def test_it_adds_less_than_300_mb_to_its_base(image: str) -> None:
    assert size(image) - size(BASE) < 300_000_000


def test_a_runner_pulls_less_than_100_mb_beside_the_base(image: str, tmp_path: Path) -> None:
    """As a registry keeps it: each layer by itself, through gzip."""
    docker("save", "--output", str(tmp_path / "image.tar"), image)
    sizes = {}
    with tarfile.open(tmp_path / "image.tar") as archive:
        (manifest,) = json.load(archive.extractfile("manifest.json") or io.BytesIO())
        for name in manifest["Layers"][len(layers(BASE)) :]:
            counted = CountedBytes()
            with gzip.GzipFile(fileobj=counted, mode="wb", compresslevel=6) as packed:
                shutil.copyfileobj(archive.extractfile(name) or io.BytesIO(), packed)
            sizes[name] = counted.size
    print(sizes)
    assert 50_000_000 < sum(sizes.values()) < 100_000_000


def layers(image: str) -> list[str]:
    found: list[str] = json.loads(docker("image", "inspect", image).stdout)[0]["RootFS"]["Layers"]
    return found


class CountedBytes(io.RawIOBase):
    """Counts what is written to it, and keeps nothing."""

    size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.size += len(data)
        return len(data)


def test_it_holds_no_compiler(image: str) -> None:
    names = "cc c++ gcc g++ clang ld as make cmake rustc cargo"
    found = in_image(image, "sh", "-c", f"for name in {names}; do command -v $name; done; true")
    assert found == ""


def test_it_holds_the_usual_remotes_of_dvc_and_no_other(image: str) -> None:
    code = "import importlib.metadata as m; print(*(d.name.lower() for d in m.distributions()))"
    names = in_image(image, PYTHON, "-I", "-c", code).split()
    assert {name for name in names if name.startswith("dvc-")} == PARTS_OF_DVC


# The clients that a remote of S3 opens: of the files, and of each way to sign in.
CLIENTS = """
import botocore.session, dvc_azure, dvc_gs, dvc_s3, dvc_ssh, adlfs, gcsfs, s3fs, sshfs
session = botocore.session.get_session()
session.set_credentials("a", "b")
for name in ("s3", "sts", "sso", "sso-oidc", "signin"):
    print(session.create_client(name, region_name="eu-west-1").meta.endpoint_url)
"""


def test_every_remote_can_be_opened_with_what_was_left_in(image: str) -> None:
    assert len(in_image(image, PYTHON, "-I", "-c", CLIENTS).split()) == 5


def test_the_command_and_a_shell_run_beside_the_action(image: str, git_repo: GitRepo) -> None:
    """`docker run IMAGE COMMAND`; GitLab pipes a script into `sh`, Jenkins starts `cat`."""
    make_project(git_repo)
    git_repo.write("train.py", "print(2)\n")
    git_repo.write("yaml.py", "raise SystemExit('not isolated')\n")
    git_repo.commit("edit")
    if os.geteuid() == 0:
        give(git_repo.path, OWNER)
    there = ("--network=host", f"--volume={git_repo.path}:/repo", "--workdir=/repo", image)
    compare = ("lineage-diff", "compare", "HEAD~1")
    for command in (compare, ("sh", "-c", " ".join(compare)), ("bash", "-lc", " ".join(compare))):
        done = run("--env=PYTHONPATH=/repo", *there, *command)
        assert done.returncode == 1, done.stderr
        assert "1 model is stale" in done.stdout
    assert run(*there, "no-such-program").returncode == 127


def test_packages_can_be_installed_in_it(image: str) -> None:
    script = "apt-get check -qq && apt-get install -qq --simulate git && perl -e 'use strict'"
    in_image(image, "sh", "-c", script)


def test_its_configuration_keeps_github_s_rules(image: str) -> None:
    # https://docs.github.com/actions/reference/workflows-and-actions/dockerfile-support
    config = json.loads(docker("image", "inspect", image).stdout)[0]["Config"]
    assert config["Entrypoint"][0] == PYTHON
    assert config["Entrypoint"][-2:] == ["-m", "lineage_diff.github_action"]
    assert not config.get("User")
    assert config.get("WorkingDir") in (None, "", "/")
    labels = {name for name in config["Labels"] if name.startswith("org.opencontainers.image.")}
    assert {name.rpartition(".")[2] for name in labels} == {
        "title",
        "description",
        "source",
        "documentation",
        "licenses",
    }


def test_every_module_that_a_start_needs_is_compiled(image: str) -> None:
    code = (
        "import sys, lineage_diff.github_action.dispatch, lineage_diff.app.compare;"
        "import lineage_diff.forge.github.client;"
        "print(*(m.__cached__ for m in sys.modules.values() if getattr(m, '__cached__', None)))"
    )
    compiled = in_image(image, PYTHON, "-I", "-B", "-c", code).split()
    assert len(compiled) > 100
    here = in_image(image, "sh", "-c", f"ls {' '.join(compiled)}").split()
    assert set(here) == set(compiled)


# Prints the least time of the processor that a few starts take up to their first line, in seconds.
STARTS = """
import json, resource, subprocess, sys
def spent():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
times = [spent()]
for _ in range(5):
    done = subprocess.run(json.loads(sys.argv[1]), stdout=subprocess.PIPE)
    assert b"GITHUB_REPOSITORY is not set" in done.stdout
    times.append(spent())
print(min(after - before for before, after in zip(times, times[1:])))
"""


def test_the_first_line_of_work_takes_less_than_600_ms(image: str) -> None:
    """Of the processor: how long an engine takes to make a container is the machine's affair."""
    entry = json.loads(docker("image", "inspect", image).stdout)[0]["Config"]["Entrypoint"]
    assert float(in_image(image, PYTHON, "-I", "-c", STARTS, json.dumps(entry))) < 0.6


def test_the_locked_versions_are_those_that_the_package_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    entries = [line.removesuffix(" \\").partition(" ;")[0] for line in lines]
    locked = dict(line.split("==") for line in entries if re.match(r"\S+==", line))
    extras = project["optional-dependencies"]
    stored = [one for name in ("s3", "gs", "azure", "ssh") for one in extras[name]]
    for dependency in map(Requirement, [*project["dependencies"], *stored]):
        version = locked[dependency.name.lower().replace(".", "-")]
        assert dependency.specifier.contains(version), dependency


def test_every_locked_version_is_locked_by_its_content() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = text.split("\n")
    for number, line in enumerate(entries):
        if re.match(r"\S+==", line):
            assert entries[number + 1].startswith("    --hash=sha256:"), line


@pytest.mark.parametrize("line", ["USER", "WORKDIR", "ADD", "VOLUME"])
def test_the_dockerfile_has_no_such_instruction(line: str) -> None:
    instructions = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert not any(text.startswith(f"{line} ") for text in instructions)
