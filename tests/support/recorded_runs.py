"""Stages with their last runs, written into a repository as DVC writes them."""

import hashlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml

from tests.support.git_repo import GitRepo

_NONE: Mapping[str, Any] = MappingProxyType({})


class RecordedRun(NamedTuple):
    """A stage and what its last run recorded: the texts of files by path, and values of params.

    What is no file has the fields of the lock instead of a text.
    """

    deps: Mapping[str, Any] = _NONE
    outs: Mapping[str, Any] = _NONE
    metrics: Mapping[str, str] = _NONE
    params: Mapping[str, Any] = _NONE
    cmd: str | list[str] = "run"
    param_file: str = "params.yaml"


def md5_of(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def write_runs(repo: GitRepo, runs: Mapping[str, RecordedRun], **more: Any) -> None:
    """Write `dvc.yaml` and `dvc.lock`. `more` are other keys of `dvc.yaml`.

    Metrics are files in Git, so they are written too; so is `params.yaml`.
    """
    repo.write(".dvc/config", "")
    stages = {name: _declared(run) for name, run in runs.items()}
    repo.write("dvc.yaml", _dumped({"stages": stages, **more}))
    locked = {name: _locked(run) for name, run in runs.items()}
    repo.write("dvc.lock", _dumped({"schema": "2.0", "stages": locked}))
    usual = [run for run in runs.values() if run.param_file == "params.yaml"]
    params = {key: value for run in usual for key, value in run.params.items()}
    if params:
        repo.write("params.yaml", _dumped(params))
    for run in runs.values():
        for path, text in run.metrics.items():
            repo.write(path, text)


def track_data(repo: GitRepo, path: str, text: str, **more: Any) -> None:
    """Write the `.dvc` file of a file. `more` are its other keys."""
    out = {"md5": md5_of(text), "size": len(text), "hash": "md5", "path": path.rpartition("/")[2]}
    repo.write(f"{path}.dvc", _dumped({**more, "outs": [out]}))


def _declared(run: RecordedRun) -> dict[str, Any]:
    parts = {
        "cmd": run.cmd,
        "deps": list(run.deps),
        "params": _keys(run),
        "outs": list(run.outs),
        "metrics": [{path: {"cache": False}} for path in run.metrics],
    }
    return {key: value for key, value in parts.items() if value}


def _keys(run: RecordedRun) -> list[Any]:
    usual = run.param_file == "params.yaml" or not run.params
    return list(run.params) if usual else [{run.param_file: list(run.params)}]


def _locked(run: RecordedRun) -> dict[str, Any]:
    parts = {
        "cmd": run.cmd,
        "deps": _items(run.deps),
        "params": {run.param_file: dict(run.params)} if run.params else {},
        "outs": _items({**run.metrics, **run.outs}),
    }
    return {key: value for key, value in parts.items() if value}


def _items(texts: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [
        {"path": path, "hash": "md5", "md5": md5_of(text), "size": len(text)}
        if isinstance(text, str)
        else {"path": path, "hash": "md5", **text}
        for path, text in sorted(texts.items())
    ]


def _dumped(data: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(data), sort_keys=False)
