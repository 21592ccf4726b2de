"""The Statement: read by in-toto's own library, with each digest named for its bytes."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.provenance.v1 import provenance_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.writers.in_toto import PREDICATE_TYPE, write_statement
from lineage_diff.errors import InputError
from tests.support.audit_repo import content, past_repo
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo
from tests.support.odd_models import EVIL, MD5, SIZELESS, OddModels, md5


def statement_of(repo: GitRepo, model: str) -> dict[str, Any]:
    """Return a Statement, after in-toto's library found it valid."""
    (part,) = write_statement(Facts(repo.path, Scope(models=(model,), files=True)).all)
    document: dict[str, Any] = json.loads(part.data)
    read = json_format.ParseDict(document, statement_pb2.Statement())
    statement = Statement(read.subject, read.predicate_type, read.predicate)
    statement.validate()
    json_format.ParseDict(document["predicate"], provenance_pb2.Provenance())
    assert document["predicateType"] == PREDICATE_TYPE
    return document


def test_the_subjects_are_the_commit_the_lock_and_the_model(tmp_path: Path) -> None:
    past = past_repo(tmp_path)
    past.git("remote", "add", "origin", "https://user:secret@github.com/acme/churn.git")
    document = statement_of(past, "churn@v1.1.0")
    commit = past.commits["bad data"]
    lock = past.git("show", f"{commit}:dvc.lock").encode() + b"\n"
    found, lock_entry, model = document["subject"]
    assert found["digest"] == {"gitCommit": commit}
    assert found["uri"] == f"git+https://github.com/acme/churn@{commit}"
    assert lock_entry["name"] == "dvc.lock"
    assert lock_entry["digest"] == {
        "sha256": sha256(lock).hexdigest(),
        "gitBlob": past.git("rev-parse", f"{commit}:dvc.lock"),
    }
    assert lock_entry["annotations"]["entry"] == "dvc.yaml:train"
    assert (model["name"], model["digest"]) == ("model.pkl", {"md5": content("two")})
    definition = document["predicate"]["buildDefinition"]
    run = definition["externalParameters"]["run"]
    assert (run["command"], run["params"]) == ("python train.py", {"params.yaml": {"lr": 1}})
    assert run["recordedBy"] == commit
    used = {item["name"]: item.get("digest") for item in definition["resolvedDependencies"]}
    assert used["data.csv"] == {"md5": content("bad")}
    assert used[f"commit {commit}"] == {"gitCommit": commit}
    assert "secret" not in json.dumps(document)


ODD = {
    "models/clf": {"dvcMd5Dir": f"{MD5['dir']}.dir"},
    "models/old.pkl": {"dvcMd5Dos2unix": MD5["old"]},
    "models/sizeless.pt": {
        "md5": md5(SIZELESS),
        "sha256": sha256(SIZELESS).hexdigest(),
    },
}


@pytest.mark.parametrize("path", ODD)
def test_a_digest_is_named_for_its_bytes(tmp_path: Path, path: str) -> None:
    repo = OddModels(tmp_path)
    document = statement_of(repo, path)
    model = document["subject"][2]
    model["digest"].pop("gitBlob", None)
    assert (model["name"], model["digest"]) == (path, ODD[path])
    used = document["predicate"]["buildDefinition"]["resolvedDependencies"]
    named = {item.get("name", item.get("uri")): item for item in used}
    raw = named["s3://bucket/raw.csv"]
    assert "digest" not in raw
    assert raw["annotations"]["dvcHash"] == 'etag:"a b<c>"'
    assert f"data/{EVIL}.csv" in named
    source = named["https://example.com/o/r data.git"]
    assert source["digest"] == {"gitCommit": "7f1e5c0a1b2c3d4e5f60718293a4b5c6d7e8f901"}
    assert "secret" not in json.dumps(document)


def test_no_statement_without_a_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no run is recorded that made"):
        statement_of(OddModels(tmp_path), "weights/plain.bin")


def test_no_statement_of_several_models(tmp_path: Path) -> None:
    facts = Facts(OddModels(tmp_path).path)
    with pytest.raises(InputError, match="and 4 are selected"):
        list(write_statement(facts.all))
