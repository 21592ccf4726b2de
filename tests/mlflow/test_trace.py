"""A model that goes by its name in MLflow's registry."""

import json
from collections.abc import Iterator

import pytest

from lineage_diff.cli.main import main
from tests.mlflow.conftest import World
from tests.support.audit_repo import AuditRepo, content, past_repo


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> AuditRepo:
    return past_repo(tmp_path_factory.mktemp("audit"))


@pytest.fixture
def registered(world: World, past: AuditRepo) -> Iterator[str]:
    """The address of the server while it has four more versions, of a model of `past`."""
    tags = [
        {"dvc_commit": past.commits["bad data"]},
        {"dvc_commit": past.commits["moved"][:10]},
        {"dvc_commit": past.commits["first"], "lineage_diff.model": "model.pkl"},
        {"dvc_commit": "c" * 40},
    ]
    runs = [{"key": str(n), "model": "fraud", "tags": each} for n, each in enumerate(tags, 1)]
    world.server.fill(runs)
    yield world.server.uri
    world.server.unregister("fraud")


def test_a_version_leads_to_the_commit_of_its_run(
    registered: str,
    past: AuditRepo,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", registered)
    for version, out in (("1", "two"), ("2", "four"), ("3", "one")):
        arguments = ["trace", f"models:/fraud/{version}", "--repo", str(past.path)]
        assert main([*arguments, "--format", "json"]) == 0
        (trace,) = json.loads(capsys.readouterr().out)["traces"]
        assert trace["version"]["hash"] == f"md5:{content(out)}"
    assert main(["trace", "models:/fraud/4", "--repo", str(past.path)]) == 2
    assert "unknown revision ccccccc" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("model", "options", "told"),
    [
        ("models:/churn/99", (), "MLflow knows no models:/churn/99"),
        ("models:/chrun/1", (), "Did you mean churn?"),
        ("models:/churn/99", (), "There is: models:/churn/2, models:/churn/3, models"),
        ("models:/churn@chmpion", (), "Did you mean models:/churn@champion?"),
        ("models:/churn/Prodction", (), "Did you mean models:/churn/Production?"),
        ("models:/churn/latest", (), "names no commit"),
        ("models:/churn", (), "names no version of a registered model"),
        ("models:/churn/1", ("--rev", "HEAD"), "Leave out --rev."),
    ],
)
def test_what_the_server_does_not_tell_is_one_line(
    world: World,
    past: AuditRepo,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    model: str,
    options: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", world.server.uri)
    assert main(["trace", model, "--repo", str(past.path), *options]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_without_a_server_its_variable_is_named(
    past: AuditRepo, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert main(["trace", "models:/churn/1", "--repo", str(past.path)]) == 2
    assert "Set MLFLOW_TRACKING_URI" in capsys.readouterr().err
