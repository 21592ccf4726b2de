"""What the image is: small, quick to start, without a compiler, as GitHub's rules want it."""

import json
import tomllib

import pytest
from packaging.requirements import Requirement

from tests.container.engine import BASE, ROOT, docker, in_image

pytestmark = pytest.mark.xdist_group("container")

PYTHON = "/opt/lineage-diff/bin/python"
# Plain parts of DVC. Those of its remotes are called dvc-s3, dvc-gs, dvc-azure, dvc-ssh and so on.
PARTS_OF_DVC = {
    "dvc-data",
    "dvc-http",
    "dvc-objects",
    "dvc-render",
    "dvc-studio-client",
    "dvc-task",
}


def size(image: str) -> int:
    return int(docker("image", "inspect", "--format", "{{.Size}}", image).stdout)


def test_it_adds_less_than_300_mb_to_its_base(image: str) -> None:
    assert size(image) - size(BASE) < 300_000_000


def test_it_holds_no_compiler(image: str) -> None:
    names = "cc c++ gcc g++ clang ld as make cmake rustc cargo"
    found = in_image(image, "sh", "-c", f"for name in {names}; do command -v $name; done; true")
    assert found == ""


def test_it_holds_no_remotes_of_dvc(image: str) -> None:
    code = "import importlib.metadata as m; print(*(d.name.lower() for d in m.distributions()))"
    names = in_image(image, PYTHON, "-I", "-c", code).split()
    assert {name for name in names if name.startswith("dvc-")} == PARTS_OF_DVC


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
    locked = dict(line.removesuffix(" \\").split("==") for line in lines if "==" in line)
    for dependency in map(Requirement, project["dependencies"]):
        version = locked[dependency.name.lower().replace(".", "-")]
        assert dependency.specifier.contains(version), dependency


def test_every_locked_version_is_locked_by_its_content() -> None:
    text = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    entries = text.split("\n")
    for number, line in enumerate(entries):
        if "==" in line:
            assert entries[number + 1].startswith("    --hash=sha256:"), line


@pytest.mark.parametrize("line", ["USER", "WORKDIR", "ADD", "VOLUME"])
def test_the_dockerfile_has_no_such_instruction(line: str) -> None:
    instructions = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert not any(text.startswith(f"{line} ") for text in instructions)
