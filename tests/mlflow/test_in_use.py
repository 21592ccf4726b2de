"""Versions that a real MLflow server has in use, in the reports on a change and on a commit."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo
from tests.support.mlflow_server import MlflowServer
from tests.support.projects import project
from tests.support.promotion_repo import PIPELINE, PromotionRepo
from tests.support.raw_http import RawServer, response, sends

ARTIFACT = "artifacts:\n  churn: {path: model.pkl, type: model}\n"


@dataclass(frozen=True)
class Used:
    """A repository whose model is registered in Git tags and on a server, and edited."""

    repo: GitRepo
    server: MlflowServer


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Used]:
    repo = GitRepo(tmp_path_factory.mktemp("use") / "repo")
    project(repo)
    pipeline = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
    repo.write("dvc.yaml", ARTIFACT + pipeline)
    commit = repo.commit("a name")
    repo.git("tag", "-a", "-m", "x", "churn@v1.0.0")
    repo.git("tag", "-a", "-m", "x", "churn#prod")
    repo.git("checkout", "-q", "-b", "change")
    repo.write("train.py", "print(2)\n")
    repo.commit("edit")
    here, elsewhere = {"dvc_commit": commit}, {"dvc_commit": "a" * 40}
    with MlflowServer(tmp_path_factory.mktemp("server")) as server:
        server.fill(
            [
                {"key": "1", "model": "churn", "tags": here, "aliases": ["champion", "blue"]},
                {"key": "2", "model": "churn", "tags": here, "stage": "Production"},
                {"key": "3", "model": "churn", "tags": here, "stage": "Archived"},
                {"key": "4", "model": "churn", "tags": elsewhere, "aliases": ["other-repo"]},
                {"key": "5", "model": "churn", "aliases": ["no-commit"]},
                {"key": "6", "model": "churn", "tags": here},
                {
                    "key": "7",
                    "model": "renamed",
                    "tags": here | {"lineage_diff.model": "model.pkl"},
                    "aliases": ["tagged"],
                },
                {"key": "8", "model": "stranger", "tags": elsewhere, "aliases": ["champion"]},
                {
                    "key": "9",
                    "model": "only",
                    "tags": {"dvc_commit": commit[:10]},
                    "aliases": ["single"],
                },
            ]
        )
        yield Used(repo, server)


@pytest.fixture(autouse=True)
def _asked(used: Used, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", used.server.uri)


EXPECTED = [
    ("v1.0.0", ["prod"], "churn@v1.0.0", "git"),
    ("1", ["blue", "champion"], "models:/churn/1", "mlflow"),
    ("2", ["Production"], "models:/churn/2", "mlflow"),
    ("5", ["no-commit"], "models:/churn/5", "mlflow"),
    ("1", ["single"], "models:/only/1", "mlflow"),
    ("1", ["tagged"], "models:/renamed/1", "mlflow"),
]


@pytest.mark.parametrize("command", [("compare", "main", "change"), ("status", "change")])
def test_both_registries_say_what_is_in_use(
    used: Used,
    capsys: pytest.CaptureFixture[str],
    command: tuple[str, ...],
) -> None:
    """Two registries that disagree are both in the report."""
    arguments = [*command, "--repo", str(used.repo.path), "--format"]
    assert main([*arguments, "json"]) == 1
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    (model,) = report["models"]
    found = [(i["version"], i["stages"], i["tag"], i["registry"]) for i in model["in_use"]]
    assert found == EXPECTED
    assert report["unknowns"] == []
    for form in ("terminal", "markdown", "html"):
        assert main([*arguments, form]) == 1
        shown = capsys.readouterr().out.replace("<wbr>", "")
        assert "in use:" in shown
        assert "models:/churn/1" in shown
        assert "blue, champion" in shown


def test_an_audit_lists_the_versions_of_both_registries(
    used: Used,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["audit", "--rev", "main", "--repo", str(used.repo.path), "--format"]
    assert main([*arguments, "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [(i["version"], i["stages"], i["tag"], i["registry"]) for i in report["registry"]] == (
        EXPECTED
    )
    (trace,) = report["traces"]
    # One names no commit, so it is not known to be this version.
    assert [item["tag"] for item in trace["registered"]] == [
        item[2] for item in EXPECTED if item[1] != ["no-commit"]
    ]
    for form in ("terminal", "markdown", "html"):
        assert main([*arguments, form]) == 0
        assert "models:/churn/1" in capsys.readouterr().out.replace("<wbr>", "")


def test_a_server_that_refuses_is_named_once(
    used: Used, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is asked for the runs of the change, and for the versions in use."""
    with RawServer(sends(response(b"who?", "401 Unauthorized"))) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{server.port}")
        arguments = ["compare", "main", "change", "--repo", str(used.repo.path)]
        assert main([*arguments, "--format", "json"]) == 1
    unknowns = json.loads(capsys.readouterr().out)["unknowns"]
    assert [(item["subject"], "401" in item["reason"]) for item in unknowns] == [("MLflow", True)]


