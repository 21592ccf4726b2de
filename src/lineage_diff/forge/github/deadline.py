"""How long one run waits for GitHub: a required check must end."""

import time
from collections.abc import Callable
from typing import Any, Self

from github import GithubRetry
from urllib3.response import BaseHTTPResponse

# All waiting of one run together, for an answer or for the next try, in seconds.
LONGEST = 120.0


class OutOfPatienceError(Exception):
    """There was still something to wait for, but no time left."""


class Patience:
    """Waits, as long as the time that passed since it was made allows: `clock` tells seconds."""

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
        """Return the seconds that have passed."""
        return self._clock() - self._began

    def wait(self, seconds: float) -> None:
        """Wait that long. Raises `OutOfPatienceError` if that is longer than what is left."""
        if self.spent + seconds > self._longest:
            raise OutOfPatienceError
        if seconds <= 0:
            return
        before = self._clock()
        self._sleep(seconds)
        # It counts even where the clock did not see it pass.
        self._began -= max(0.0, seconds - (self._clock() - before))


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
