"""The ML-BOM: valid for the specification's own schemas, and with the right versions in it."""

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lineage_diff.app.export.facts import Scope
from lineage_diff.catalog.writers.cyclonedx import SPECS, iri, write_ml_bom
from tests.support.audit_repo import content, past_repo
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo
from tests.support.odd_models import EVIL, MD5, SIZELESS, OddModels, md5

if TYPE_CHECKING:
    from cyclonedx.validation.json import JsonStrictValidator


@cache
def validators() -> "dict[str, JsonStrictValidator]":
    """Return the library's validator of each version of the specification."""
    # Imported late: each worker collects all tests, and one of them runs these.
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    versions = {"1.6": SchemaVersion.V1_6, "1.7": SchemaVersion.V1_7}
    return {name: JsonStrictValidator(version) for name, version in versions.items()}


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> OddModels:
    return OddModels(tmp_path_factory.mktemp("odd"))


def bom_of(repo: GitRepo, spec: str = "1.6", *models: str) -> dict[str, Any]:
    """Return a document, after the library of CycloneDX found it valid."""
    (part,) = write_ml_bom(Facts(repo.path, Scope(models=models, files=True)).all, spec)
    assert validators()[spec].validate_str(part.data.decode()) is None
    document: dict[str, Any] = json.loads(part.data)
    return document


def properties(item: dict[str, Any]) -> dict[str, str]:
    return {p["name"].removeprefix("lineage-diff:"): p["value"] for p in item["properties"]}


