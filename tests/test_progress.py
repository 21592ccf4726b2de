"""The progress of a command on a terminal."""

import os
import pty
import subprocess
import sys
from typing import get_args

import pytest

from lineage_diff.app import StepName
from lineage_diff.cli.progress import STEPS
from tests.support.git_repo import GitRepo
from tests.support.projects import project


def test_each_step_has_its_words() -> None:
    assert tuple(STEPS) == get_args(StepName)


@pytest.mark.parametrize(
    "command",
    [
        ("compare", "HEAD", "--direct"),
        ("compare", "HEAD", "HEAD", "HEAD"),
        ("status",),
        ("gate", "model.pkl"),
        ("trace", "model.pkl"),
        ("history", "model.pkl"),
        ("audit",),
    ],
    ids=" ".join,
)
def test_a_command_shows_its_progress_on_a_terminal(
    git_repo: GitRepo, command: tuple[str, ...]
) -> None:
    project(git_repo)
    main_end, terminal = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff", *command],
        cwd=git_repo.path,
        stdout=subprocess.DEVNULL,
        stderr=terminal,
    )
    os.close(terminal)
    shown = os.read(main_end, 65_536).decode()
    os.close(main_end)
    assert done.returncode in (0, 1), shown
    assert STEPS["open"] in shown
