"""Runs many `dvc` commands in one process: a JSON list of arguments a line in, its outcome out."""

import contextlib
import io
import json
import os
import sys


def main() -> None:
    """Answer `[exit code, output]` for each command on standard input, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    from dvc.cli import main as dvc

    for line in sys.stdin:
        request = json.loads(line)
        os.chdir(request["folder"])
        said = io.StringIO()
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(said):
            code = dvc(request["arguments"])
        answers.write(json.dumps([code, said.getvalue()]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
