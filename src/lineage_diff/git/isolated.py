"""Run Git through GitPython to create repositories and fetch; objects are read without it.

By default GitPython passes our whole environment to Git, obeys variables that run or print
things, expands `$NAME` in paths, and at a timeout ends Git but neither waits for nor ends the
processes that Git started. Here neither Git nor GitPython sees any Git variable but ours,
GitPython gets no path, and Git's process group is ended as one.
"""

import os
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from subprocess import Popen, TimeoutExpired
from typing import cast

from lineage_diff.child_processes import adopt_child, end_group, pause_counting
from lineage_diff.git.process import GitFailed, git_missing

# Read by every Git, and by GitPython when it is imported: it runs `git version`.
_QUIET = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_PYTHON_REFRESH": "quiet",
}

# The status of a process that SIGKILL ended; Windows has no such signal.
_ENDED = -9

# Nothing of the machine runs, asks or redirects.
_FETCH = (
    ("core.askPass", ""),
    ("core.hooksPath", os.devnull),
    ("credential.helper", ""),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("http.followRedirects", "false"),
    ("maintenance.auto", "false"),
    ("submodule.recurse", "false"),
)


def fetch_variables(protocols: str, server: str, token: str | None) -> dict[str, str]:
    """Return the environment in which Git fetches by some protocols, with our settings only.

    `protocols` are joined by colons. `token` is sent in a header to URLs that begin with `server`.
    """
    settings = list(_FETCH)
    if token is not None:
        basic = b64encode(f"x-access-token:{token}".encode()).decode()
        settings.append((f"http.{server}.extraHeader", f"Authorization: basic {basic}"))
    return {
        **{f"GIT_CONFIG_KEY_{index}": key for index, (key, _) in enumerate(settings)},
        **{f"GIT_CONFIG_VALUE_{index}": value for index, (_, value) in enumerate(settings)},
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_ASKPASS": "",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


@contextmanager
def _variables(own: Mapping[str, str]) -> Iterator[None]:
    """Remove Git's variables and the Action's inputs from our environment; set `own`.

    GitPython copies the environment and can add to it, but cannot remove a variable.
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
    # A trace would print the token; other variables redirect Git. Certificates stay.
    return name.startswith(("GIT_", "INPUT_")) and not name.startswith("GIT_SSL_")


with _variables(_QUIET):
    from git import Git, GitCommandNotFound


class IsolatedGit(Git):
    """Git's commands as GitPython methods, with their output dropped.

    Each raises `GitFailed` when Git fails or times out, and `InputError` when Git is missing.
    """

    # Fixed here, because GitPython reads both from the environment.
    GIT_PYTHON_GIT_EXECUTABLE = "git"
    GIT_PYTHON_TRACE = False

    def __init__(self, variables: Mapping[str, str], seconds: float | None = None) -> None:
        """Add `variables` to the environment; `seconds` limit all commands together."""
        super().__init__()
        self.update_environment(**variables)
        self._end = None if seconds is None else time.monotonic() + seconds

    def execute(self, command: Sequence[str]) -> None:  # type: ignore[override]
        """Run one command to its end; GitPython's own options have no effect."""
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
        # `started` ends Git when it is garbage-collected, so keep a reference to it.
        process = cast("Popen[bytes]", started.proc)
        adopt_child(process)
        left = None if self._end is None else max(self._end - time.monotonic(), 0.01)
        # A large repository takes Git minutes of work: its deadline bounds it.
        with pause_counting():
            stderr = _finish(process, left)
        if process.returncode:
            raise GitFailed(process.returncode, stderr.decode("utf-8", "replace") or "Git failed")


def _finish(process: "Popen[bytes]", seconds: float | None) -> bytes:
    """Wait for Git and return its stderr; end it at the timeout."""
    with process:
        try:
            return process.communicate(timeout=seconds)[1]
        except TimeoutExpired as error:
            # Git starts a helper program for the network: end that as well.
            end_group(process)
            raise GitFailed(_ENDED, "it took too long") from error
        except BaseException:
            end_group(process)
            raise
