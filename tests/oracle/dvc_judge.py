"""Asks the real DVC, through one worker process per DVC project."""

import json
import os
from pathlib import Path
from typing import Any

from tests.support.dvc_repo import dvc_environment
from tests.support.json_process import JsonProcess

Answer = dict[str, Any]
_WORKER = Path(__file__).with_name("worker.py")


class DvcError(Exception):
    """DVC gives no answer; the text is its own reason."""


class DvcJudge:
    """DVC's answers over the project in the folder `root`, as its `--json` prints them."""

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self._process = JsonProcess(_WORKER, dvc_environment(), str(Path(root).resolve()))

    def __enter__(self) -> "DvcJudge":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the worker."""
        self._process.close()

    def ask(self, *commits: str) -> Answer:
        """Return everything that DVC says of one commit, or of a pair of them."""
        try:
            answer: Answer = self._process.ask(json.dumps({"commits": commits}))
        except EOFError as error:
            raise DvcError(str(error)) from None
        if "error" in answer:
            raise DvcError(answer["error"])
        return answer


def dvc_metrics_diff(judge: DvcJudge, base: str, head: str) -> Answer:
    """Return `dvc metrics diff --json base head`; raises `DvcError` where DVC only warns."""
    return _diff(judge.ask(base, head)["metrics"])


def dvc_params_diff(judge: DvcJudge, base: str, head: str) -> Answer:
    """Return `dvc params diff --json base head`; raises `DvcError` where DVC only warns."""
    return _diff(judge.ask(base, head)["params"])


def dvc_data_diff(judge: DvcJudge, base: str, head: str) -> Answer:
    """Return `dvc diff --json --show-hash base head`."""
    return _diff(judge.ask(base, head)["data"])


def dvc_index(judge: DvcJudge, commit: str) -> Answer:
    """Return the stages by `path:name`, and the edges, of one commit."""
    found = judge.ask(commit)["index"][commit]
    if "error" in found:
        raise DvcError(found["error"])
    data: Answer = found["data"]
    return data


def _diff(part: Answer) -> Answer:
    if "error" in part:
        raise DvcError(part["error"])
    diff: Answer = part["diff"]
    return diff
