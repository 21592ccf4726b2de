"""Job objects of Windows: they end a process with all that it started, and bound it.

https://learn.microsoft.com/windows/win32/procthread/job-objects
"""

import os
from contextlib import suppress
from pkgutil import resolve_name
from typing import Any

# https://learn.microsoft.com/windows/win32/procthread/process-security-and-access-rights
_SET_QUOTA_AND_TERMINATE = 0x0101
# Of 100 nanoseconds.
_UNITS_IN_A_SECOND = 10_000_000


def hold_in_job(pid: int, seconds: int | None = None, memory: int | None = None) -> Any:
    """Return a job that holds a process: all in it end when we do, however we end.

    `seconds` of work and `memory` in bytes bound each process in it. `None` on other systems, and
    where the process has ended.
    """
    if os.name != "nt":
        return None
    jobs = resolve_name("win32job")
    with suppress(resolve_name("pywintypes:error")):
        process = resolve_name("win32api:OpenProcess")(_SET_QUOTA_AND_TERMINATE, False, pid)
        job = jobs.CreateJobObject(None, "")
        kind = jobs.JobObjectExtendedLimitInformation
        bounds = jobs.QueryInformationJobObject(job, kind)
        basic = bounds["BasicLimitInformation"]
        basic["LimitFlags"] = jobs.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE
        if seconds is not None:
            basic["LimitFlags"] |= jobs.JOB_OBJECT_LIMIT_PROCESS_TIME
            basic["PerProcessUserTimeLimit"] = seconds * _UNITS_IN_A_SECOND
        if memory is not None:
            basic["LimitFlags"] |= jobs.JOB_OBJECT_LIMIT_PROCESS_MEMORY
            bounds["ProcessMemoryLimit"] = memory
        jobs.SetInformationJobObject(job, kind, bounds)
        jobs.AssignProcessToJobObject(job, process)
        return job
    return None


def end_job(job: Any) -> None:
    """End all processes in a job."""
    with suppress(resolve_name("pywintypes:error")):
        resolve_name("win32job:TerminateJobObject")(job, 1)
