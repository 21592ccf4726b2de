"""What can go wrong between a client and GitHub, on purpose and at a chosen request."""

import re
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One way for a request to fail.

    With a `status`, that is answered and nothing is done, with `headers` and a body as GitHub's.
    Otherwise the server acts (unless `cut_before`), waits `seconds` and answers (unless
    `cut_after`)."""

    name: str
    status: int | None = None
    message: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=())
    cut_before: bool = False
    cut_after: bool = False
    seconds: float = 0.0


_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
_MESSAGES = {
    403: "Resource not accessible by integration",
    404: "Not Found",
    422: "Validation Failed",
    429: _SECONDARY,
}


def error(status: int, *, retry_after: int | None = None) -> Fault:
    """Return the fault of an answer with an error. `retry_after`, in seconds, makes a 403 or 429
    a secondary rate limit."""
    if retry_after is None:
        return Fault(str(status), status, _MESSAGES.get(status, ""))
    headers = (("Retry-After", str(retry_after)),)
    return Fault(f"{status} with Retry-After", status, _SECONDARY, headers)


def slow(seconds: float) -> Fault:
    """Return the fault of an answer that comes that much later."""
    return Fault("slow", seconds=seconds)


CUT_BEFORE = Fault("cut before acting", cut_before=True)
CUT_AFTER = Fault("cut after acting", cut_after=True)
EVERY_FAULT = (
    error(500),
    error(502),
    error(503),
    error(403),
    error(403, retry_after=1),
    error(429, retry_after=1),
    error(404),
    error(422),
    CUT_BEFORE,
    CUT_AFTER,
    slow(0.2),
)


@dataclass(slots=True)
class _Plan:
    fault: Fault
    first: int
    method: str
    path: re.Pattern[str]
    left: int | None


class Faults:
    """Which requests fail, and how. Several plans may be made; the first that fits a request is
    the one that counts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[_Plan] = []

    def at(self, n: int, fault: Fault, *, times: int | None = 1) -> None:
        """Let the n-th request (from 1, as `Logged.n`) fail, and those after it while `times`
        lasts; for ever with `None`."""
        self._add(_Plan(fault, n, "", re.compile(""), times))

    def on(self, method: str, path: str, fault: Fault, *, times: int | None = 1) -> None:
        """Let requests of a method fail whose path (no `/api/v3`, no query) fully matches the
        pattern `path`; the first `times`, or all with `None`."""
        self._add(_Plan(fault, 0, method, re.compile(path + r"\Z"), times))

    def clear(self) -> None:
        """Break nothing from now on."""
        with self._lock:
            self._plans.clear()

    def _add(self, plan: _Plan) -> None:
        with self._lock:
            self._plans.append(plan)

    def take(self, n: int, method: str, path: str) -> Fault | None:
        """Return how a request is to fail, and count that."""
        with self._lock:
            for plan in self._plans:
                wanted = n >= plan.first and plan.method in ("", method) and plan.path.match(path)
                if wanted and plan.left != 0:
                    plan.left = None if plan.left is None else plan.left - 1
                    return plan.fault
        return None
