"""The progress of a command on a terminal."""

import io
import os
import pty
from contextlib import redirect_stderr, redirect_stdout
from typing import get_args

import pytest

from lineage_diff.app import StepName
from lineage_diff.cli.main import main
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
    git_repo: GitRepo, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    project(git_repo)
    monkeypatch.chdir(git_repo.path)
    # A terminal that can show it, whatever the tests were started from.
    monkeypatch.setenv("TERM", "xterm")
    main_end, terminal = pty.openpty()
    with (
        os.fdopen(terminal, "w", encoding="utf-8") as stderr,
        redirect_stderr(stderr),
        redirect_stdout(io.TextIOWrapper(io.BytesIO(), encoding="utf-8")),
    ):
        status = main(command)
    shown = os.read(main_end, 65_536).decode()
    os.close(main_end)
    assert status in (0, 1), shown
    assert STEPS["open"] in shown
