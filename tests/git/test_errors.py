"""An error is one line that a terminal shows as it is."""

import pytest

from lineage_diff.errors import InputError
from lineage_diff.git.process import GitFailed


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("it is broken", hint="Fix it."), "it is broken. Fix it."),
        (InputError("broken", hint="Fix it.", file="dvc.yaml"), "dvc.yaml: broken. Fix it."),
        (InputError("broken", hint="Fix.", file="a", line=3), "a:3: broken. Fix."),
        (InputError("two\n  lines", hint="Fix."), "two lines. Fix."),
        (InputError("x", hint="Fix.", file="a\x1b[2Jb"), r"a\x1b[2Jb: x. Fix."),
        (InputError("x", hint="Fix.", file="a\udcffb"), r"a\udcffb: x. Fix."),
        (InputError("x", hint="Fix.", file="a\u202eb"), r"a\u202eb: x. Fix."),
    ],
)
def test_an_error_is_one_printable_line(error: InputError, line: str) -> None:
    assert str(error) == line


@pytest.mark.parametrize(
    ("status", "stderr", "message"),
    [
        (128, "warning: x\nfatal: no room\n\n", "no room"),
        (1, "a\x1b[2Jb\n", r"a\x1b[2Jb"),
        (
            128,
            "fatal: Could not read from remote repository.\n\n"
            "Please make sure you have the correct access rights\nand the repository exists.\n",
            "Could not read from remote repository",
        ),
        (-9, "", ""),
        (-24, "", "Git may work for 30 seconds, which are used up"),
    ],
)
def test_git_fails_with_its_last_line(status: int, stderr: str, message: str) -> None:
    assert GitFailed(status, stderr).message == message
