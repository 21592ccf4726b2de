"""Git by GitPython, for what makes a repository or fetches into one; objects are read without it.

GitPython left to itself hands Git our whole environment, runs and prints what variables ask for,
expands `$NAME` in paths, and at a timeout ends Git without waiting for, or ending, what Git
started. Here Git gets no variable of Git's but ours, GitPython sees none either, no path is given
to GitPython, and Git is a group of processes that is ended as one.
"""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from subprocess import Popen, TimeoutExpired
from typing import cast

from lineage_diff.child_processes import adopt_child, uncounted
from lineage_diff.git.process import GitFailed, git_missing

# Read by every Git, and by GitPython when it is imported: it runs `git version`.
_QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_PYTHON_REFRESH": "quiet",
}


@contextmanager
def _variables(own: Mapping[str, str]) -> Iterator[None]:
    """Have no variable of Git's and no input of the Action in our environment but our `own`.

    GitPython copies the environment and can add to it, but not leave anything out.
    """
    held = {name: os.environ.pop(name) for name in [*os.environ] if _is_dropped(name)}
    os.environ.update(own)
    try:
        yield
    finally:
        for name in own:
            del os.environ[name]
        os.environ.update(held)


def _is_dropped(name: str) -> bool:
    # A trace would tell the token; the rest of them, where else to look. Certificates stay.
    return name.startswith(("GIT_", "INPUT_")) and not name.startswith("GIT_SSL_")


with _variables(_QUIET):
    from git import Git, GitCommandNotFound


class IsolatedGit(Git):
    """Git's commands as methods, as GitPython has them. Their output is dropped.

    Each raises `GitFailed` where Git fails or time is up, and `InputError` where there is no Git.
    """

    # Fixed here, since GitPython takes both from the environment.
    GIT_PYTHON_GIT_EXECUTABLE = "git"
    GIT_PYTHON_TRACE = False

    def __init__(self, variables: Mapping[str, str], seconds: float | None = None) -> None:
        """`variables` are added to the environment; `seconds` are for all commands together."""
        super().__init__()
        self.update_environment(**variables)
        self._end = None if seconds is None else time.monotonic() + seconds

    def execute(self, command: Sequence[str]) -> None:  # type: ignore[override]
        """Run one command to its end. No option of GitPython's can change how."""
        try:
            with _variables({}):
                started = super().execute(
                    command,
                    as_process=True,
                    with_stdout=False,
                    shell=False,
                    start_new_session=True,
                )
        except GitCommandNotFound as error:
            raise git_missing() from error
        # `started` ends Git when it is let go of: it is held until then.
        process = cast("Popen[bytes]", started.proc)
        adopt_child(process)
        left = None if self._end is None else max(self._end - time.monotonic(), 0.01)
        # A large repository takes Git minutes of work: its deadline bounds it.
        with uncounted():
            stderr = _finish(process, left)
        if process.returncode:
            raise GitFailed(process.returncode, stderr.decode("utf-8", "replace") or "Git failed")


def _finish(process: "Popen[bytes]", seconds: float | None) -> bytes:
    """Wait for Git, and return what it wrote of errors; end it where it takes too long."""
    with process:
        try:
            return process.communicate(timeout=seconds)[1]
        except TimeoutExpired as error:
            _kill(process)
            raise GitFailed(-signal.SIGKILL, "it took too long") from error
        except BaseException:
            _kill(process)
            raise


def _kill(process: "Popen[bytes]") -> None:
    # Git leaves the talking to a program of its own: end that as well.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
