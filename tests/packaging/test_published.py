"""A release goes on only if the index serves the very files that were built."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.installed import ROOT, OutOfReachError, build


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    try:
        build(folder)
    except OutOfReachError as reason:
        pytest.skip(str(reason))
    return folder


def check(dist: Path, index: Path) -> subprocess.CompletedProcess[str]:
    program = str(ROOT / "scripts" / "check-published")
    command = [program, str(dist), "--find-links", str(index)]
    # The system's Python may have no pip.
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"]))
    return subprocess.run(
        command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )


def test_the_same_commit_makes_the_same_bytes(dist: Path, tmp_path: Path) -> None:
    again = build(tmp_path)
    assert [file.read_bytes() for file in again] == [
        (dist / file.name).read_bytes() for file in again
    ]
    assert check(dist, tmp_path).returncode == 0


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_a_file_of_other_bytes_is_refused(dist: Path, tmp_path: Path, kind: str) -> None:
    for file in build(tmp_path):
        if file.match(kind):
            file.write_bytes(file.read_bytes() + b"\0")
    done = check(dist, tmp_path)
    assert done.returncode != 0
    assert "DO NOT MATCH THE HASHES" in done.stderr


def test_a_version_that_is_not_there_is_refused(dist: Path, tmp_path: Path) -> None:
    done = check(dist, tmp_path)
    assert done.returncode != 0
    assert "No matching distribution" in done.stderr
