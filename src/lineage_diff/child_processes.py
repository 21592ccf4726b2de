"""Limit child processes: none outlives its parent or runs for ever."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

_PR_SET_PDEATHSIG = 1


def bound_child(pid: int, seconds: int) -> None:
    """Set the CPU time limit of a process in seconds, if the system supports it.

    The limit also applies after this process was killed: a child that waits for input ends with
    its pipes.
    """
    with suppress(ImportError, AttributeError, OSError):
        # Not on every system.
        import resource

        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds + 1))


def end_with_parent() -> None:
    """Have the system kill this process when its parent ends, if the system supports it."""
    parent = os.getppid()
    with suppress(ImportError, AttributeError, OSError):
        # Works on Linux only.
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


def leave_on_sigterm() -> None:
    """Exit on SIGTERM, which a runner or `timeout` sends, so that children end first."""
    with suppress(AttributeError, ValueError):
        signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
