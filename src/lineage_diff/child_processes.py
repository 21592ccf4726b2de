"""Processes that we start: none outlives us, or works for ever.

All are started here, and so can be ended here, however we end.
"""

import atexit
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from importlib import import_module
from subprocess import DEVNULL, PIPE, CompletedProcess, Popen, TimeoutExpired
from types import FrameType
from typing import Any
from weakref import WeakKeyDictionary

from lineage_diff import limits

_PR_SET_PDEATHSIG = 1
_LEAVING_SECONDS = 5.0
# https://learn.microsoft.com/windows/win32/procthread/process-security-and-access-rights
_SET_QUOTA_AND_TERMINATE = 0x0101
# Of 100 nanoseconds, in a second.
_JOB_TIME_UNITS = 10_000_000


class _Children:
    """The processes that may still run, and a signal that came while one was being started.

    `uncounted` are the seconds of work of those that no bound holds; `None` where nothing is
    counted.
    """

    def __init__(self) -> None:
        self.running: set[Popen[bytes]] = set()
        # On Windows only, where a process has no group.
        self.jobs: WeakKeyDictionary[Popen[bytes], Any] = WeakKeyDictionary()
        self.starting = False
        self.signal: int | None = None
        self.uncounted: float | None = None


_CHILDREN = _Children()


def start_child(
    command: Sequence[str],
    *,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    stdin: int = DEVNULL,
    stdout: int = PIPE,
    stderr: int = PIPE,
    own_session: bool = False,
    bounded: bool = True,
) -> "Popen[bytes]":
    """Start a process that ends when we end.

    One that is `bounded` may work for what is left of `limits.CHILD_SECONDS`. Raises `OSError`
    where it cannot be started.
    """
    for each in tuple(_CHILDREN.running):
        if each.returncode is not None:
            _CHILDREN.running.discard(each)
    # A signal comes to the main thread alone.
    main = threading.current_thread() is threading.main_thread()
    _CHILDREN.starting |= main
    try:
        child = Popen(
            command,
            cwd=cwd,
            env=env,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=own_session,
        )
        _CHILDREN.running.add(child)
    finally:
        if main:
            _CHILDREN.starting = False
            if _CHILDREN.signal is not None:
                _leave(_CHILDREN.signal, None)
    if os.name == "nt":
        _hold(child, _seconds_left() if bounded else None)
    elif bounded:
        _limit_time(child.pid)
    return child


def run_child(
    command: Sequence[str],
    *,
    given: bytes = b"",
    seconds: float | None = None,
    cwd: str | None = None,
    env: Mapping[str, str] | None = None,
    stderr: int = PIPE,
    own_session: bool = False,
    bounded: bool = True,
) -> "CompletedProcess[bytes]":
    """Run a process to its end on the input `given`, and return what it wrote.

    Raises `OSError` where it cannot be started, and `TimeoutExpired` after `seconds`, with what it
    wrote until then.
    """
    child = start_child(
        command,
        cwd=cwd,
        env=env,
        stdin=PIPE,
        stderr=stderr,
        own_session=own_session,
        bounded=bounded,
    )
    with nullcontext() if bounded else pause_counting(), child:
        try:
            output, errors = child.communicate(given, timeout=seconds)
        except TimeoutExpired as expired:
            end_child(child)
            expired.stdout, _ = child.communicate()
            raise
        except BaseException:
            end_child(child)
            raise
    return CompletedProcess(command, child.returncode, output, errors)


def adopt_child(child: "Popen[bytes]") -> None:
    """Have a process that another library started for us end when we end."""
    _CHILDREN.running.add(child)
    if os.name == "nt":
        _hold(child, None)


@contextmanager
def pause_counting() -> Iterator[None]:
    """Leave the work of all processes that end meanwhile out of what bounds the others."""
    before = _worked_seconds()
    try:
        yield
    finally:
        if _CHILDREN.uncounted is not None:
            _CHILDREN.uncounted += _worked_seconds() - before


def end_child(child: "Popen[bytes]") -> None:
    """End a process at once; of one in a session of its own, all that it started as well."""
    if child.poll() is not None:
        return
    if os.name == "nt":
        _end_job_of(child)
        return
    with suppress(OSError):
        if os.getpgid(child.pid) == child.pid:
            os.killpg(child.pid, signal.SIGKILL)
            return
    child.kill()


