"""One real MLflow server for all tests of this folder, with runs of a real repository."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lineage_diff.mlflow.client import RequestLimits
from tests.support.git_repo import GitRepo
from tests.support.mlflow_server import MlflowServer

A, B, D, E = (letter * 40 for letter in "abde")
"""Commits that no repository has."""

LOCK = """\
schema: '2.0'
stages:
  prepare:
    cmd: prepare
    deps: [{path: data/raw.csv, hash: md5, md5: '11111111111111111111111111111111', size: 3}]
    outs: [{path: data/prepared, hash: md5, md5: '22222222222222222222222222222222.dir', size: 5}]
  train:
    cmd: train
    deps: [{path: data/prepared, hash: md5, md5: '22222222222222222222222222222222.dir', size: 5}]
    outs: [{path: models/churn.pkl, hash: md5, md5: '33333333333333333333333333333333', size: 7}]
  other:
    cmd: other
    outs: [{path: data/other.csv, hash: md5, md5: '44444444444444444444444444444444', size: 9}]
"""
PIPELINE = """\
stages:
  prepare: {cmd: prepare, deps: [data/raw.csv], outs: [data/prepared]}
  train: {cmd: train, deps: [data/prepared], outs: [models/churn.pkl]}
  other: {cmd: other, outs: [data/other.csv]}
artifacts:
  churn: {path: models/churn.pkl, type: model}
"""
RAW = "outs: [{path: raw.csv, hash: md5, md5: '11111111111111111111111111111111', size: 3}]\n"


@dataclass(frozen=True)
class World:
    """The server, the repository with its commit, and the ids of runs by key."""

    server: MlflowServer
    repo: GitRepo
    commit: str
    ids: dict[str, str]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    repo = GitRepo(tmp_path_factory.mktemp("mlflow") / "repo")
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", PIPELINE)
    repo.write("dvc.lock", LOCK)
    repo.write("data/raw.csv.dvc", RAW)
    repo.write("metrics.json", json.dumps({"auc": 0.8}))
    commit = repo.commit()
    with MlflowServer(tmp_path_factory.mktemp("server")) as server:
        yield World(server, repo, commit, server.fill(_runs(commit)))


@pytest.fixture
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retry as often, and at once: `test_mlflow_faults.py` has the tests of the retries."""
    bounds = RequestLimits(pauses=tuple(0.0 for _ in RequestLimits().pauses))
    monkeypatch.setattr("lineage_diff.mlflow.client.RequestLimits", lambda: bounds)


def _runs(commit: str) -> list[dict[str, object]]:
    return [
        {
            "key": "first",
            "experiment": "churn",
            "name": "first [bold]try[/]",
            "tags": {"dvc_commit": A},
            "params": {"lr": "0.1"},
            "metrics": {"auc": [0.7, 0.8], "loss": ["nan"], "huge": [1e308]},
            "model": "churn",
            "aliases": ["champion", "blue"],
        },
        {
            "key": "param wins over MLflow's tag",
            "experiment": "churn",
            "tags": {"mlflow.source.git.commit": B},
            "params": {"dvc_commit": A},
        },
        {
            "key": "by MLflow's tag",
            "tags": {"mlflow.source.git.commit": B},
            "model": "churn",
            "stage": "Production",
        },
        {"key": "abbreviated", "params": {"dvc_commit": D[:8].upper()}},
        {"key": "too short", "params": {"dvc_commit": D[:6]}},
        {"key": "longer", "params": {"dvc_commit": f"{D}0"}},
        {"key": "other name", "experiment": "Größe", "tags": {"git sha": E}, "model": "rank é"},
        {"key": "deleted", "tags": {"dvc_commit": A}, "deleted": True},
        {"key": "no commit", "model": "churn"},
        {"key": "whole", "tags": {"dvc_commit": commit, "lineage_diff.data.gone": "md5:0"}},
        {"key": "same", "params": {"dvc_commit": commit}},
    ]
