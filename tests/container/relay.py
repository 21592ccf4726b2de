"""Lets a container without a network reach one server and nothing else, and counts its attempts.

Run as a program in the container: `relay.py PORT FOLDER PROGRAM…` listens on the loopback's PORT,
hands each connection to the socket in FOLDER, runs the program, and writes into FOLDER what the
kernel counted of its network. It uses the standard library alone.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SOCKET = "server.sock"
COUNTED = "counted.json"


def serve(listener: socket.socket, reach: Callable[[], socket.socket], accepted: list[int]) -> None:
    """Hand each connection on, until the listener is closed; append to `accepted` for each."""
    with suppress(OSError):
        while True:
            near, _ = listener.accept()
            accepted.append(1)
            far = reach()
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=copy_bytes, args=(one, other), daemon=True).start()


def copy_bytes(source: socket.socket, target: socket.socket) -> None:
    """Send all that arrives at one socket to another, and then its end."""
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def counters() -> dict[str, int]:
    """Return what the kernel counted in this network namespace (proc_net(5), snmp)."""
    lines = Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()
    found = {}
    for names, values in zip(lines[::2], lines[1::2], strict=True):
        layer = names.partition(":")[0]
        for name, value in zip(names.split()[1:], values.split()[1:], strict=True):
            found[f"{layer}.{name}"] = int(value)
    return found


def _main(port: int, folder: Path, program: list[str]) -> int:
    accepted: list[int] = []

    def reach() -> socket.socket:
        server = socket.socket(socket.AF_UNIX)
        server.connect(os.fspath(folder / SOCKET))
        return server

    listener = socket.create_server(("127.0.0.1", port))
    threading.Thread(target=serve, args=(listener, reach, accepted), daemon=True).start()
    code = subprocess.run(program, check=False).returncode
    told = {"accepted": len(accepted), **counters()}
    (folder / COUNTED).write_text(json.dumps(told), encoding="ascii")
    return code


if __name__ == "__main__":
    sys.exit(_main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
