"""A process that answers lines of text with lines of JSON."""

import json
import select
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class JsonProcess:
    """A Python script that runs until it is closed, since starting DVC costs most of an answer."""

    def __init__(self, script: Path, environment: Mapping[str, str], *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(script), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
            encoding="utf-8",
        )

    def ask(self, line: str, seconds: float | None = None) -> Any:
        """Send one line, and return the answer.

        Raises `EOFError` when the process ends, or does not answer in so many seconds.
        """
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"{line}\n")
        stdin.flush()
        ready, _, _ = select.select([stdout], [], [], seconds)
        answer = stdout.readline() if ready else ""
        if not answer:
            raise EOFError("the process ended, or did not answer in time")
        return json.loads(answer)

    def kill(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self.close()

    def close(self) -> None:
        """Let the process end."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process.wait(timeout=60)
