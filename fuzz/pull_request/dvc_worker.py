"""Asks DVC of work trees: a folder a line in, what DVC says of it out, as JSON."""

import contextlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from dvc.exceptions import CheckoutError
from dvc.repo import Repo


def main() -> None:
    """Answer each folder on standard input, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        folder = json.loads(line)
        try:
            answer = _said(folder)
        except Exception as error:
            answer = {"refused": f"{type(error).__name__}: {error}"}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


def _said(folder: str) -> dict[str, Any]:
    os.chdir(folder)
    repo = Repo(folder)
    try:
        # What the cache lacks stays away.
        with contextlib.suppress(CheckoutError):
            repo.checkout(force=True)
        index = repo.index
        artifacts = {
            os.path.normpath(Path(file).parent / entry.path)
            for file, entries in repo.artifacts.read().items()
            for entry in entries.values()
            if entry.type == "model"
        }
        stages = {
            stage.addressing: {
                "command": bool(stage.cmd),
                "frozen": bool(stage.frozen) and not stage.is_import,
                "above": [each.addressing for each in _above(index.graph, stage)],
                "outs": dict(_out(out, artifacts) for out in stage.outs),
            }
            for stage in index.stages
        }
        return {"stages": stages, "status": repo.status()}
    finally:
        repo.close()


def _above(graph: Any, stage: Any) -> set[Any]:
    """Return all stages upstream: DVC looks at none that is above a frozen one."""
    seen, rest = set[Any](), [stage]
    while rest:
        last = rest.pop()
        for each in () if last.frozen else graph.successors(last):
            if each not in seen:
                seen.add(each)
                rest.append(each)
    return seen


def _out(out: Any, artifacts: set[str]) -> tuple[str, dict[str, Any]]:
    path = os.path.relpath(out.fs_path)
    known = out.hash_info.value if out.hash_info else None
    marked = out.annot.type == "model" or path.endswith((".pkl", ".onnx")) or path in artifacts
    return path, {"hash": known, "cached": bool(out.use_cache), "model": marked}


if __name__ == "__main__":
    main()
