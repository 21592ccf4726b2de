"""CI's own run fails if a test was skipped; on another machine the output lists it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# Skipped on a machine without a `dot`.
TEST = "tests/render/test_render.py::test_the_system_dot_draws_every_node"


@pytest.mark.parametrize(("options", "status"), [((), 0), (("--no-skips",), 1)])
def test_a_skipped_test_fails_only_the_run_of_ci(
    options: tuple[str, ...], status: int, tmp_path: Path
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", *options, TEST],
        cwd=ROOT,
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no system Graphviz on this machine" in done.stdout
    assert ("Failed by --no-skips: 1 skipped." in done.stdout) == bool(status)
    assert done.returncode == status


def test_ci_uses_it() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\nskips=--no-skips\n" in script
    assert ' make test ARGS="$skips"\n' in script
