"""The file for DataHub: its edges, and what the real `datahub ingest` makes of it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from lineage_diff.catalog.facts import Fact
from lineage_diff.catalog.writers.datahub import write_datahub
from lineage_diff.cli.main import main
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
        (producer.removeprefix("dvc.yaml:"), user.removeprefix("dvc.yaml:"))
        for producer, user in drawn_edges(facts)
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


class MetadataServer(ThreadingHTTPServer):
    """Takes what `datahub ingest` sends to a server of DataHub: its token and proposals."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.proposals: list[dict[str, Any]] = []
        self.tokens: set[str | None] = set()
        self.status = 200


class _Handler(BaseHTTPRequestHandler):
    server: MetadataServer

    def do_GET(self) -> None:
        version = {"acryldata/datahub": {"version": "v1.0.0", "commit": "0"}}
        self._answer({"noCode": "true", "models": {}, "versions": version})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.tokens.add(self.headers["Authorization"])
        self.server.proposals += body.get("proposals") or [body["proposal"]]
        self._answer({})

    def _answer(self, answer: dict[str, Any]) -> None:
        data = json.dumps(answer).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MetadataServer]:
    with MetadataServer() as running:
        Thread(target=running.serve_forever, daemon=True).start()
        monkeypatch.setenv("DATAHUB_GMS_URL", f"http://127.0.0.1:{running.server_port}")
        monkeypatch.setenv("DATAHUB_GMS_TOKEN", "secret")
        monkeypatch.setenv("DATAHUB_TELEMETRY_ENABLED", "false")
        monkeypatch.setenv("HOME", str(tmp_path))
        if COMMAND is not None:
            monkeypatch.setenv("PATH", f"{Path(COMMAND).parent}{os.pathsep}{os.environ['PATH']}")
        yield running
        running.shutdown()


@pytest.mark.slow
@pytest.mark.skipif(COMMAND is None, reason="there is no command datahub: `make test` installs it")
def test_the_real_command_sends_all_of_it(
    facts: list[Fact],
    git_repo: GitRepo,
    server: MetadataServer,
    capsys: pytest.CaptureFixture[str],
) -> None:
    send = ["export", "--to", "datahub", "--send", "--repo", str(git_repo.path)]
    assert main(send) == 0
    wanted = json.loads(written(facts))
    assert f"Sent: {len(wanted)} aspects" in capsys.readouterr().err
    assert server.tokens == {"Bearer secret"}
    # The command itself also reports its run.
    sent = {(item["entityUrn"], item["aspectName"]) for item in server.proposals}
    assert {(item["entityUrn"], item["aspectName"]) for item in wanted} <= sent
    server.status = 401
    assert main(send) == 2
    error = capsys.readouterr().err
    assert "datahub ingest ended with exit code 1" in error
    assert "secret" not in error


@pytest.mark.parametrize(
    ("missing", "error"),
    [("PATH", "the command datahub is not installed"), ("DATAHUB_GMS_URL", "nothing says where")],
)
def test_what_sending_needs(
    git_repo: GitRepo,
    facts: list[Fact],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    missing: str,
    error: str,
) -> None:
    command = tmp_path / "bin" / "datahub"
    command.parent.mkdir()
    command.write_text("#!/bin/sh\nexit 9\n", encoding="ascii")
    command.chmod(0o755)
    git = Path(shutil.which("git") or "").parent
    folders = [git] if missing == "PATH" else [command.parent, git]
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, folders)))
    monkeypatch.delenv("DATAHUB_GMS_URL", raising=False)
    assert main(["export", "--to", "datahub", "--send", "--repo", str(git_repo.path)]) == 2
    assert error in capsys.readouterr().err


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
