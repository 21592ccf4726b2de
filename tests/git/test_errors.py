"""An error is one line that a terminal shows as it is."""

import pytest

from lineage_diff.errors import InputError
from lineage_diff.git.process import GitFailed


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (InputError("it is broken", mend="Mend it."), "it is broken. Mend it."),
        (InputError("broken", mend="Mend it.", file="dvc.yaml"), "dvc.yaml: broken. Mend it."),
        (InputError("broken", mend="Mend.", file="a", line=3), "a:3: broken. Mend."),
        (InputError("two\n  lines", mend="Mend."), "two lines. Mend."),
        (InputError("x", mend="Mend.", file="a\x1b[2Jb"), r"a\x1b[2Jb: x. Mend."),
        (InputError("x", mend="Mend.", file="a\udcffb"), r"a\udcffb: x. Mend."),
        (InputError("x", mend="Mend.", file="a\u202eb"), r"a\u202eb: x. Mend."),
    ],
)
def test_an_error_is_one_printable_line(error: InputError, line: str) -> None:
    assert str(error) == line


@pytest.mark.parametrize(
    ("status", "stderr", "message"),
    [
        (128, "warning: x\nfatal: no room\n\n", "no room"),
        (1, "a\x1b[2Jb\n", r"a\x1b[2Jb"),
        (-9, "", ""),
        (-24, "", "Git may work for 30 seconds, which are used up"),
    ],
)
def test_git_fails_with_its_last_line(status: int, stderr: str, message: str) -> None:
    assert GitFailed(status, stderr).message == message
