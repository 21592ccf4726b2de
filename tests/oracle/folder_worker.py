"""The real DVC's answers on many folders, in one process: a line of JSON in, a line of JSON out.

A request is `{"folder": DIR, "commits": [A, B]}`, B being what the work tree holds. The answer has
what `worker.py` says of the commits, and of the work tree: `refused`, the reason for which DVC
works with no stage of the project, `null` where it does; `status`, the reasons of each stage that
is changed, by id; and `plots`, the ids of all plots.
"""

import contextlib
import json
import logging
import os
import sys
from pathlib import Path
from typing import Any

# This script is started by its path.
sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.oracle.worker import Worker, stage_id, text_of


def main() -> None:
    """Answer until the input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        request = json.loads(line)
        answers.write(json.dumps(_answer(request["folder"], request["commits"]), default=str))
        answers.write("\n")
        answers.flush()


def _answer(folder: str, commits: list[str]) -> dict[str, Any]:
    with contextlib.chdir(folder):
        found: dict[str, Any] = {"refused": _refusal(folder)}
        with contextlib.suppress(Exception):
            found["plots"] = _plots(folder)
        with contextlib.suppress(Exception):
            found["status"] = _status(folder)
        try:
            found |= Worker(folder).answer(commits)
        except Exception as error:
            found["error"] = text_of(error)
    return found


def _refusal(folder: str) -> str | None:
    from dvc.repo import Repo

    try:
        with Repo(folder) as repo:
            repo.index.check_graph()
            repo.status()
    except Exception as error:
        return text_of(error)
    return None


def _status(folder: str) -> dict[str, Any]:
    from dvc.repo import Repo

    found: dict[str, Any] = {}
    with Repo(folder) as repo, repo.lock:
        for stage in repo.index.stages:
            for reasons in stage.status().values():
                found[stage_id(repo, stage)] = reasons
    return found


def _plots(folder: str) -> list[str]:
    from dvc.repo import Repo
    from dvc.repo.plots import _collect_definitions
    from dvc.utils.plots import group_definitions_by_id

    def fail(_: Any, error: Exception, **__: Any) -> None:
        # Without this, DVC answers with no plots.
        raise error

    with Repo(folder) as repo:
        found = _collect_definitions(repo, targets=[], onerror=fail)
    return sorted(group_definitions_by_id(found.get("data", {})))


if __name__ == "__main__":
    main()
