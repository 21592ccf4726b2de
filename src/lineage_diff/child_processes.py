"""Processes that we start: none outlives us, or works for ever."""

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

_PR_SET_PDEATHSIG = 1


def bound_child(pid: int, seconds: int) -> None:
    """Have the system end a process after so many seconds of work, where it can.

    This holds where we were killed ourselves, too: what waits for us ends with its pipes.
    """
    with suppress(ImportError, AttributeError, OSError):
        # Not on every system.
        import resource

        resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds + 1))


def end_with_parent() -> None:
    """Have the system kill this process when its parent is gone, where it can."""
    parent = os.getppid()
    with suppress(ImportError, AttributeError, OSError):
        # Needed on Linux alone.
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(0)


def leave_on_sigterm() -> None:
    """Have SIGTERM, as a runner or `timeout` sends it, end children before us."""
    with suppress(AttributeError, ValueError):
        signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
