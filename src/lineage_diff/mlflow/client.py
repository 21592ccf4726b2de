"""Send requests to an MLflow server's REST API, with limits of time and size.

Endpoints and errors: https://mlflow.org/docs/latest/rest-api.html. A request runs in a thread that
is abandoned at its deadline: a socket timeout does not stop a server that sends a byte now and
then, or a slow name lookup.
"""

import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from threading import Thread
from typing import Any, TypeVar

import msgspec
import requests
import urllib3
from msgspec import Struct

from lineage_diff import limits
from lineage_diff.mlflow import errors as reason
from lineage_diff.mlflow.errors import MlflowFailedError, MlflowUnavailableError, MlflowUnknownError
from lineage_diff.mlflow.messages import ErrorAnswer
from lineage_diff.mlflow.settings import MlflowSettings

API = "/api/2.0/mlflow/"
_PIECE = 64 * 1024
# MLflow's own client also retries these (`_TRANSIENT_FAILURE_RESPONSE_CODES`).
_TRANSIENT = (408, 429, 500, 502, 503, 504)
_UNKNOWN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")

Answer = TypeVar("Answer")
Pairs = Mapping[str, str] | list[tuple[str, str]]


class RequestLimits(Struct, frozen=True):
    """Seconds for all requests and for one, bytes of an answer, seconds before each retry."""

    seconds: float = limits.MLFLOW_SECONDS
    request_seconds: float = limits.MLFLOW_REQUEST_SECONDS
    size: int = limits.MLFLOW_BYTES
    pauses: tuple[float, ...] = (0.5, 1.0, 2.0)


class _BrokenError(Exception):
    """The connection failed or was lost; a retry may succeed."""


class MlflowClient:
    """A client of one server. Every failure is a `MlflowUnavailableError` or a subclass."""

    def __init__(self, settings: MlflowSettings, bounds: RequestLimits | None = None) -> None:
        self._settings = settings
        self._bounds = bounds or RequestLimits()
        self._deadline = time.monotonic() + self._bounds.seconds
        self._session = requests.Session()
        if settings.login or settings.token:
            # Set as `auth`, so that a netrc file does not override it.
            self._session.auth = self._authorize
        if settings.verify is False:
            # The warning contains the server's address, and the user chose this setting.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)

    def get(self, path: str, query: Pairs, kind: type[Answer]) -> Answer:
        """Send a request with `query` in its address; return the answer as a `kind`."""
        return self._call("GET", path, kind, params=query)

    def post(self, path: str, body: object, kind: type[Answer]) -> Answer:
        """Send a request with a JSON body; it may be sent twice. Return a `kind`."""
        return self._call("POST", path, kind, data=msgspec.json.encode(body))

    def _call(self, method: str, path: str, kind: type[Answer], **content: Any) -> Answer:
        end = min(self._deadline, time.monotonic() + self._bounds.request_seconds)
        status, body = _in_time(lambda: self._tries(method, path, content, end), end)
        _check(status, body)
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            raise MlflowUnavailableError(reason.NONSENSE) from None

    def _tries(
        self, method: str, path: str, content: Mapping[str, Any], end: float
    ) -> tuple[int, bytes]:
        """Retry lost connections and transient errors; the last attempt counts."""
        for pause in self._bounds.pauses:
            try:
                status, body = self._try(method, path, content, end)
            except _BrokenError:
                pass
            else:
                if status not in _TRANSIENT:
                    return status, body
            time.sleep(max(min(pause, end - time.monotonic()), 0))
        try:
            return self._try(method, path, content, end)
        except _BrokenError:
            raise MlflowUnavailableError(reason.DOWN) from None

    def _try(
        self, method: str, path: str, content: Mapping[str, Any], end: float
    ) -> tuple[int, bytes]:
        left = end - time.monotonic()
        if left <= 0:
            raise MlflowUnavailableError(reason.SLOW)
        try:
            with self._session.request(
                method,
                self._settings.base + API + path,
                headers={
                    "User-Agent": "lineage-diff",
                    "Content-Type": "application/json",
                    # No compression: an answer must not unpack to more than was sent.
                    "Accept-Encoding": "identity",
                },
                timeout=left,
                allow_redirects=False,
                stream=True,
                verify=self._settings.verify,
                cert=self._settings.client_certificate,
                **content,
            ) as response:
                return response.status_code, self._body(response.raw)
        except (requests.exceptions.SSLError, urllib3.exceptions.SSLError):
            raise MlflowUnavailableError(reason.TLS) from None
        except (requests.exceptions.Timeout, urllib3.exceptions.TimeoutError, TimeoutError):
            raise MlflowUnavailableError(reason.SLOW) from None
        except (requests.exceptions.ConnectionError, urllib3.exceptions.ProtocolError):
            raise _BrokenError from None
        except (OSError, ValueError, urllib3.exceptions.HTTPError):
            # For example a missing certificate file, or an invalid header.
            raise MlflowUnavailableError(reason.MISCONFIGURED) from None

    def _body(self, raw: Any) -> bytes:
        body = bytearray()
        for piece in raw.stream(_PIECE, decode_content=False):
            body += piece
            if len(body) > self._bounds.size:
                raise MlflowUnavailableError(reason.HUGE)
        return bytes(body)

    def _authorize(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        login, token = self._settings.login, self._settings.token
        request.headers["Authorization"] = (
            f"Basic {b64encode(':'.join(login).encode()).decode()}" if login else f"Bearer {token}"
        )
        return request


def _in_time(work: Callable[[], tuple[int, bytes]], end: float) -> tuple[int, bytes]:
    future: Future[tuple[int, bytes]] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # `future.result` raises it again.
            future.set_exception(error)

    Thread(target=run, name="mlflow", daemon=True).start()
    try:
        return future.result(max(end - time.monotonic(), 0))
    except TimeoutError:
        raise MlflowUnavailableError(reason.SLOW) from None


def _check(status: int, body: bytes) -> None:
    """Raise for any status but 200. MLflow's errors are JSON with an `error_code`."""
    if status == 200:
        return
    if status in (401, 403, 407):
        raise MlflowUnavailableError(reason.refused(status))
    if 300 <= status < 400:
        raise MlflowUnavailableError(reason.REDIRECT)
    try:
        code = msgspec.json.decode(body, type=ErrorAnswer).error_code
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        code = None
    if code in _UNKNOWN:
        raise MlflowUnknownError(reason.failed(status))
    if status in _TRANSIENT or code is not None:
        raise MlflowFailedError(reason.failed(status))
    raise MlflowUnavailableError(reason.NONSENSE)
