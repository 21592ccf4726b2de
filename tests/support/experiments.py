"""A project of one stage with a param and metrics in Git, and revisions of it."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from tests.support.git_repo import GitRepo

PIPELINE = """stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [lr]
    outs: [model.pkl]
    metrics: [{metrics.json: {cache: false}}]
"""
LOCK = """schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - {{path: train.py, hash: md5, md5: {dep}, size: {size}}}
    params:
      params.yaml:
        lr: {lr}
    outs:
    - {{path: model.pkl, hash: md5, md5: {model}, size: 4}}
    - {{path: metrics.json, hash: md5, md5: {metrics}, size: {length}}}
"""
SCRIPT = "print(1)\n"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def write_run(
    repo: GitRepo, lr: float, metrics: Mapping[str, Any], script: str = SCRIPT, params: str = ""
) -> None:
    """Write what a run of the stage leaves: params, metrics and a lock that fits them."""
    text = json.dumps(metrics)
    repo.write("train.py", script)
    repo.write("params.yaml", f"lr: {lr}\n{params}")
    repo.write("metrics.json", text)
    model = _md5(f"{lr} {script}")
    repo.write(
        "dvc.lock",
        LOCK.format(
            dep=_md5(script),
            size=len(script),
            lr=lr,
            model=model,
            metrics=_md5(text),
            length=len(text),
        ),
    )


def baseline(repo: GitRepo, metrics: Mapping[str, Any], config: str = "") -> str:
    """Commit the project on main."""
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", PIPELINE)
    if config:
        repo.write(".github/lineage-diff.yml", config)
    write_run(repo, 0.1, metrics)
    return repo.commit("base")


def experiment(
    repo: GitRepo, name: str, lr: float, metrics: Mapping[str, Any], start: str = "main"
) -> str:
    """Make an experiment as `dvc exp run` does: a commit that only a ref of DVC has."""
    commit = repo.git("rev-parse", start)
    repo.git("checkout", "-q", "--detach", commit)
    write_run(repo, lr, metrics)
    made = repo.commit(f"experiment {name}")
    repo.git("update-ref", f"refs/exps/{commit[:2]}/{commit[2:]}/{name}", made)
    repo.git("checkout", "-q", "main")
    return made