@pytest.mark.parametrize("command", [("compare", "main", "change"), ("status", "change")])
@pytest.mark.usefixtures("without_pauses")
def test_a_server_out_of_reach_is_named_and_the_report_is_complete_without_it(
    used: Used,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert main([*command, "--repo", str(used.repo.path), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [item["version"] for item in report["models"][0]["in_use"]] == ["v1.0.0"]
    assert [item["subject"] for item in report["unknowns"]] == ["MLflow"]


def test_without_a_server_nothing_is_asked(
    used: Used, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["status", "change", "--repo", str(used.repo.path), "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [item["registry"] for item in report["models"][0]["in_use"]] == ["git"]


WORSE, BETTER = "from 0.95 to 0.87", "no metric is worse than those of `models:/"
NO_METRIC = "its run names only the commit that was checked out when it began"
# Of each: the run of the version in use, which made 0.95; the accuracy of the one to promote;
# the stage; the state of the condition, and a part of its line. AT is the commit in use.
AT = "the commit in use"
PROMOTIONS: dict[str, tuple[dict[str, Any], float, str | None, str, str]] = {
    "worse": ({"tags": {"dvc_commit": AT}, "aliases": ["champion"]}, 0.87, None, "broken", WORSE),
    "better": ({"tags": {"dvc_commit": AT}, "aliases": ["champion"]}, 0.96, None, "met", BETTER),
    "stage": ({"tags": {"dvc_commit": AT}, "stage": "Production"}, 0.87, "prod", "broken", WORSE),
    "alias": ({"tags": {"dvc_commit": AT}, "aliases": ["blue"]}, 0.87, "prod", "broken", WORSE),
    "unused": ({"tags": {"dvc_commit": AT}}, 0.87, "prod", "met", "no other version is in `prod`"),
    "agreed": (
        {
            "tags": {"mlflow.source.git.commit": AT},
            "metrics": {"accuracy": [0.95]},
            "aliases": ["champion"],
        },
        0.87,
        None,
        "broken",
        WORSE,
    ),
    "begun": (
        {
            "tags": {"mlflow.source.git.commit": AT},
            "metrics": {"accuracy": [0.97]},
            "aliases": ["champion"],
        },
        0.96,
        None,
        "unknown",
        "`accuracy` is 0.95 at its commit, but 0.97 in its run",
    ),
    "bare": (
        {"tags": {"mlflow.source.git.commit": AT}, "aliases": ["champion"]},
        0.96,
        None,
        "unknown",
        NO_METRIC,
    ),
    "nowhere": ({"aliases": ["champion"]}, 0.96, None, "unknown", "its run in MLflow names no"),
    "lost": (
        {"tags": {"dvc_commit": "b" * 40}, "aliases": ["champion"]},
        0.96,
        None,
        "unknown",
        "the commit bbbbbbb of its run is not in this repository",
    ),
}


@pytest.fixture(scope="module")
def promoted(used: Used, tmp_path_factory: pytest.TempPathFactory) -> dict[str, GitRepo]:
    """A repository for each case, whose model only MLflow has in use, on one server."""
    repos: dict[str, GitRepo] = {}
    runs: list[dict[str, Any]] = []
    for name, (run, accuracy, *_) in PROMOTIONS.items():
        repo = PromotionRepo(tmp_path_factory.mktemp(name) / "repo")
        repo.write("dvc.yaml", PIPELINE.replace("churn", name))
        commit = repo.trained(0.95)
        repo.trained(accuracy)
        tags = {key: commit if value == AT else value for key, value in run.get("tags", {}).items()}
        runs.append({**run, "key": name, "model": name, "tags": tags})
        repos[name] = repo
    used.server.fill(runs)
    return repos


def _regression(
    repo: GitRepo, name: str, stage: str | None, capsys: pytest.CaptureFixture[str]
) -> dict[str, Any]:
    to = ["--to", stage] if stage else []
    main(["gate", name, *to, "--repo", str(repo.path), "--format", "json"])
    conditions = json.loads(capsys.readouterr().out)["conditions"]
    found: dict[str, Any] = next(item for item in conditions if item["name"] == "regression")
    return found


@pytest.mark.parametrize("name", PROMOTIONS)
def test_a_promotion_is_compared_with_what_only_mlflow_has_in_use(
    promoted: dict[str, GitRepo],
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    _, _, stage, state, text = PROMOTIONS[name]
    found = _regression(promoted[name], name, stage, capsys)
    assert (found["state"], text in found["line"]) == (state, True), found["line"]


@pytest.mark.parametrize("words", [("models:/worse/1",), ("worse", "--rev", "models:/worse/1")])
def test_a_version_in_mlflow_can_be_promoted(
    promoted: dict[str, GitRepo],
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    """It is what is in use, so it is compared with no other."""
    repo = promoted["worse"]
    assert main(["gate", *words, "--repo", str(repo.path), "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["revision"]["commit"] == repo.git("rev-parse", "HEAD~1").strip()
    assert (report["model"]["path"], report["in_use"]) == ("model.pkl", [])


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("models:/bare/1",), "names no commit. Log dvc_commit in your runs"),
        (("bare", "--rev", "models:/bare/1"), "names no commit. Log dvc_commit in your runs"),
        (("models:/bare/1", "--rev", "HEAD"), "Leave out --rev."),
        (("models:/bare/2",), "There is: models:/bare/1, models:/bare@champion."),
    ],
)
def test_a_version_whose_commit_is_not_known_is_not_promoted(
    promoted: dict[str, GitRepo],
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    error: str,
) -> None:
    """A run that names only the commit that it began at made another version than that has."""
    assert main(["gate", *words, "--repo", str(promoted["bare"].path)]) == 2
    assert error in capsys.readouterr().err


@pytest.mark.usefixtures("without_pauses")
def test_a_promotion_without_the_server_is_not_known_to_be_no_regression(
    promoted: dict[str, GitRepo],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    found = _regression(promoted["better"], "better", None, capsys)
    assert found["state"] == "unknown"
    assert "MLflow may have other versions in use" in found["line"]


def test_the_same_stage_of_both_registries_is_compared(
    used: Used,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """Tags have 0.80 in prod and MLflow 0.95: 0.87 is worse than one of them."""
    repo = PromotionRepo(tmp_path / "repo")
    repo.write("dvc.yaml", PIPELINE.replace("path: model.pkl", "path: model.pkl, labels: [two]"))
    repo.trained(0.80)
    repo.register("v1.0.0")
    repo.assign("prod", "v1.0.0")
    commit = repo.trained(0.95)
    repo.trained(0.87)
    tags = {"dvc_commit": commit, "lineage_diff.model": "model.pkl"}
    used.server.fill([{"key": "p", "model": "both", "tags": tags, "stage": "Production"}])
    found = _regression(repo, "churn", "prod", capsys)
    assert found["state"] == "broken"
    assert "compared with `models:/both/1`" in found["line"]
    assert WORSE in found["line"]
    main(["gate", "churn", "--to", "prod", "--repo", str(repo.path)])
    shown = capsys.readouterr().out
    assert "compared with v1.0.0 in prod; models:/both/1 as Production" in shown


# Git tags have the first commit in prod. Of each: the run of the version in MLflow, its stage or
# alias, and whether the two surely disagree. NEXT is another commit.
NEXT = "the next commit"
REGISTRIES: dict[str, tuple[dict[str, Any], bool]] = {
    "same": ({"tags": {"dvc_commit": AT}, "stage": "Production"}, False),
    "stages": ({"tags": {"dvc_commit": NEXT}, "stage": "Production"}, True),
    "aliases": ({"tags": {"dvc_commit": NEXT}, "aliases": ["prod"]}, True),
    "other": ({"tags": {"dvc_commit": NEXT}, "aliases": ["champion"]}, False),
    "began": ({"tags": {"mlflow.source.git.commit": NEXT}, "stage": "Production"}, False),
}


@pytest.fixture(scope="module")
def registries(used: Used, tmp_path_factory: pytest.TempPathFactory) -> dict[str, PromotionRepo]:
    """A repository for each case, with a version in prod by the real GTO, and one in MLflow."""
    repos: dict[str, PromotionRepo] = {}
    runs: list[dict[str, Any]] = []
    for name, (run, _) in REGISTRIES.items():
        repo = PromotionRepo(tmp_path_factory.mktemp(name) / "repo")
        labels = f"path: model.pkl, labels: [{name}]"
        repo.write("dvc.yaml", PIPELINE.replace("path: model.pkl", labels))
        commits = {AT: repo.trained(0.90)}
        repo.register("v1.0.0")
        repo.assign("prod", "v1.0.0")
        commits[NEXT] = repo.trained(0.95)
        repo.trained(0.96)
        tags = {key: commits[value] for key, value in run.get("tags", {}).items()}
        tags["lineage_diff.model"] = "model.pkl"
        runs.append({**run, "key": name, "model": f"r-{name}", "tags": tags})
        repos[name] = repo
    used.server.fill(runs)
    return repos


@pytest.mark.parametrize("name", REGISTRIES)
def test_registries_that_disagree_are_told_in_one_line(
    registries: dict[str, PromotionRepo],
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    repo, disagree = registries[name], REGISTRIES[name][1]
    at, other = (repo.git("rev-parse", f"HEAD~{back}")[:7] for back in (2, 1))
    line = (
        f"the registries disagree: prod is v1.0.0 of commit {at} in Git tags, "
        f"and models:/r-{name}/1 of commit {other} in MLflow"
    )
    where = ("--repo", str(repo.path), "--format")
    main(["compare", "HEAD~2", *where, "json"])
    report = capsys.readouterr().out
    told = [(item["subject"], item["reason"]) for item in json.loads(report)["unknowns"]]
    assert told == ([("model.pkl", line)] if disagree else [])
    found = _regression(repo, "churn", "prod", capsys)
    assert found["line"].endswith(f"; {line}") == disagree
    # Better than both, but another version of that name on the server is of a commit elsewhere.
    assert found["state"] == "unknown"


@pytest.mark.parametrize("command", ["status", "audit"])
def test_each_command_and_format_tells_that_the_registries_disagree(
    registries: dict[str, PromotionRepo],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    command: str,
) -> None:
    files = [tmp_path / name for name in ("r.json", "r.txt", "r.md", "r.html")]
    outputs = [word for file in files for word in ("-o", str(file))]
    main([command, "--repo", str(registries["stages"].path), *outputs])
    for file in files:
        text = " ".join(file.read_text(encoding="utf-8").replace("<wbr>", "").split())
        assert "the registries disagree: prod is v1.0.0 of commit" in text.replace("`", ""), file
