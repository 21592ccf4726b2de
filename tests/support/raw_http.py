"""A server on the loopback that answers each connection as a test says, byte by byte."""

import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

Answer = Callable[[socket.socket, Event], None]
"""Writes to the connection; the event tells that the server ends, so that nothing waits longer."""


def response(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Return a whole HTTP response that closes its connection."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode() + body


def sends(*answers: bytes) -> Answer:
    """Answer each connection with the next of the responses, and those after with the last."""
    left = list(answers)

    def answer(connection: socket.socket, _: Event) -> None:
        connection.sendall(left.pop(0) if len(left) > 1 else left[0])

    return answer


class RawServer:
    """Serves one connection after the other; `requests` are what was asked, head and body."""

    def __init__(self, answer: Answer, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._tls = tls
        self._ended = Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "RawServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while not self._ended.is_set():
            connection, _ = self._socket.accept()
            # Who asks may leave in the middle, or speak no TLS.
            with suppress(OSError), connection:
                if self._tls is None:
                    self._one(connection)
                else:
                    with self._tls.wrap_socket(connection, server_side=True) as secure:
                        self._one(secure)

    def _one(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        request = _request(connection)
        if request and not self._ended.is_set():
            self.requests.append(request)
            self._answer(connection, self._ended)


def _request(connection: socket.socket) -> bytes:
    data = b""
    # A handshake of TLS has no end of its own.
    while b"\r\n\r\n" not in data and not data.startswith(b"\x16"):
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        (
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length:")
        ),
        0,
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body
