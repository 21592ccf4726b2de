"""Forks a process for each request, which runs the program; see `prepared.py`.

What the first run of a command loads is loaded here, too, so that the next one need not.
"""

import faulthandler
import gc
import importlib
import json
import os
import resource
import runpy
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

TOO_LONG = 0x100


def serve(channel: socket.socket) -> dict[str, Any]:
    """Answer requests until there is none, and exit. In each forked process, return its request."""
    known: set[str] = set()
    while True:
        size, files, _, _ = socket.recv_fds(channel, 4, 2)
        if not size:
            sys.exit()
        text = b""
        while len(text) < int.from_bytes(size, "big"):
            text += channel.recv(1 << 16)
        request: dict[str, Any] = json.loads(text)
        command = request["arguments"][0]
        told, tell = os.pipe()
        gc.freeze()
        child = os.fork()
        if child == 0:
            channel.close()
            os.close(told)
            become(request, files)
            if command not in known:
                tell_modules(tell)
            return request
        os.close(tell)
        for file in files:
            os.close(file)
        status, names = wait(child, told, request["seconds"])
        os.close(told)
        channel.sendall(str(status).encode())
        if names:
            known.add(command)
            for name in names:
                with suppress(ImportError):
                    importlib.import_module(name)


def become(request: dict[str, Any], files: list[int]) -> None:
    """Take the folder, the variables, the files and the limit of the request."""
    for file, own in zip(files, (1, 2), strict=True):
        os.dup2(file, own)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv[1:] = request["arguments"]
    memory = request["memory"]
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    faulthandler.enable()
    gc.unfreeze()


def tell_modules(pipe: int) -> None:
    """Arrange that the program writes the names of all its modules as the last thing it does."""
    leave = os._exit

    def tell(status: int) -> NoReturn:
        os.write(pipe, "\n".join(name for name in sys.modules if name != "__main__").encode())
        leave(status)

    os._exit = tell


def wait(child: int, told: int, seconds: float) -> tuple[int, list[str]]:
    """Return the exit code or the negative signal of a process, and the names that it told."""
    ended = os.pidfd_open(child)
    try:
        ready, _, _ = select.select([ended], [], [], seconds)
        if not ready:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(ended)
    if not ready:
        return TOO_LONG, []
    text = b""
    while chunk := os.read(told, 1 << 16):
        text += chunk
    return os.waitstatus_to_exitcode(status), text.decode().split()


serve(socket.socket(fileno=int(sys.argv.pop())))
sys.path[0] = str(Path.cwd())
runpy.run_module("lineage_diff", run_name="__main__", alter_sys=True)
