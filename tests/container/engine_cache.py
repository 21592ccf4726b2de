"""Stands before the container engine, and remembers what it says of itself.

`act` asks for that before each step and for each expression, some 20 times in a run of one step,
and Podman takes a sixth of a second for each answer. All else goes through as it is.
"""

import os
import re
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE

from tests.container.relay import copy_bytes

ROOT = Path(__file__).parents[2]

# Neither changes while an engine runs: https://docs.docker.com/reference/api/engine/version/v1.41/
REMEMBERED = re.compile(rb"GET ((?:/v[\d.]+)?/(?:info|version)) HTTP/1\.1\r\n.*\r\n\r\n", re.DOTALL)
SCHEME = "unix://"


@contextmanager
def before_engine() -> Iterator[dict[str, str]]:
    """Give the variables by which a client asks here; none where the engine has no socket file."""
    host = os.environ.get("DOCKER_HOST", "")
    if not host.startswith(SCHEME):
        yield {}
        return
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/engine.sock"
        command = (sys.executable, "-m", __name__, path, host.removeprefix(SCHEME))
        # A process of its own: its threads and sockets stay apart from the tests' servers.
        with subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE) as relay:
            assert relay.stdout is not None
            assert relay.stdout.readline() == b"ready\n"
            yield {"DOCKER_HOST": f"{SCHEME}{path}"}


def main(path: str, engine: str) -> None:
    """Listen at a path for what goes to an engine's, until the standard input ends."""
    with _Server(path, _Connection) as server:
        server.engine = engine
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        print("ready", flush=True)
        sys.stdin.read()
        server.shutdown()


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False
    engine = ""


class _Connection(socketserver.BaseRequestHandler):
    server: _Server
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError), _connect(self.server.engine) as far:
            threading.Thread(target=copy_bytes, args=(far, self.request), daemon=True).start()
            # A client sends its next request only after the answer to the last.
            while data := self.request.recv(65536):
                asked = REMEMBERED.fullmatch(data)
                if asked is None:
                    far.sendall(data)
                else:
                    self.request.sendall(_answer(self.server.engine, asked[1].decode()))


def _connect(engine: str) -> socket.socket:
    far = socket.socket(socket.AF_UNIX)
    far.connect(engine)
    return far


@cache
def _answer(engine: str, path: str) -> bytes:
    """Return the engine's answer to a GET, whole."""
    connection = HTTPConnection("localhost")
    connection.sock = _connect(engine)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, body
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"\r\n" + body


if __name__ == "__main__":
    main(*sys.argv[1:])
