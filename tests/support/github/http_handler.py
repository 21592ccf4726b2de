"""HTTP/1.1 over one connection of the stand-in, kept alive."""

import gzip
import socket
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.support.github.exchange import Request


class HttpHandler(BaseHTTPRequestHandler):
    """Reads requests whole and sends what the server answers to them."""

    protocol_version = "HTTP/1.1"
    # An answer is one write; without this it would wait for the client's delayed acknowledgement.
    disable_nagle_algorithm = True
    wbufsize = -1
    server_version = "github.com"
    sys_version = ""
    server: Any

    def _exchange(self) -> None:
        path, _, query = self.path.partition("?")
        request = Request(self.command, path, query, self.headers, self._body())
        response = self.server.exchange(request)
        if response is None:
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response(response.status)
        for name, value in response.headers:
            self.send_header(name, value)
        if response.status != 204:
            self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.body)
        self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PATCH = do_PUT = do_DELETE = _exchange  # noqa: N815

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the stand-in's own time, for the header `Date`."""
        return format_datetime(self.server.state.pass_time(0), usegmt=True)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            body = b"".join(iter(self._chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        return gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().partition(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Write nothing to the test's output; the server has its own log."""
