"""The machine's container engine, by its `docker` command."""

import fcntl
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
BASE = "docker.io/library/python:3.12-slim-bookworm"
IMAGE = "lineage-diff:under-test"


@cache
def missing() -> str | None:
    """Say what this machine lacks to run containers, or `None`."""
    if shutil.which("docker") is None:
        return "this machine has no container engine: there is no `docker` command"
    if docker("info", check=False).returncode:
        return "this machine has no container engine: `docker info` fails"
    return None


def docker(
    *arguments: str, check: bool = True, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command of `docker`; an `AssertionError` holds what it says when it fails."""
    done = subprocess.run(
        ("docker", *arguments),
        env={**os.environ, **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    if check and done.returncode:
        raise AssertionError(f"docker {' '.join(arguments)}: {done.stdout}\n{done.stderr}")
    return done


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Keep other processes of the tests from doing the same at once."""
    with (Path(tempfile.gettempdir()) / "lineage-diff-containers.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build() -> str:
    """Build the image of the Dockerfile, and return its name; a second time it is there already."""
    with one_at_a_time():
        # BuildKit keeps the base to itself; to measure and to run workflows takes it in the store.
        if docker("image", "inspect", BASE, check=False).returncode:
            docker("pull", BASE)
        docker("build", "--tag", IMAGE, str(ROOT))
    return IMAGE


def run(
    *arguments: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a container, given the options and arguments of `docker run`; what came of it."""
    # Not `--rm`: an engine that removes the container may have forgotten its exit code.
    name = f"lineage-diff-{secrets.token_hex(8)}"
    try:
        named = ("run", f"--name={name}", *arguments)
        return docker(*named, check=False, environment=environment)
    finally:
        docker("rm", "--force", name, check=False)


def in_image(image: str, *command: str) -> str:
    """Run a command in a fresh container; return what it prints."""
    name, *arguments = command
    done = run("--network=host", f"--entrypoint={name}", image, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout
