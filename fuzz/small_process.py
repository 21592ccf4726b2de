"""A process that stays small, to start those from whose memory counts.

A process begins with the peak memory of the one that started it: `getrusage(2)`, `ru_maxrss`. So
the peak of a small command that a large process starts is that of the large one.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context


@cache
def small_process() -> ProcessPoolExecutor:
    """Return a pool with one process, which has nothing of this one's memory."""
    return ProcessPoolExecutor(1, get_context("spawn"))