def end_group(child: "Popen[bytes]") -> None:
    """End what a process in a session of its own started, also where it has ended itself."""
    if os.name == "nt":
        _end_job_of(child)
        return
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _hold(child: "Popen[bytes]", seconds: int | None) -> None:
    _CHILDREN.jobs[child] = hold_in_job(child.pid, seconds)


def _end_job_of(child: "Popen[bytes]") -> None:
    job = _CHILDREN.jobs.get(child)
    if job is None:
        child.kill()
        return
    with suppress(import_module("pywintypes").error):
        import_module("win32job").TerminateJobObject(job, 1)


def hold_in_job(pid: int, seconds: int | None = None, memory: int | None = None) -> Any:
    """Return a job object that holds a process: all in it end when we do, however we end.

    `seconds` of work and `memory` in bytes bound each process in it. `None` on other systems than
    Windows, and where the process has ended. See
    https://learn.microsoft.com/windows/win32/procthread/job-objects
    """
    if os.name != "nt":
        return None
    jobs = import_module("win32job")
    with suppress(import_module("pywintypes").error):
        process = import_module("win32api").OpenProcess(_SET_QUOTA_AND_TERMINATE, False, pid)
        job = jobs.CreateJobObject(None, "")
        kind = jobs.JobObjectExtendedLimitInformation
        bounds = jobs.QueryInformationJobObject(job, kind)
        basic = bounds["BasicLimitInformation"]
        basic["LimitFlags"] = jobs.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        if seconds is not None:
            basic["LimitFlags"] |= jobs.JOB_OBJECT_LIMIT_PROCESS_TIME
            basic["PerProcessUserTimeLimit"] = seconds * _JOB_TIME_UNITS
        if memory is not None:
            basic["LimitFlags"] |= jobs.JOB_OBJECT_LIMIT_PROCESS_MEMORY
            bounds["ProcessMemoryLimit"] = memory
        jobs.SetInformationJobObject(job, kind, bounds)
        jobs.AssignProcessToJobObject(job, process)
        return job
    return None


@atexit.register
def end_children() -> None:
    """End all that we started and that still runs: the last that we do."""
    running = tuple(_CHILDREN.running)
    for child in running:
        end_child(child)
    for child in running:
        with suppress(TimeoutExpired):
            child.wait(_LEAVING_SECONDS)


def count_work() -> None:
    """Hold all processes from here on together to `limits.CHILD_SECONDS`, and not each alone."""
    _CHILDREN.uncounted = _worked_seconds()


def _limit_time(pid: int) -> None:
    """Have the system end a process that works too long, where it can.

    The limit also applies after this process was killed: a child that waits for input ends with
    its pipes.
    """
    most = _seconds_left()
    with suppress(ImportError, AttributeError, OSError):
        # Not there on every system.
        import resource

        resource.prlimit(pid, resource.RLIMIT_CPU, (most, most + 1))


def _seconds_left() -> int:
    uncounted = _CHILDREN.uncounted
    used = 0 if uncounted is None else int(_worked_seconds() - uncounted)
    return max(1, limits.CHILD_SECONDS - used)


def _worked_seconds() -> float:
    """Return the seconds that all ended processes worked, 0 where the system does not say."""
    times = os.times()
    return times.children_user + times.children_system


def end_with_parent(*, gently: bool = False) -> None:
    """Have the system kill this process when its parent ends, if the system supports it.

    If `gently`, by SIGTERM: with `leave_on_sigterm`, the children of this process end as well.
    """
    if os.name == "nt":
        # A job holds it: `start_child`.
        return
    parent = os.getppid()
    with suppress(ImportError, AttributeError, OSError):
        # Saves ctypes where no worker is started.
        import ctypes

        number = signal.SIGTERM if gently else signal.SIGKILL
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        sys.exit(0)


def leave_on_sigterm() -> None:
    """Exit on SIGTERM, which a runner or `timeout` sends, so that children end first."""
    with suppress(AttributeError, ValueError):
        signal.signal(signal.SIGTERM, _leave)


def leave_at_once_on_signals() -> None:
    """Exit on SIGTERM and SIGINT without waiting for threads, which may block on their input."""
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(AttributeError, ValueError):
            signal.signal(number, _leave_at_once)


def _leave_at_once(number: int, frame: FrameType | None) -> None:
    end_children()
    os._exit(128 + number)


def _leave(number: int, frame: FrameType | None) -> None:
    if _CHILDREN.starting:
        # The one that is being started would be forgotten.
        _CHILDREN.signal = number
        return
    _CHILDREN.signal = None
    sys.exit(128 + number)
