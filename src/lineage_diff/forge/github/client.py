"""A client of GitHub's REST API, based on PyGithub, with its errors and timeouts."""

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from github import Auth, Github, GithubException
from github.Requester import Requester
from msgspec import Struct, field
from requests import RequestException
from requests.utils import parse_header_links
from urllib3.exceptions import HTTPError

from lineage_diff import __version__
from lineage_diff.forge.github.bounded_answers import bounded
from lineage_diff.forge.github.deadline import Deadline, DeadlineExceededError, DeadlineRetry
from lineage_diff.forge.github.errors import RefusedError, date_of, retry_after, understood

# For the next bytes of an answer.
SECONDS_FOR_BYTES = 20
TRIES = 4
PER_PAGE = 100
# The most pages of one list that are read.
MOST_PAGES = 100
_NO_CONTENT = 204
# The characters of an error that are shown.
_MESSAGE = 500


class Answer(Struct, frozen=True):
    """A successful response: its status, its JSON value, and its headers by lower-case name."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def date(self) -> datetime | None:
        """The time of the response by GitHub's clock."""
        return date_of(self.headers)


class GitHub:
    """The API, accessed with one token. Every failure is a `RefusedError`."""

    def __init__(self, patient: Requester, once: Requester, deadline: Deadline) -> None:
        self._patient = patient
        self._once = once
        self._deadline = deadline

    def ask(self, method: str, path: str, body: Any = None, **parameters: Any) -> Answer:
        """Send an idempotent request, and retry it if GitHub fails."""
        # Deletions at the end, as of the lock, are tried even after the deadline.
        if method != "DELETE":
            self.wait(0)
        return _ask(self._patient, method, path, body, parameters)

    def ask_once(self, method: str, path: str, body: Any) -> Answer:
        """Send a request that must not be repeated. See `create_once.py`."""
        self.wait(0)
        return _ask(self._once, method, path, body, {})

    def ask_graphql(self, question: Mapping[str, Any]) -> Answer:
        """Send a read-only query to GitHub's GraphQL API."""
        self.wait(0)
        return _ask(self._once, "POST", self._once.graphql_url, question, {})

    def pages(self, path: str, key: str | None = None, **parameters: Any) -> Iterator[Any]:
        """Yield the items of all pages, or those under `key` of each."""
        answer = self.ask("GET", path, None, per_page=PER_PAGE, **parameters)
        for _ in range(MOST_PAGES):
            yield from _items(answer.body, key)
            following = _next_page(answer.headers.get("link", ""))
            if following is None:
                return
            answer = self.ask("GET", following)

    @property
    def spent(self) -> float:
        """The seconds since the connection was made."""
        return self._deadline.spent

    def wait(self, seconds: float) -> None:
        """Wait for `seconds`. Raises `RefusedError` if that exceeds the deadline of the run."""
        try:
            self._deadline.wait(seconds)
        except DeadlineExceededError:
            raise RefusedError(None) from None


def connect(
    token: str,
    api_url: str,
    *,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> GitHub:
    """Return a client for the token and `GITHUB_API_URL`, without sending a request."""
    # PyGithub logs retries to stderr, where the runner reads commands; the notes are enough.
    for name in ("github", "urllib3"):
        logging.getLogger(name).setLevel(logging.ERROR)
    deadline = Deadline(sleep, clock)
    patient = DeadlineRetry(deadline, total=TRIES, backoff_factor=1, raise_on_status=False)

    def requester(retry: DeadlineRetry | None) -> Requester:
        return bounded(
            lambda: (
                Github(
                    auth=Auth.Token(token),
                    base_url=api_url.rstrip("/"),
                    user_agent=f"lineage-diff/{__version__}",
                    timeout=SECONDS_FOR_BYTES,
                    retry=retry,
                    seconds_between_requests=0,
                    seconds_between_writes=0,
                ).requester
            )
        )

    # By default PyGithub retries POST too, which could create a second comment.
    patient.allowed_methods = frozenset({"GET", "PATCH", "DELETE"})
    return GitHub(requester(patient), requester(None), deadline)


def _ask(
    requester: Requester, method: str, path: str, body: Any, parameters: Mapping[str, Any]
) -> Answer:
    try:
        status, headers, text = requester.requestJson(method, path, dict(parameters), input=body)
    except GithubException as error:
        # The data are bytes if they are not JSON.
        raise _refused(error.status, error.data, _header_mapping(error.headers or {})) from None
    except (RequestException, HTTPError, OSError) as error:
        raise RefusedError(None, type(error).__name__, unsure=True) from None
    # For a redirect to another host, and for unreadable headers, PyGithub raises errors of every
    # kind.
    except Exception:
        raise RefusedError(None, unsure=True) from None
    try:
        value = json.loads(text) if text else None
    except ValueError:
        value = None
    if status is None or not 200 <= status < 300 or (status != _NO_CONTENT and value is None):
        raise _refused(status, value, _header_mapping(headers))
    return Answer(status, value, _header_mapping(headers))


def _header_mapping(headers: Mapping[str, Any]) -> Mapping[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}


def _refused(status: int | None, value: Any, headers: Mapping[str, str]) -> RefusedError:
    text = value.get("message") if isinstance(value, Mapping) else None
    message = text[:_MESSAGE] if isinstance(text, str) else ""
    return RefusedError(
        status,
        message,
        retry_after=retry_after(status or 0, message, headers),
        unsure=status is None or status >= 500 or status < 300,
    )


@understood
def _items(body: Any, key: str | None) -> list[Any]:
    return list(body[key] if key is not None else body)


def _next_page(links: str) -> str | None:
    found = [link["url"] for link in parse_header_links(links) if link.get("rel") == "next"]
    return found[0] if found else None