def by_path(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {properties(item).get("path", item["name"]): item for item in document["components"]}


def hashes(item: dict[str, Any]) -> dict[str, str]:
    return {hash_["alg"]: hash_["content"] for hash_ in item.get("hashes", ())}


def test_versions_of_the_specification_are_those_that_the_library_knows() -> None:
    assert tuple(validators()) == SPECS


@pytest.mark.parametrize("spec", SPECS)
def test_a_model_with_its_data_params_metrics_and_run(tmp_path: Path, spec: str) -> None:
    past = past_repo(tmp_path)
    past.git("remote", "add", "origin", "https://user:secret@github.com/acme/churn.git")
    document = bom_of(past, spec)
    parts = by_path(document)
    model, data = parts["models/churn.pkl"], parts["data.csv"]
    assert (model["type"], model["name"]) == ("machine-learning-model", "churn")
    assert hashes(model) == {"MD5": content("four")}
    card = model["modelCard"]
    assert card["modelParameters"]["datasets"] == [{"ref": data["bom-ref"]}]
    assert card["quantitativeAnalysis"]["performanceMetrics"] == [
        {"type": "metrics.json:accuracy", "value": "0.9"}
    ]
    assert properties(card)["param:params.yaml:lr"] == "2"
    uses = {item["ref"]: item["dependsOn"] for item in document["dependencies"]}
    code = parts["train.py"]["bom-ref"]
    params = parts["params.yaml"]["bom-ref"]
    assert uses[model["bom-ref"]] == sorted([data["bom-ref"], code, params])
    (workflow,) = document["formulation"][0]["workflows"]
    tasks = {task["name"]: task for task in workflow["tasks"]}
    train = tasks["dvc.yaml:train"]
    assert train["steps"][0]["commands"] == [{"executed": "python train.py"}]
    assert {"type": "artifact", "resource": {"ref": model["bom-ref"]}} in train["outputs"]
    assert properties(train)["recorded-by-commit"] == past.commits["moved"]
    assert workflow["taskDependencies"][-1] == {
        "ref": train["bom-ref"],
        "dependsOn": [tasks["data.csv.dvc"]["bom-ref"]],
    }
    assert document["metadata"]["component"]["name"] == "acme/churn"
    assert "compositions" not in document
    assert "secret" not in json.dumps(document)


def test_a_registered_version_is_that_of_the_component(tmp_path: Path) -> None:
    document = bom_of(past_repo(tmp_path), "1.6", "churn@v1.1.0")
    (model,) = (item for item in document["components"] if "modelCard" in item)
    assert (model["version"], hashes(model)) == ("v1.1.0", {"MD5": content("two")})


@pytest.mark.parametrize("spec", SPECS)
def test_a_hash_is_one_only_if_it_is_that_of_the_bytes(odd: OddModels, spec: str) -> None:
    parts = by_path(bom_of(odd, spec))
    listed = parts["models/clf"]
    assert (hashes(listed), properties(listed)["dvc-hash"]) == ({}, f"md5:{MD5['dir']}.dir")
    assert (properties(listed)["files"], "size" in properties(listed)) == ("3", False)
    old = parts["models/old.pkl"]
    assert (hashes(old), properties(old)["dvc-hash"]) == ({}, f"md5-dos2unix:{MD5['old']}")
    tracked = hashes(parts["models/sizeless.pt"])
    assert tracked.keys() == {"MD5", "SHA-256"}
    assert tracked["MD5"] == md5(SIZELESS)
    assert hashes(parts["weights/plain.bin"]).keys() == {"SHA-256"}
    raw = parts["s3://bucket/raw.csv"]
    assert (hashes(raw), properties(raw)["dvc-hash"]) == ({}, 'etag:"a b<c>"')
    assert raw["externalReferences"] == [{"type": "distribution", "url": "s3://bucket/raw.csv"}]


def test_names_and_metadata_are_kept_as_they_are(odd: OddModels) -> None:
    document = bom_of(odd)
    parts = by_path(document)
    assert f"data/{EVIL}.csv" in parts
    model = parts["models/clf"]
    assert (model["description"], model["tags"]) == (EVIL, [EVIL, "nlp"])
    assert model["licenses"] == [{"license": {"name": "Proprietary"}}]
    card = properties(model["modelCard"])
    assert card["meta:intended_purpose"] == EVIL
    assert card["meta:1"] == '[2, "nan", "2026-01-01"]'
    imported = parts["cloud.csv"]["externalReferences"]
    assert imported[0]["url"] == "https://example.com/o/r%20data.git"
    assert "rev_lock: 7f1e5c0a1b2c" in imported[0]["comment"]
    # A model that only Git tracks has no run, so its sources are missing.
    assert document["compositions"][0]["aggregate"] == "incomplete"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://host:8080/o/r.git", "https://host:8080/o/r.git"),
        ("git@github.com:o/r data", "ssh://git@github.com/o/r%20data"),
        ("s3://bucket/100%/a%20b[1]", "s3://bucket/100%25/a%20b%5B1%5D"),
        ("https://[::1]/x", "https%3A//%5B%3A%3A1%5D/x"),
        ("../other repo", "../other%20repo"),
        ("C:\\data", "C%3A%5Cdata"),
        ("/mnt/a#b#c", "/mnt/a%23b%23c"),
        ("s3://b/\udce9\n", "s3://b/%5Cudce9%0A"),
    ],
)
def test_an_address_as_a_reference(tmp_path: Path, address: str, expected: str) -> None:
    assert iri(address) == expected
    document = bom_of(past_repo(tmp_path))
    document["components"][0]["externalReferences"] = [{"type": "vcs", "url": expected}]
    assert validators()["1.6"].validate_str(json.dumps(document)) is None


def test_a_path_that_is_not_utf_8(tmp_path: Path) -> None:
    repo = GitRepo(tmp_path)
    repo.write(".dvc/config", "")
    text = f"outs:\n- md5: {MD5['data']}\n  hash: md5\n  path: m.pkl\n"
    repo.write(os.fsdecode(b"models/\xe9/m.pkl.dvc"), text)
    repo.commit()
    assert by_path(bom_of(repo)).keys() == {"models/\\udce9/m.pkl"}


def test_the_same_commit_gives_the_same_bytes(odd: OddModels, tmp_path: Path) -> None:
    again = OddModels(tmp_path)
    assert again.head == odd.head
    scope = Scope(files=True)
    first, second = (list(write_ml_bom(Facts(repo.path, scope).all)) for repo in (odd, again))
    assert first == second
