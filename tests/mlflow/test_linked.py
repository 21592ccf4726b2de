"""The runs of a change's commits, and of those that made a model's versions, in every report."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.cli.main import main
from tests.support.audit_repo import AuditRepo, content, past_repo
from tests.support.markdown import to_html
from tests.support.mlflow_server import MlflowServer

# Name, digest, type of source, source and context, as MLflow's own sources write them.
DATASETS = [
    ("train|set", "1a2b3c4d", "s3", '{"uri": "s3://me:secret@bucket/train.csv"}', "training"),
    ("test", "5e6f", "http", '{"url": "https://h/x.csv?token=secret"}', "eval"),
    ("made", "7a", "code", '{"tags": {"mlflow.user": "me"}}', ""),
    ("odd", "8b", "local", "{", ""),
]


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    return past_repo(tmp_path_factory.mktemp("audit"))


@pytest.fixture(scope="module")
def server(
    past: AuditRepo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[MlflowServer, dict[str, str]]]:
    def run(key: str, step: str, accuracy: float, **more: Any) -> dict[str, Any]:
        tags = {"dvc_commit": past.commits[step]}
        metrics = {"accuracy": [accuracy]}
        return {"key": key, "name": key, "tags": tags, "metrics": metrics, **more}

    with MlflowServer(tmp_path_factory.mktemp("server")) as started:
        ids = started.fill(
            [
                run("tried", "retrained", 0.5),
                run(
                    "kept",
                    "retrained",
                    0.9,
                    model="fraud",
                    aliases=["champion"],
                    logged="classifier",
                    datasets=DATASETS,
                ),
                run("other", "other lr", 0.75),
                run("<b>@everyone|`x`", "first", 0.8),
            ]
        )
        yield started, ids


def shown(arguments: list[str], past: AuditRepo, capsys: pytest.CaptureFixture[str]) -> str:
    assert main([*arguments, "--repo", str(past.path)]) in (0, 1)
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def uri(server: tuple[MlflowServer, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", server[0].uri.replace("//", "//me:secret@"))
    return server[0].uri


def test_a_change_lists_the_runs_of_its_commits(
    past: AuditRepo,
    server: tuple[MlflowServer, dict[str, str]],
    uri: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    compared = ["compare", past.commits["broken lock"], past.commits["retrained"], "--format"]
    report = json.loads(shown([*compared, "json"], past, capsys))
    assert [(run["name"], run["commit"]) for run in report["runs"]] == [
        ("tried", past.commits["retrained"]),
        ("kept", past.commits["retrained"]),
        ("other", past.commits["other lr"]),
    ]
    assert report["runs"][1]["registered"] == ["fraud/1", "fraud@champion"]
    assert report["runs"][1]["logged_models"] == [server[1]["kept model"]]
    assert [tuple(item.values()) for item in report["runs"][1]["datasets"]] == [
        ("made", "7a", "code", ""),
        ("odd", "8b", "local", ""),
        ("test", "5e6f", "https://h/x.csv", "eval"),
        ("train|set", "1a2b3c4d", "s3://bucket/train.csv", "training"),
    ]
    # Another run has the value that was committed.
    assert report["metric_disagreements"] == []
    comment = shown([*compared, "markdown"], past, capsys)
    assert "<b>MLflow</b> · 3 runs</summary>" in comment
    assert f"[`kept`]({uri}/#/experiments/0/runs/{server[1]['kept']})" in comment
    data = "data `made` `7a` from `code`, `odd` `8b` from `local`, `test` `5e6f` (eval) from "
    assert f"{data}`https://h/x.csv` and 1 more" in comment
    terminal = shown([*compared, "terminal"], past, capsys)
    assert "MLflow\n" in terminal
    assert "test 5e6f (eval) from https://h/x.csv" in " ".join(terminal.split())
    assert not any("secret" in text for text in (json.dumps(report), comment, terminal))


def test_a_metric_that_no_run_has_as_it_was_committed(
    past: AuditRepo,
    server: tuple[MlflowServer, dict[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    compared = ["compare", past.commits["broken lock"], past.commits["other lr"], "--format"]
    report = json.loads(shown([*compared, "json"], past, capsys))
    assert report["metric_disagreements"] == [
        {
            "run_id": server[1]["other"],
            "file": "metrics.json",
            "key": "accuracy",
            "git": 0.7,
            "mlflow": 0.75,
        }
    ]
    told = "`accuracy` is 0.7 in `metrics.json` and 0.75 in MLflow"
    assert told in shown([*compared, "markdown"], past, capsys)


@pytest.mark.parametrize("command", ["trace", "history", "audit"])
def test_an_audit_tells_the_runs_that_made_each_version(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    asked = [command, *(["churn"] if command != "audit" else []), "--rev", "HEAD~1", "--format"]
    report = json.loads(shown([*asked, "json"], past, capsys))
    names = [run["name"] for run in report["runs"]]
    assert names[:2] == ["tried", "kept"]
    assert ("other" in names) == (command != "trace")
    disagreeing = [item["mlflow"] for item in report["metric_disagreements"]]
    assert disagreeing == ([] if command == "trace" else [0.75])
    markdown = shown([*asked, "markdown"], past, capsys)
    assert "[`kept`](http" in markdown
    html = to_html(markdown)
    assert "<b>@everyone" not in html
    assert ("<code>&lt;b&gt;@" in html) == (command != "trace")
    assert "kept" in shown([*asked, "terminal"], past, capsys)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9", "file:///tmp/mlruns", "nonsense"])
@pytest.mark.usefixtures("without_pauses")
def test_without_the_server_the_rest_is_told(
    past: AuditRepo,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    address: str,
) -> None:
    asked = ["compare", "HEAD~2", "HEAD", "--format", "json"]
    monkeypatch.delenv("MLFLOW_TRACKING_URI")
    without = json.loads(shown(asked, past, capsys))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    report = json.loads(shown(asked, past, capsys))
    (unknown,) = [item for item in report["unknowns"] if item["subject"] == "MLflow"]
    assert unknown["reason"]
    assert "127.0.0.1" not in unknown["reason"]
    report["unknowns"].remove(unknown)
    assert report == without


def test_a_logged_model_leads_to_the_commit_of_its_run(
    past: AuditRepo,
    server: tuple[MlflowServer, dict[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = f"models:/{server[1]['kept model']}"
    report = json.loads(shown(["trace", model, "--format", "json"], past, capsys))
    assert report["revision"]["commit"] == past.commits["retrained"]
    (trace,) = report["traces"]
    assert trace["version"]["hash"] == f"md5:{content('four')}"
    assert main(["trace", f"models:/m-{'0' * 32}", "--repo", str(past.path)]) == 2
    assert "It may be deleted" in capsys.readouterr().err
