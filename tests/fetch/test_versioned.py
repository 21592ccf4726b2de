"""Versions in a bucket that keeps versions itself: DVC pushes, and is asked the same."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.writers.openlineage import write_openlineage
from tests.fetch.reading import pushed
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment
from tests.support.facts import Facts

PIPELINE = """\
stages:
  fit:
    cmd: cp data/a.txt model.pkl
    deps: [data]
    outs: [model.pkl]
"""


@pytest.fixture
def bucket(s3: str, own_config: None, tmp_path: Path) -> Any:
    """A bucket with versions."""
    import boto3

    name = tmp_path.name.replace("_", "-")
    made = boto3.resource("s3", endpoint_url=s3).create_bucket(Bucket=name)
    made.Versioning().enable()
    return made


def dvc(folder: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    command = [sys.executable, "-m", "dvc", *arguments]
    environment = dvc_environment() | aws
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)


@pytest.fixture(params=["version_aware", "worktree"])
def repo(
    request: pytest.FixtureRequest, bucket: Any, s3: str, tmp_path: Path, shell: DvcShell
) -> DvcRepo:
    """A repository whose second commit has new versions, pushed by DVC itself."""
    made = DvcRepo(tmp_path / "repo", shell)
    made.dvc("remote", "add", "-q", "-d", "cloud", f"s3://{bucket.name}/data")
    made.dvc("remote", "modify", "-q", "cloud", "endpointurl", s3)
    made.dvc("remote", "modify", "-q", "cloud", request.param, "true")
    made.files({"dvc.yaml": PIPELINE, "data/a.txt": "a\n", "data/deep/b.txt": "b\n"})
    made.dvc("add", "-q", "data")
    made.repro("One")
    made.git("tag", "v1")
    made.files({"data/a.txt": "aa\n", "data/c.txt": "c\n"})
    made.dvc("add", "-q", "data")
    made.repro("Two")
    made.git("tag", "forgotten")
    assert dvc(made.root, "push").returncode == 0
    made.save("Push")
    made.git("tag", "v2")
    return made


FILES = ("data/a.txt", "data/c.txt", "data/deep/b.txt", "model.pkl")


def lost_for_others(repo: DvcRepo, tmp_path: Path) -> list[str]:
    """Return the files that `dvc pull` does not get in another clone.

    `dvc data status --not-in-remote` lists all files of such a remote, also those that were pushed.
    """
    clone = repo.clone(tmp_path / "clone")
    clone.git("checkout", "-q", "v2")
    dvc(clone.path, "pull")
    return [file for file in FILES if not (clone.path / file).exists()]


def test_what_dvc_has_pushed_is_there(repo: DvcRepo, tmp_path: Path) -> None:
    assert pushed(repo) == {"data": "all", "model.pkl": "all"}
    assert lost_for_others(repo, tmp_path) == []


def test_what_was_not_pushed_is_missing(repo: DvcRepo) -> None:
    assert pushed(repo, head="forgotten") == {"data": "1 of 1", "model.pkl": "1 of 1"}


def test_a_version_that_was_deleted_is_missing(repo: DvcRepo, bucket: Any, tmp_path: Path) -> None:
    for version in bucket.object_versions.filter(Prefix="data/data/c.txt"):
        version.delete()
    assert pushed(repo) == {"data": "1 of 3", "model.pkl": "all"}
    assert "data/c.txt" in lost_for_others(repo, tmp_path)


def test_a_newer_version_of_the_same_file_does_not_hide_it(repo: DvcRepo, bucket: Any) -> None:
    bucket.put_object(Key="data/model.pkl", Body=b"newer")
    assert pushed(repo)["model.pkl"] == "all"


def test_events_name_the_files_that_dvc_pushed(repo: DvcRepo, bucket: Any) -> None:
    events = [
        json.loads(part.data) for part in write_openlineage(Facts(repo.path, Scope(), "v2").all)
    ]
    links = {
        (item["name"], link["namespace"], link["name"])
        for event in events
        for item in (*event["inputs"], *event["outputs"])
        for link in item.get("facets", {}).get("symlinks", {"identifiers": []})["identifiers"]
    }
    assert {name for name, _, _ in links} == {"data", "model.pkl"}
    assert {place for _, place, _ in links} == {f"s3://{bucket.name}"}
    keys = [item.key for item in bucket.objects.all()]
    assert [name for _, _, name in links if not any(key.startswith(name) for key in keys)] == []
