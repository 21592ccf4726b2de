"""The time limit for all requests of one run: a required check must end."""

import time
from collections.abc import Callable
from typing import Any, Self

from github import GithubRetry
from urllib3.response import BaseHTTPResponse

from lineage_diff.forge.github.bounded_answers import Unpacked

# The total time of one run, for responses and between retries, in seconds.
LONGEST = 120.0


class DeadlineExceededError(Exception):
    """Raised if a wait would exceed the deadline."""


class Deadline:
    """A deadline of `longest` seconds from its creation, measured by `clock`."""

    def __init__(
        self,
        sleep: Callable[[float], None],
        clock: Callable[[], float] = time.monotonic,
        longest: float = LONGEST,
    ) -> None:
        self._sleep = sleep
        self._clock = clock
        self._longest = longest
        self._began = clock()

    @property
    def spent(self) -> float:
        """The seconds since its creation."""
        return self._clock() - self._began

    def wait(self, seconds: float) -> None:
        """Wait for `seconds`. Raises `DeadlineExceededError` if that exceeds the remaining time."""
        if self.spent + seconds > self._longest:
            raise DeadlineExceededError
        if seconds <= 0:
            return
        before = self._clock()
        self._sleep(seconds)
        # The wait counts even if the clock did not advance.
        self._began -= max(0.0, seconds - (self._clock() - before))


class DeadlineRetry(GithubRetry):
    """PyGithub's retries for 5xx, rate limits and broken connections, within a `Deadline`."""

    def __init__(self, deadline: Deadline, **options: Any) -> None:
        self._deadline = deadline
        super().__init__(**options)

    def new(self, **options: Any) -> Self:
        """Return a copy with other counts; `urllib3` calls this after each try."""
        return super().new(deadline=self._deadline, **options)

    @staticmethod
    def get_content(resp: Any, url: str) -> bytes:
        """Return the content of a refusal, within the limit of an answer."""
        return GithubRetry.get_content(Unpacked(resp), url)  # type: ignore[arg-type]

    def sleep(self, response: BaseHTTPResponse | None = None) -> None:
        """Wait as long as GitHub requests, else longer after each try."""
        asked = self.get_retry_after(response) if response is not None else None
        self._deadline.wait(self.get_backoff_time() if asked is None else asked)
