"""What a real MLflow server knows of commits and of versions of registered models."""

import math

import pytest
import requests

from lineage_diff.lineage.mlflow import MlflowAnswer, MlflowModelVersion
from lineage_diff.mlflow import errors as reason
from lineage_diff.mlflow.lookup import ask_mlflow
from tests.mlflow.conftest import A, B, D, E, World

MANY = [f"{number:040x}" for number in range(2000)]


def _ask(world: World, commits: list[str], *references: str, **more: object) -> MlflowAnswer:
    environ = {"MLFLOW_TRACKING_URI": f"{world.server.uri}/"}
    answer = ask_mlflow(commits, references, environ=environ, **more)  # type: ignore[arg-type]
    assert answer is not None
    return answer


def _keys(world: World, answer: MlflowAnswer) -> dict[str, list[str]]:
    keys = {run_id: key for key, run_id in world.ids.items()}
    return {
        commit: sorted(keys[run.run_id] for run in runs) for commit, runs in answer.runs.items()
    }


LINKED = {
    A: ["first", "param wins over MLflow's tag"],
    B: ["by MLflow's tag"],
    D: ["abbreviated"],
}


@pytest.mark.parametrize("others", [[], MANY], ids=["few", "many"])
def test_runs_by_commit(world: World, others: list[str]) -> None:
    answer = _ask(world, [D, *others, E, A, B, A])
    assert answer.unavailable is None
    assert _keys(world, answer) == LINKED
    assert list(answer.runs) == [A, B, D]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Lists the endpoints that are asked, in order."""
    paths: list[str] = []
    request = requests.Session.request

    def counted(session: requests.Session, method: str, url: str, **more: object) -> object:
        paths.append(url.rpartition("/mlflow/")[2])
        return request(session, method, url, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(requests.Session, "request", counted)
    return paths


def test_many_commits_are_few_requests(world: World, asked: list[str]) -> None:
    _ask(world, [A, *MANY])
    assert asked == [
        "experiments/search",
        *["runs/search"] * 3,
        "model-versions/search",
        "registered-models/get",
    ]


def test_pages_are_turned(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _ask(world, [A, B, D, *MANY])
    monkeypatch.setattr("lineage_diff.limits.MLFLOW_PAGE", 1)
    monkeypatch.setattr("lineage_diff.mlflow.search._EXPERIMENTS", 1)
    assert repr(_ask(world, [A, B, D, *MANY])) == repr(whole)


def test_commits_are_asked_one_by_one_where_there_are_many_runs(
    world: World, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    commits = [A, *MANY[:4], B, D]
    whole = _ask(world, commits)
    assert asked.count("runs/search") == 3
    asked.clear()
    monkeypatch.setattr("lineage_diff.limits.MLFLOW_PAGE", 1)
    assert repr(_ask(world, commits)) == repr(whole)
    # A page of each name, and then a request for each beginning of an id (all zeros is one), or
    # two where it finds a run.
    assert 3 * (1 + 4) <= asked.count("runs/search") <= 3 * (1 + 4 * 2)


def test_more_than_is_read(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lineage_diff.limits.MLFLOW_PAGE", 1)
    monkeypatch.setattr("lineage_diff.limits.MLFLOW_PAGES", 1)
    commit = "1" * 40
    ids = [world.server.run(commit) for _ in range(2)]
    answer = _ask(world, [commit])
    assert answer.unavailable == reason.TOO_MANY
    assert [run.run_id for run in answer.runs[commit]] == ids[1:]


def test_run(world: World) -> None:
    run = next(run for run in _ask(world, [A]).runs[A] if run.run_id == world.ids["first"])
    assert (run.experiment, run.name, run.status) == ("churn", "first [bold]try[/]", "FINISHED")
    assert (run.commit, run.params, run.tags) == (A, {"lr": "0.1"}, {})
    assert math.isnan(run.metrics["loss"])
    assert {key: run.metrics[key] for key in ("auc", "huge")} == {"auc": 0.8, "huge": 1e308}
    assert run.started is not None
    assert run.link == f"{world.server.uri}/#/experiments/{run.experiment_id}/runs/{run.run_id}"
    (version,) = run.versions
    assert (version.name, version.version, version.stage) == ("churn", "1", None)
    assert version.aliases == ("blue", "champion")
    assert version.source == f"mlflow-artifacts:/{run.experiment_id}/{run.run_id}/artifacts/model"


def test_names_of_the_commit_are_the_teams(world: World) -> None:
    answer = _ask(world, [A, B, E], names=("git sha", "mlflow.source.git.commit"))
    assert _keys(world, answer) == {
        B: ["by MLflow's tag", "param wins over MLflow's tag"],
        E: ["other name"],
    }
    assert answer.runs[E][0].experiment == "Größe"


def test_a_name_cannot_leave_its_quotes(world: World) -> None:
    assert _ask(world, [A], names=("x` LIKE '%' AND tags.`dvc_commit",)) == MlflowAnswer()


VERSIONS = {
    "models:/churn/1": ("1", "first"),
    "models:/churn/2": ("2", "by MLflow's tag"),
    "models:/churn@champion": ("1", "first"),
    "models:/churn/Production": ("2", "by MLflow's tag"),
    "models:/churn/production": ("2", "by MLflow's tag"),
    "models:/churn/latest": ("3", "no commit"),
    "models:/churn/LATEST": ("3", "no commit"),
}


def test_versions_by_reference(world: World) -> None:
    answer = _ask(world, [], *VERSIONS)
    assert (answer.unavailable, answer.names, dict(answer.runs)) == (None, (), {})
    keys = {run_id: key for key, run_id in world.ids.items()}
    assert {
        text: (version.version, keys[answer.origins[text].run_id])
        for text, version in answer.versions.items()
    } == VERSIONS
    commits = {text: run.commit for text, run in answer.origins.items()}
    assert commits["models:/churn/1"] == A
    assert commits["models:/churn/2"] == B
    assert commits["models:/churn/latest"] is None
    champion = answer.versions["models:/churn@champion"]
    assert isinstance(champion, MlflowModelVersion)
    assert champion.aliases == ("blue", "champion")
    assert answer.origins["models:/churn/Production"].versions[0].stage == "Production"


UNKNOWN = [
    "models:/churn/9",
    "models:/churn/99999999999999999999",
    "models:/churn/0",
    "models:/churn/²",
    "models:/churn@nobody",
    "models:/churn@-",
    "models:/churn/Nowhere",
    "models:/churn/Archived",
    "models:/churn/1/2",
    "models:/churn/",
    "models:/churn",
    "models:/@champion",
    "models:/nothing/1",
    "models:/nothing/latest",
    "models:/' OR 1=1/1",
    "models:/../../2.0/mlflow/experiments/list/1",
    "models:/",
    "churn/1",
]


@pytest.mark.parametrize("reference", UNKNOWN)
def test_version_that_is_not_there(world: World, reference: str) -> None:
    answer = _ask(world, [A], reference)
    assert (answer.unavailable, dict(answer.versions)) == (None, {})
    assert answer.names == ("churn", "rank é")
    assert _keys(world, answer) == {A: LINKED[A]}
