"""Runs many `dvc` commands in one process: a JSON object a line in, its outcome out."""

import contextlib
import io
import json
import os
import sys


def main() -> None:
    """Answer `[exit code, output, errors]` to each command on standard input, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    # Named at all, it keeps DVC from writing JSON to the first standard output, past ours.
    os.environ["DVC_TEST"] = "false"
    from dvc.cli import main as dvc

    for line in sys.stdin:
        request = json.loads(line)
        os.chdir(request["folder"])
        said, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stderr(errors), contextlib.redirect_stdout(said):
            code = dvc(request["arguments"])
        answers.write(json.dumps([code, said.getvalue(), errors.getvalue()]) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
