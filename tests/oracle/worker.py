"""DVC's own answers over one repository, in one process: a line of JSON in, a line of JSON out.

A request is `{"commits": [A, B]}` or `{"commits": [A]}`. The answer holds the index of each commit
and, for a pair, what `dvc metrics diff`, `dvc params diff` and `dvc diff --show-hash` would print
with `--json`. Each commit is loaded once: DVC's commands load both for every pair. What DVC only
warns of on standard error stands in `errors`.
"""

import json
import logging
import os
import sys
from typing import Any


class Worker:
    """Answers for the DVC project in the folder `root`, which must be the working folder."""

    def __init__(self, root: str) -> None:
        from dvc.repo import Repo

        self._repo = Repo(root)
        self._loaded: dict[str, dict[str, Any]] = {}

    def answer(self, commits: list[str]) -> dict[str, Any]:
        """Return `index` by commit and, for two commits, `metrics`, `params` and `data`."""
        index = {commit: self._load(commit)["index"] for commit in commits}
        if len(commits) == 1:
            return {"index": index}
        old, new = (self._load(commit) for commit in commits)
        return {
            "index": index,
            "metrics": _values(old["metrics"], new["metrics"]),
            "params": _values(old["params"], new["params"]),
            "data": self._data(*commits),
        }

    def _load(self, commit: str) -> dict[str, Any]:
        if commit not in self._loaded:
            while len(self._loaded) > 2:
                self._loaded.pop(next(iter(self._loaded)))
            with self._repo.switch(commit):
                self._loaded[commit] = {
                    "metrics": _result(self._metrics),
                    "params": _result(self._params),
                    "index": _result(self._index),
                }
        return self._loaded[commit]

    def _metrics(self) -> Any:
        from dvc.repo.metrics.show import _gather_metrics

        return _gather_metrics(self._repo, on_error="return")

    def _params(self) -> Any:
        from dvc.repo.params.show import _gather_params

        return _gather_params(self._repo, on_error="return")

    def _index(self) -> Any:
        repo = self._repo
        stages = {stage_id(repo, stage): _stage(repo, stage) for stage in repo.index.stages}
        edges = sorted(
            [stage_id(repo, user), stage_id(repo, producer)]
            for user, producer in repo.index.graph.edges
        )
        return {"stages": stages, "edges": edges}

    def _data(self, base: str, head: str) -> dict[str, Any]:
        try:
            found = self._repo.diff(base, head)
        except Exception as error:
            return {"error": text_of(error)}
        found.pop("not in cache", None)
        return {"diff": {change: sorted(rows, key=_place) for change, rows in found.items()}}


def _place(row: dict[str, Any]) -> str:
    path = row["path"]
    return str(path["old"] if isinstance(path, dict) else path)


def _result(gather: Any) -> dict[str, Any]:
    try:
        return {"data": gather()}
    except Exception as error:
        return {"error": text_of(error)}


def text_of(error: BaseException) -> str:
    """Return an error in one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]


def _values(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    from dvc.repo.metrics.diff import _diff

    found = _diff({"old": old, "new": new}, "old", "new", with_unchanged=False)
    errors = found.get("errors", {})
    whole = [error for error in errors.values() if isinstance(error, str)]
    if whole:
        return {"error": whole[0]}
    files = {file: text_of(error) for side in errors.values() for file, error in side.items()}
    changed = {os.path.relpath(file): keys for file, keys in found.get("diff", {}).items()}
    return {"diff": changed, "errors": files}


def stage_id(repo: Any, stage: Any) -> str:
    """Return the id that we give the stage: its file, and its name in a pipeline."""
    file = repo.fs.relpath(stage.path, repo.root_dir)
    name = getattr(stage, "name", None)
    return f"{file}:{name}" if name else str(file)


def _stage(repo: Any, stage: Any) -> dict[str, Any]:
    from dvc.dependency.param import ParamsDependency

    deps, params = {}, {}
    for dep in stage.deps:
        if isinstance(dep, ParamsDependency):
            params[_path(repo, dep)] = sorted(set(map(str, dep.params or ())))
        else:
            deps[_path(repo, dep)] = _hash(dep)
    outs = {_path(repo, out): [*_hash(out), bool(out.use_cache)] for out in stage.outs}
    return {"cmd": stage.cmd, "deps": deps, "params": params, "outs": outs}


def _path(repo: Any, item: Any) -> str:
    if item.protocol not in ("local", None) or not item.is_in_repo:
        return str(item.def_path)
    path: str = repo.fs.relpath(item.fs_path, repo.root_dir)
    return path


def _hash(item: Any) -> list[Any]:
    info = item.hash_info
    if info and info.name == "dataset":
        return ["dataset", None]
    return [info.name, info.value] if info else [None, None]


def main() -> None:
    """Answer the requests on standard input, until it ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    logging.disable(logging.WARNING)
    os.chdir(sys.argv[1])
    worker = Worker(sys.argv[1])
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line)["commits"])
        except Exception as error:
            answer = {"error": text_of(error)}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
