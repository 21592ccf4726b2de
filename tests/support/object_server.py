"""A real HTTP server on the loopback that hands out a folder of objects, well or badly."""

import base64
import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

Manner = Literal[
    "plain", "login", "broken-off", "endless", "error", "moved", "moved-away", "slow", "silent"
]
USER, PASSWORD = "someone", "s3cret"


class ObjectServer:
    """Serves `folder` in a `manner`; `asked` lists the paths of all requests, of any kind.

    `moved-away` leads to the address `elsewhere`. Until it is closed it can be slow to answer.
    """

    def __init__(self, folder: Path, manner: Manner = "plain", elsewhere: str = "") -> None:
        self.asked: list[str] = []
        self.ended = threading.Event()
        self._server = ThreadingHTTPServer(
            ("127.0.0.1", 0), _handler(self, folder, manner, elsewhere)
        )
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of the folder, without a `/` at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "ObjectServer":
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(
    server: ObjectServer, folder: Path, manner: Manner, elsewhere: str
) -> type[BaseHTTPRequestHandler]:
    login = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append(self.path)
            file = folder / self.path.removeprefix("/again").lstrip("/")
            if manner == "login" and self.headers["Authorization"] != login:
                self._answer(401, b"")
            elif manner == "error":
                self._answer(400, b"no")
            elif manner == "moved-away" or (
                manner == "moved" and not self.path.startswith("/again")
            ):
                place = elsewhere if manner == "moved-away" else "/again"
                self._answer(302, b"", Location=f"{place}{self.path}")
            elif manner == "silent":
                server.ended.wait(60)
            elif not file.is_file():
                self._answer(404, b"")
            elif manner == "endless":
                self._endless()
            elif manner == "slow":
                self._slow(file.read_bytes())
            elif manner == "broken-off":
                content = file.read_bytes()
                self._answer(200, content[:-1], **{"Content-Length": str(len(content))})
            else:
                content = file.read_bytes()
                self._answer(200, content, ETag=f'"{hashlib.md5(content).hexdigest()}"')

        do_HEAD = do_GET  # noqa: N815
        # As WebDAV asks what a file is.
        do_PROPFIND = do_GET  # noqa: N815

        def _answer(self, status: int, content: bytes, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def _slow(self, content: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            for byte in content:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                if server.ended.wait(0.5):
                    return

        def _endless(self) -> None:
            self.send_response(200)
            self.end_headers()
            end = time.monotonic() + 30
            try:
                while not server.ended.is_set() and time.monotonic() < end:
                    self.wfile.write(b"x" * 2**16)
            except OSError:
                return

        def log_message(self, *_: Any) -> None:
            return

    return Handler
