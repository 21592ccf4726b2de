"""Errors of GitHub's API, and the wait that a rate limit requires.

https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
(handle rate limit errors appropriately)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import wraps
from typing import ParamSpec, TypeVar

from lineage_diff.forge.publication import NotPublished

_STATUSES = (403, 429)
# In seconds, used if GitHub gives no time.
_LONG_ENOUGH = 60.0


def retry_after(status: int, message: str, headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait; `None` if the refusal is no rate limit.

    `message` and `headers` (by lower-case name) are those of GitHub's response.
    """
    if status not in _STATUSES:
        return None
    asked = headers.get("retry-after", "")
    if asked.isdecimal():
        return float(asked)
    reset, now = headers.get("x-ratelimit-reset", ""), date_of(headers)
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdecimal() and now is not None:
        # The exact time within that second is unknown.
        return max(0.0, int(reset) - now.timestamp()) + 1
    return _LONG_ENOUGH if status == 429 or "rate limit" in message.lower() else None


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """Return the time of a response by GitHub's clock; `None` without a valid date."""
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
    """An unsuccessful request; `status` is `None` if no response came.

    `retry_after` is in seconds, if GitHub requested a wait. `unsure` is true if GitHub may have
    performed the request: it failed while working on it, or its response was lost.
    """

    status: int | None
    message: str = ""
    retry_after: float | None = None
    unsure: bool = False

    @property
    def forbidden(self) -> bool:
        """Whether the token has no permission. GitHub also answers 404 to hide a resource."""
        return self.status in _FORBIDDEN and self.retry_after is None

    @property
    def passing(self) -> bool:
        """Whether a retry may succeed."""
        return self.unsure or self.retry_after is not None

    @property
    def absent(self) -> bool:
        """Whether the resource does not exist or is not visible."""
        return self.status in (404, 410)

    @property
    def why(self) -> NotPublished:
        """The reason why nothing was published."""
        if self.status == 403 and "is locked" in self.message:
            return "locked"
        if self.status == 410:
            return "gone"
        return "forbidden" if self.forbidden else "unavailable"


def understood(read: Callable[_P, _T]) -> Callable[_P, _T]:
    """Wrap a parser of GitHub's responses: malformed ones raise `RefusedError`."""

    @wraps(read)
    def reading(*arguments: _P.args, **options: _P.kwargs) -> _T:
        try:
            return read(*arguments, **options)
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RefusedError(None, unsure=True) from None

    return reading
