"""The program in processes that are forked from one which has its modules already.

To load them takes most of the time of a small run. What is forked is as good as new: the process it
comes from loads modules and nothing else.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from tests.support.json_process import JsonProcess

_SCRIPT = Path(__file__).with_name("prepared_process.py")


class PreparedProgram:
    """Runs `python -m lineage_diff`, one at a time. Its process ends with this one."""

    def __init__(self) -> None:
        self._process = JsonProcess(_SCRIPT, os.environ)

    def run(
        self,
        arguments: tuple[str, ...],
        *,
        cwd: Path,
        environment: Mapping[str, str],
        out: Path,
        err: Path,
        seconds: float,
        memory: int,
    ) -> int:
        """Run a command whose output goes to two files, with an address space of so many bytes.

        Returns its exit code, or the number of the signal that ended it, negative. Raises
        `TimeoutError` if it takes too long; it is ended then.
        """
        request = {
            "arguments": arguments,
            "cwd": str(cwd),
            "environment": dict(environment),
            "outputs": [str(out), str(err)],
            "seconds": seconds,
            "memory": memory,
        }
        status = self._process.ask(json.dumps(request))
        if status is None:
            raise TimeoutError(f"{arguments}: no end after {seconds} s")
        return int(status)
