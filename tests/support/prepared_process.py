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
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn


def serve() -> dict[str, Any]:
    """Answer each line with an exit code, and exit. In each forked process, return its request."""
    known: set[str] = set()
    for line in sys.stdin:
        request: dict[str, Any] = json.loads(line)
        command = request["arguments"][0]
        told, tell = os.pipe()
        gc.freeze()
        child = os.fork()
        if child == 0:
            os.close(told)
            become(request)
            if command not in known:
                tell_modules(tell)
            return request
        os.close(tell)
        status, names = wait(child, told, request["seconds"])
        os.close(told)
        print(json.dumps(status), flush=True)
        if names:
            known.add(command)
            for name in names:
                with suppress(ImportError):
                    importlib.import_module(name)
    sys.exit()


def become(request: dict[str, Any]) -> None:
    """Take the folder, the variables, the files and the limit of the request."""
    for own, path in enumerate((os.devnull, *request["outputs"])):
        file = os.open(path, os.O_RDWR)
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


def wait(child: int, told: int, seconds: float) -> tuple[int | None, list[str]]:
    """Return the exit code or negative signal of a process, and the names that it told.

    One that takes longer is ended, and has no exit code.
    """
    ended = os.pidfd_open(child)
    try:
        in_time, _, _ = select.select([ended], [], [], seconds)
        if not in_time:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    finally:
        os.close(ended)
    if not in_time:
        return None, []
    text = b""
    while chunk := os.read(told, 1 << 16):
        text += chunk
    return os.waitstatus_to_exitcode(status), text.decode().split()


# The modules of this folder are not those of the program that have the same name.
del sys.path[0]
serve()
sys.path.insert(0, str(Path.cwd()))
runpy.run_module("lineage_diff", run_name="__main__", alter_sys=True)
