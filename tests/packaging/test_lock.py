"""The lock can be installed on every platform that the pages name, without a compiler."""

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.packaging.installed import ROOT, UV

# Their wheels are the only thing that differs.
PLATFORMS = (
    "x86_64-manylinux_2_28",
    "aarch64-manylinux_2_28",
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)
# Those of docs/rolling-out.md that have no wheel of each.
WITHOUT = ("x86_64-apple-darwin", "aarch64-pc-windows-msvc", "x86_64-unknown-linux-musl")
# One comes as source alone, in Python.
WHEELS = ("--only-binary=:all:", "--no-binary=antlr4-python3-runtime", "--require-hashes")


def resolved(platform: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Ask the index for the locked versions on a platform; what came of it."""
    command = ("pip", "install", "--dry-run", "--no-deps", f"--target={folder}", *WHEELS)
    where = (f"--python-platform={platform}", "--python-version=3.12", "-r", "requirements.lock")
    done = subprocess.run([str(UV), *command, *where], cwd=ROOT, capture_output=True, text=True)
    if "Failed to fetch" in done.stderr:
        pytest.skip("the package registry is out of reach")
    return done


@pytest.mark.parametrize("platform", PLATFORMS)
def test_each_locked_version_has_a_wheel(platform: str, tmp_path: Path) -> None:
    done = resolved(platform, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Would install" in done.stderr


@pytest.mark.parametrize("platform", WITHOUT)
def test_elsewhere_nothing_is_compiled_and_the_reason_is_said(
    platform: str, tmp_path: Path
) -> None:
    done = resolved(platform, tmp_path)
    assert done.returncode != 0
    assert "Wheels are required for" in done.stderr


@pytest.mark.parametrize("file", ["native/install", "Dockerfile"])
def test_what_installs_it_keeps_these_rules(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert " ".join(WHEELS[:2]) in text
    assert WHEELS[2] in text


def test_the_image_is_built_with_the_uv_of_the_native_action() -> None:
    (setup, *_) = yaml.safe_load((ROOT / "native" / "action.yml").read_bytes())["runs"]["steps"]
    assert f" uv=={setup['with']['version']} " in (ROOT / "Dockerfile").read_text(encoding="utf-8")
