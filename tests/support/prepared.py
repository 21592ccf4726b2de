"""The program in processes that are forked from one which has its modules already.

To load them takes most of the time of a small run. What is forked is as good as new: the process it
comes from loads modules and nothing else.
"""

import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

SCRIPT = Path(__file__).with_name("prepared_process.py")


class PreparedProgram:
    """Runs `python -m lineage_diff`, one at a time. Its process ends with this one."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, SCRIPT, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def run(
        self,
        arguments: tuple[str, ...],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        out: IO[bytes],
        err: IO[bytes],
        seconds: float,
        memory: int,
    ) -> int:
        """Run a command with an address space of so many bytes.

        Returns its exit code, or the number of the signal that ended it, negative. Raises
        `TimeoutError` if it takes too long; it is ended then.
        """
        asked = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": dict(environment),
            "seconds": seconds,
            "memory": memory,
        }
        text = json.dumps(asked).encode()
        socket.send_fds(self._socket, [len(text).to_bytes(4, "big")], [out.fileno(), err.fileno()])
        self._socket.sendall(text)
        answer = self._socket.recv(16)
        if not answer:
            raise EOFError("the process that has the modules ended")
        status = int(answer)
        if status == 0x100:
            raise TimeoutError(f"{arguments}: no end after {seconds} s")
        return status
