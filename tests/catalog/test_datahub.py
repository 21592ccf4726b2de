"""The file for DataHub: its edges, and what the real `datahub ingest` makes of it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.writers.datahub import write_datahub
from tests.support.drawn_edges import drawn_edges, linked
from tests.support.facts import Facts
from tests.support.git_repo import GitRepo

# `make test` installs DataHub into an environment of its own, inside that of the tests.
COMMAND = shutil.which(Path(sys.prefix, "datahub", "bin", "datahub")) or shutil.which("datahub")
OURS = "urn:li:dataset:(urn:li:dataPlatform:dvc,github.com/acme/churn/{},PROD)"


def written(facts: list[Fact]) -> bytes:
    return b"".join(part.data for part in write_datahub(facts))


def aspects_of(facts: list[Fact], name: str) -> dict[str, Any]:
    return {
        item["entityUrn"]: item["aspect"]["json"]
        for item in json.loads(written(facts))
        if item["aspectName"] == name
    }


def test_the_edges_are_those_of_the_graph(facts: list[Fact]) -> None:
    names = {urn: info["name"] for urn, info in aspects_of(facts, "dataJobInfo").items()}
    links = [
        (names[urn], set(item["inputDatasets"]), set(item["outputDatasets"]))
        for urn, item in aspects_of(facts, "dataJobInputOutput").items()
    ]
    assert linked(links) == {
        (maker.removeprefix("dvc.yaml:"), user.removeprefix("dvc.yaml:"))
        for maker, user in drawn_edges(facts)
    }


def test_a_model_has_the_data_behind_it(facts: list[Fact]) -> None:
    (training,) = aspects_of(facts, "mlModelTrainingData").values()
    assert [item["dataset"] for item in training["trainingData"]] == [
        "urn:li:dataset:(urn:li:dataPlatform:gcs,bucket/part,PROD)",
        OURS.format("raw"),
        OURS.format("all/part.csv"),
        "urn:li:dataset:(urn:li:dataPlatform:dvc,github.com/acme/data/data/raw,PROD)",
        OURS.format("data"),
        "urn:li:dataset:(urn:li:dataPlatform:s3,bucket/key,PROD)",
    ]
    ((urn, model),) = aspects_of(facts, "mlModelProperties").items()
    assert urn == "urn:li:mlModel:(urn:li:dataPlatform:dvc,github.com/acme/churn/model.pkl,PROD)"
    assert model["hyperParams"] == [{"name": "b.yaml:lr", "value": "0.5"}]
    assert model["customProperties"]["hash"] == "md5-dos2unix:999"
    runs = aspects_of(facts, "dataProcessInstanceRelationships")
    assert len(runs[model["trainingJobs"][0]]["upstreamInstances"]) == 3


def test_signs_of_an_urn_are_encoded(git_repo: GitRepo) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("a.dvc", "outs: [{path: 'models/a,(b)%.pkl', md5: a}]\n")
    git_repo.commit()
    (urn,) = aspects_of(Facts(git_repo.path).all, "mlModelProperties")
    assert urn.endswith("/models/a%2C%28b%29%25.pkl,PROD)")


@pytest.mark.slow
@pytest.mark.skipif(COMMAND is None, reason="there is no command datahub: `make test` installs it")
def test_the_real_ingestion_takes_all_of_it(facts: list[Fact], tmp_path: Path) -> None:
    file, store = tmp_path / "datahub.json", tmp_path / "lite.db"
    file.write_bytes(written(facts))
    lite = {"type": "sqlite", "config": {"file": str(store)}}
    recipe = {
        "source": {"type": "file", "config": {"path": str(file)}},
        "sink": {"type": "datahub-lite", "config": lite},
    }
    (tmp_path / "recipe.yml").write_text(json.dumps(recipe), encoding="utf-8")
    client = {"gms": {"server": "http://127.0.0.1:1"}, "lite": lite}
    (tmp_path / ".datahubenv").write_text(json.dumps(client), encoding="utf-8")
    done = _datahub(tmp_path, "ingest", "-c", str(tmp_path / "recipe.yml"))
    assert done.returncode == 0, done.stdout
    assert "Pipeline finished successfully" in done.stdout
    assert "'warnings': []" in done.stdout
    ((urn, training),) = aspects_of(facts, "mlModelTrainingData").items()
    shown = _datahub(tmp_path, "lite", "get", "--urn", urn, "-a", "mlModelTrainingData")
    read = json.loads(shown.stdout[shown.stdout.index("{") :])
    assert [item["dataset"] for item in read["mlModelTrainingData"]["trainingData"]] == [
        item["dataset"] for item in training["trainingData"]
    ]


def _datahub(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    assert COMMAND is not None
    return subprocess.run(
        [COMMAND, *arguments],
        env={**os.environ, "HOME": str(home), "DATAHUB_TELEMETRY_ENABLED": "false"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
