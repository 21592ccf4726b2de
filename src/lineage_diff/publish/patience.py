"""How long one run waits for GitHub: a required check must end."""

from collections.abc import Callable
from typing import Any, Self

from github import GithubRetry
from urllib3.response import BaseHTTPResponse

# All waiting of one run together, in seconds.
LONGEST = 120.0


class OutOfPatienceError(Exception):
    """There was still something to wait for, but no time left."""


class Patience:
    """Waits, by the function given, and counts it. Raises `OutOfPatienceError` past the longest."""

    def __init__(self, sleep: Callable[[float], None], longest: float = LONGEST) -> None:
        self._sleep = sleep
        self._left = longest

    def wait(self, seconds: float) -> None:
        """Wait that long, unless that is longer than what is left."""
        if seconds > self._left:
            raise OutOfPatienceError
        self._left -= seconds
        self._sleep(seconds)


class PatientRetry(GithubRetry):
    """PyGithub's retries, for 5xx, limits and broken connections, within a `Patience`."""

    def __init__(self, patience: Patience, **options: Any) -> None:
        self._patience = patience
        super().__init__(**options)

    def new(self, **options: Any) -> Self:
        """Return the same with other counts, as `urllib3` asks after each try."""
        return super().new(patience=self._patience, **options)

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as GitHub asks, else longer each time."""
        asked = self.get_retry_after(response) if response is not None else None
        self._patience.wait(self.get_backoff_time() if asked is None else asked)
