"""Limits on the time and size of each of GitHub's answers.

`requests` limits the wait for the next bytes, not the time of an answer: one that comes byte by
byte would take for ever. It does not limit the size at all.
"""

import time
from collections.abc import Callable, Iterator
from http.client import HTTPResponse
from io import BufferedReader, RawIOBase
from socket import socket
from threading import Lock
from typing import Any

from github.Requester import HTTPRequestsConnectionClass, HTTPSRequestsConnectionClass, Requester
from requests import PreparedRequest, Response, Session
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

# For an answer from its first byte to its last.
SECONDS = 60.0
# A hundred comments of 65,536 characters, each written as an escape of six bytes, are 38 MiB.
MOST_BYTES = 64 * 1024 * 1024
_TOO_LONG = "the answer is too long"


class _Incoming(RawIOBase):
    """The bytes of one answer, until its time or its size is over."""

    def __init__(self, raw: Any, connection: socket) -> None:
        self._raw = raw
        self._socket = connection
        self._patience = connection.gettimeout()
        self._end = time.monotonic() + SECONDS
        self._left = MOST_BYTES

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read into a buffer; return the number of bytes. Raises `OSError` past a limit."""
        seconds = self._end - time.monotonic()
        if seconds <= 0:
            raise TimeoutError("the answer takes too long")
        if self._left < 0:
            raise OSError(_TOO_LONG)
        self._socket.settimeout(seconds if self._patience is None else min(self._patience, seconds))
        count: int | None = self._raw.readinto(buffer)
        self._left -= count or 0
        return count

    def close(self) -> None:
        """Close it, and not the connection, which may be used again."""
        self._raw.close()
        super().close()


class _ReceivedAnswer(HTTPResponse):
    def __init__(self, sock: socket, *arguments: Any, **options: Any) -> None:
        super().__init__(sock, *arguments, **options)
        self.fp = BufferedReader(_Incoming(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _ReceivedAnswer


class _SecureConnection(HTTPSConnection):
    response_class = _ReceivedAnswer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class Unpacked:
    """The answer of `urllib3`, whose content may not unpack to more than was allowed to come."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)

    def stream(self, amount: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """Yield the content in pieces. Raises `OSError` past the limit."""
        left = MOST_BYTES
        for piece in self._answer.stream(amount, decode_content=decode_content):
            left -= len(piece)
            if left < 0:
                self._answer.close()
                raise OSError(_TOO_LONG)
            yield piece


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        _limit(self.poolmanager)

    def proxy_manager_for(self, *arguments: Any, **options: Any) -> Any:
        return _limit(super().proxy_manager_for(*arguments, **options))

    def build_response(self, req: PreparedRequest, resp: Any) -> Response:
        response: Response = super().build_response(req, resp)
        response.raw = Unpacked(resp)
        return response


def _limit(manager: PoolManager) -> PoolManager:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
    return manager


class _Requests(HTTPRequestsConnectionClass):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _mount(self.session, "http://", self.retry, self.pool_size)


class _SecureRequests(HTTPSRequestsConnectionClass):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        _mount(self.session, "https://", self.retry, self.pool_size)


def _mount(session: Session, scheme: str, retry: Any, size: int) -> None:
    adapter = _Adapter(max_retries=retry, pool_connections=size, pool_maxsize=size)
    session.mount(scheme, adapter)


_INJECTING = Lock()


def bounded(make: Callable[[], Requester]) -> Requester:
    """Return the requester that `make` makes, with these limits on each answer."""
    with _INJECTING:
        Requester.injectConnectionClasses(_Requests, _SecureRequests)
        try:
            return make()
        finally:
            # The requester keeps its class; the reset lets it keep a connection, too.
            Requester.resetConnectionClasses()
