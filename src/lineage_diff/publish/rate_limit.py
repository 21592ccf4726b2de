"""How long GitHub wants a client to wait that asks too much.

https://docs.github.com/rest/using-the-rest-api/best-practices-for-using-the-rest-api
(handle rate limit errors appropriately)
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

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
