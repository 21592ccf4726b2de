"""A server for events of OpenLineage that fails now and then, as a real one behind a proxy does.

It takes what the consumers take that docs/export.md names, one run event a request.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

EVENT_BYTES = 5_000_000
NAME_CHARACTERS = 4_000


class LineageServer:
    """Keeps what it received. `plan` has the answers to come; without one it takes the event.

    `503` refuses a request. `cut` takes the event and breaks the connection before it answers.
    `check` fails for an event that is not valid; it is refused, as is one over a limit.
    """

    def __init__(self, check: Callable[[dict[str, Any]], None] = lambda _: None) -> None:
        self.check = check
        self.received: list[dict[str, Any]] = []
        self.plan: list[str] = []
        self.refused = 0
        self.tokens: set[str | None] = set()

    @property
    def address(self) -> str:
        """The address to send to."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator["LineageServer"]:
        """Answer requests in a thread."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def _takes(server: LineageServer, body: bytes) -> bool:
    event = json.loads(body)
    if not isinstance(event, dict) or len(body) > EVENT_BYTES or not event["inputs"]:
        return False
    names = (f"{item['namespace']}:{item['name']}" for item in event["inputs"] + event["outputs"])
    if any(len(name) > NAME_CHARACTERS for name in names):
        return False
    earlier = [item for item in server.received if item["run"]["runId"] == event["run"]["runId"]]
    if any(item["eventTime"] > event["eventTime"] for item in earlier):
        return False
    try:
        server.check(event)
    except Exception:
        return False
    return True


def _handler(server: LineageServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.tokens.add(self.headers["Authorization"])
            step = server.plan.pop(0) if server.plan else "take"
            if step == "503" or self.path != "/api/v1/lineage" or not _takes(server, body):
                server.refused += 1
                self._answer(503 if step == "503" else 400)
                return
            server.received.append(json.loads(body))
            if step == "cut":
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self._answer(201)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler
