"""How long GitHub wants a client to wait that asks too much.

https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
(handle rate limit errors appropriately)

GitHub said no, or did not say anything.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from lineage_diff.forge.publication import NotPublished

_STATUSES = (403, 429)
# In seconds, where GitHub does not say.
_LONG_ENOUGH = 60.0


def retry_after(status: int, message: str, headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait; `None` where the refusal is no rate limit.

    `message` is GitHub's own; `headers` are those of its answer, by lower-case name.
    """
    if status not in _STATUSES:
        return None
    asked = headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked)
    reset, now = headers.get("x-ratelimit-reset", ""), date_of(headers)
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal() and now is not None:
        # Not clear when in that second.
        return max(0.0, int(reset) - now.timestamp()) + 1
    return _LONG_ENOUGH if status == 429 or "rate limit" in message.lower() else None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """Return GitHub's own time of an answer."""
    try:
        date = parsedate_to_datetime(headers.get("date", ""))
        return date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    except ValueError:
        return None


_P = ParamSpec("_P")
_T = TypeVar("_T")
_FORBIDDEN = (401, 403, 404)


@dataclass(eq=False)
class RefusedError(Exception):
    """An answer that is no success; `status` is `None` where none came.

    `retry_after` in seconds, where GitHub asked for patience. `unsure` where it may have acted all
    the same: it broke down, or its answer was lost.
    """

    status: int | None
    message: str = ""
    retry_after: float | None = None
    unsure: bool = False

    @property
    def forbidden(self) -> bool:
        """Whether the token may not do this. GitHub answers 404 where it hides what there is."""
        return self.status in _FORBIDDEN and self.retry_after is None

    @property
    def passing(self) -> bool:
        """Whether it may go well when it is asked again."""
        return self.unsure or self.retry_after is not None

    @property
    def absent(self) -> bool:
        """Whether what was asked for is not there, or not to be seen."""
        return self.status in (404, 410)

    @property
    def why(self) -> NotPublished:
        """Return why nothing was published."""
        if self.status == 403 and "is locked" in self.message:
            return "locked"
        if self.status == 410:
            return "gone"
        return "forbidden" if self.forbidden else "unavailable"


def understood(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let a reader of GitHub's documents raise `RefusedError` for one that is not as described."""

    @wraps(read)
    def reading(*arguments: _P.args, **options: _P.kwargs) -> _T:
        try:
            return read(*arguments, **options)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RefusedError(None, unsure=True) from None

    return reading
