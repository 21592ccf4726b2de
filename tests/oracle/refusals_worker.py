"""Says of each folder on standard input why DVC refuses the project in it; `null` where not."""

import json
import logging
import os
import sys

from dvc.repo import Repo


def refusal(folder: str) -> str | None:
    """Load a project, look at its graph and compare its stages, as `dvc status` and `dag` do."""
    os.chdir(folder)
    try:
        with Repo(folder) as repo:
            repo.index.check_graph()
            repo.status()
    except Exception as error:
        return " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return None


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        answers.write(json.dumps(refusal(line.rstrip("\n"))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
