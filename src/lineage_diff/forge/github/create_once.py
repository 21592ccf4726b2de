"""Create something exactly once, even if a response is lost."""

from collections.abc import Callable
from typing import TypeVar

from lineage_diff.forge.github.client import GitHub
from lineage_diff.forge.github.errors import RefusedError

_T = TypeVar("_T")
# Seconds to wait before each further try.
_PAUSES = (1.0, 4.0, 15.0)


def create(github: GitHub, post: Callable[[], _T], find: Callable[[], _T | None]) -> _T:
    """Return the result of `post`. After a lost response, call `find` before another `post`.

    Raises `RefusedError` if GitHub refuses or fails too often.
    """
    for pause in _PAUSES:
        try:
            return post()
        except RefusedError as refused:
            if not refused.passing:
                raise
            github.wait(pause if refused.retry_after is None else refused.retry_after)
            made = find() if refused.unsure else None
            if made is not None:
                return made
    return post()
