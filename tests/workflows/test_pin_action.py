"""A release pins the Action to an image's digest, and changes nothing else of it."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.support.ci_schemas import schema_errors
from tests.workflows.files import METADATA, ROOT

IMAGE = f"ghcr.io/lineage-diff/lineage-diff@sha256:{'0123456789abcdef' * 4}"


@pytest.fixture
def action(tmp_path: Path) -> Path:
    return Path(shutil.copy(METADATA, tmp_path / "action.yml"))


def pin(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(ROOT / "scripts" / "pin-action")
    return subprocess.run([program, *arguments], capture_output=True, text=True, check=False)


def test_the_action_runs_the_image_and_is_otherwise_the_same(action: Path) -> None:
    before = yaml.safe_load(action.read_bytes())
    assert before["runs"]["image"] == "Dockerfile"
    done = pin(IMAGE, str(action))
    assert done.returncode == 0, done.stderr
    after = yaml.safe_load(action.read_bytes())
    assert after["runs"]["image"] == f"docker://{IMAGE}"
    assert after == before | {"runs": before["runs"] | {"image": f"docker://{IMAGE}"}}
    assert schema_errors("github-actions", action) == []


def test_it_is_pinned_again_by_the_next_release(action: Path) -> None:
    pin(IMAGE, str(action))
    newer = IMAGE.replace("0123", "4567")
    assert pin(newer, str(action)).returncode == 0
    assert yaml.safe_load(action.read_bytes())["runs"]["image"] == f"docker://{newer}"


@pytest.mark.parametrize(
    "image",
    [
        "",
        "ghcr.io/lineage-diff/lineage-diff",
        "ghcr.io/lineage-diff/lineage-diff:v1",
        "ghcr.io/lineage-diff/lineage-diff@sha256:",
        f"{IMAGE}\n  args: [x]",
        f"docker://{IMAGE}",
    ],
)
def test_what_is_no_digest_of_an_image_is_refused(action: Path, image: str) -> None:
    before = action.read_bytes()
    done = pin(image, str(action))
    assert done.returncode == 1
    assert "usage: scripts/pin-action" in done.stderr
    assert action.read_bytes() == before


@pytest.mark.parametrize("text", ["runs: {}\n", "  image: a\n  image: b\n"])
def test_a_file_that_is_no_such_action_is_refused(action: Path, text: str) -> None:
    action.write_text(text)
    done = pin(IMAGE, str(action))
    assert (done.returncode, action.read_text()) == (1, text)
    assert "one line `image:`" in done.stderr
