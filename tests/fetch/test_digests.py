"""The SHA-256 of a model, from the bytes that DVC keeps."""

import json
import shutil
from hashlib import md5, sha256
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.cli.main import main
from tests.support.dvc_repo import DvcRepo, DvcShell

# More than is read at once, and more than other objects may have.
MODEL = bytes(range(256)) * 150_000
PIPELINE = """\
stages:
  fit: {cmd: cp seed model.pkl && mkdir -p dir && cp seed dir/x, outs: [model.pkl, dir]}
artifacts:
  churn: {path: model.pkl, type: model}
  tree: {path: dir, type: model}
"""


@pytest.fixture
def repo(tmp_path: Path, shell: DvcShell, own_config: None) -> DvcRepo:
    """A model in a remote folder, `store`, and not in the cache."""
    made = DvcRepo(tmp_path / "repo", shell)
    made.dvc("remote", "add", "-q", "-d", "store", "../store")
    (made.root / "seed").write_bytes(MODEL)
    made.files({"dvc.yaml": PIPELINE})
    made.repro("One")
    made.dvc("push", "-q")
    shutil.rmtree(made.root / ".dvc" / "cache")
    return made


def export(repo: DvcRepo, name: str, *options: str) -> int:
    return main(["export", "--to", name, "--repo", str(repo.path), *options])


def digests(repo: DvcRepo, capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, Any]:
    """Return the digests of the model in the Statement."""
    assert export(repo, "in-toto", "--model", "churn", *options) == 0
    subjects = json.loads(capsys.readouterr().out)["subject"]
    found: dict[str, Any] = next(one["digest"] for one in subjects if one["name"] == "model.pkl")
    return found


def test_a_fetched_model_has_its_sha256(
    repo: DvcRepo, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plain = {"md5": md5(MODEL).hexdigest()}
    assert digests(repo, capsys) == plain
    whole = plain | {"sha256": sha256(MODEL).hexdigest()}
    assert digests(repo, capsys, "--fetch") == whole
    assert export(repo, "cyclonedx", "--fetch") == 0
    out, err = capsys.readouterr()
    (model,) = (item for item in json.loads(out)["components"] if item["name"] == "churn")
    assert {item["alg"]: item["content"] for item in model["hashes"]} == {
        "MD5": plain["md5"],
        "SHA-256": whole["sha256"],
    }
    assert "dir at " in err
    assert "its SHA-256: a directory has no SHA-256" in err
    # What was fetched before needs no remote.
    repo.dvc("fetch", "-q")
    shutil.rmtree(tmp_path / "store")
    assert digests(repo, capsys, "--fetch") == whole


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "neither the cache nor the remote `store` holds it"),
        (b"cut", "does not match its hash"),
    ],
)
def test_what_is_not_there_has_none(
    repo: DvcRepo,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    content: bytes | None,
    reason: str,
) -> None:
    name = md5(MODEL).hexdigest()
    stored = tmp_path / "store" / "files" / "md5" / name[:2] / name[2:]
    stored.chmod(0o600)
    stored.unlink()
    if content is not None:
        stored.write_bytes(content)
    assert export(repo, "in-toto", "--model", "churn", "--fetch") == 0
    out, err = capsys.readouterr()
    statement = json.loads(out)
    assert "sha256" not in json.dumps(statement["subject"][-1])
    (unknown,) = statement["predicate"]["buildDefinition"]["internalParameters"]["unknowns"]
    assert reason in unknown["reason"]
    assert reason in err


def test_other_formats_fetch_nothing(repo: DvcRepo, capsys: pytest.CaptureFixture[str]) -> None:
    assert export(repo, "json", "--fetch") == 2
    assert "json holds no SHA-256" in capsys.readouterr().err
