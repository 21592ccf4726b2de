"""Models that `artifacts` of `dvc.yaml` name: outs, files inside folder outs, files in Git."""

from typing import Any

import pytest

from lineage_diff.app.audit.questions import trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.history.reader import open_history
from lineage_diff.report.change import ModelChange, Side
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

RUN = RecordedRun({"train.py": "1\n"}, {"out": "o"}, cmd="fit")


def commit_model(repo: GitRepo, path: str, run: RecordedRun = RUN, kind: str = "model") -> None:
    repo.write("train.py", run.deps["train.py"])
    write_runs(repo, {"train": run}, artifacts={"churn": {"path": path, "type": kind}})
    repo.commit()


def models(repo: GitRepo) -> tuple[ModelChange, ...]:
    return compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report.models


@pytest.mark.parametrize("path", ["out", "out/a.bin", "out/deep/er/a.bin"])
@pytest.mark.parametrize("ran", [True, False])
def test_a_model_of_a_stage(git_repo: GitRepo, path: str, ran: bool) -> None:
    commit_model(git_repo, path)
    git_repo.write("train.py", "2\n")
    if ran:
        commit_model(git_repo, path, RUN._replace(deps={"train.py": "2\n"}, outs={"out": "p"}))
    else:
        git_repo.commit()
    (model,) = models(git_repo)
    assert (model.path, model.name, model.identified_by) == (path, "churn", "artifact")
    assert (model.stage, model.affected) == ("dvc.yaml:train", True)
    assert model.freshness == ("fresh" if ran else "stale")
    assert [(cause.kind, cause.subject) for cause in model.causes] == [("code", "train.py")]


def test_a_model_inside_a_folder_has_no_version_of_its_own(git_repo: GitRepo) -> None:
    commit_model(git_repo, "out/a.bin")
    git_repo.write("readme", "x")
    git_repo.commit()
    (model,) = models(git_repo)
    assert (model.change, model.affected, model.freshness) == ("unchanged", False, "fresh")
    assert (model.old, model.new) == (Side(None), Side(None))
    (found,) = trace(AuditRequest(open_history(git_repo.path)), "churn").traces
    assert (found.path, found.stage, found.version.hash) == ("out/a.bin", "dvc.yaml:train", None)
    assert [run.stage for run in found.runs] == ["dvc.yaml:train"]
    assert [item.path for item in found.inputs] == ["train.py"]


@pytest.mark.parametrize(
    ("path", "kind", "run", "expected"),
    [
        ("git.bin", "model", RUN, [("git.bin", None, "artifact")]),
        ("outside/a.bin", "model", RUN, [("outside/a.bin", None, "artifact")]),
        ("out", "dataset", RUN, []),
        ("out/a.bin", "dataset", RUN, []),
        ("model.pkl", "dataset", RUN._replace(outs={"model.pkl": "m"}), []),
        (
            "git.bin",
            "dataset",
            RUN._replace(outs={"model.pkl": "m"}),
            [("model.pkl", "dvc.yaml:train", "convention")],
        ),
        ("x", "dataset", RUN._replace(outs={}, metrics={"models/metrics.bin": "1"}), []),
        ("x", "dataset", RUN._replace(outs={}, metrics={"models/score.bin": "1"}), []),
        ("x", "dataset", RUN._replace(outs={}, metrics={"model.pkl": "1"}), []),
    ],
)
def test_what_is_a_model(
    git_repo: GitRepo, path: str, kind: str, run: RecordedRun, expected: list[Any]
) -> None:
    git_repo.write("git.bin", "g")
    for _ in range(2):
        commit_model(git_repo, path, run, kind)
    found = [(model.path, model.stage, model.identified_by) for model in models(git_repo)]
    assert found == expected


CONFIGURED = 'models: ["*.out"]\n'
FIT = RecordedRun({"train.py": "1\n"}, {"a.out": "o"}, cmd="fit")


@pytest.mark.parametrize(
    ("artifacts", "out", "config", "found"),
    [
        ({"path": "a.out", "type": "model"}, {"type": "model"}, CONFIGURED, "artifact"),
        ({"path": "a.out", "type": "dataset"}, {"type": "model"}, CONFIGURED, "annotation"),
        (None, {"type": "model"}, "", "annotation"),
        (None, {"type": "dataset"}, CONFIGURED, "config"),
        (None, {}, CONFIGURED, "config"),
        (None, {"type": "dataset"}, "", None),
        (None, {}, "", None),
    ],
)
def test_by_which_a_model_is_identified(
    git_repo: GitRepo,
    artifacts: dict[str, str] | None,
    out: dict[str, str],
    config: str,
    found: str | None,
) -> None:
    stage = {"cmd": "fit", "deps": ["train.py"], "outs": [{"a.out": out}] if out else ["a.out"]}
    more = {"artifacts": {"x": artifacts}} if artifacts else {}
    git_repo.write(".github/lineage-diff.yml", config)
    write_runs(git_repo, {"fit": FIT}, stages={"fit": stage}, **more)
    for text in ("1\n", "2\n"):
        git_repo.write("train.py", text)
        git_repo.commit()
    assert [model.identified_by for model in models(git_repo)] == ([found] if found else [])


@pytest.mark.parametrize(
    ("again", "text", "change"),
    [
        (False, "n", "edited"),
        (True, "n", "retrained"),
        (False, "m", "unchanged"),
    ],
)
def test_a_model_in_git_that_no_run_wrote_is_edited(
    git_repo: GitRepo, again: bool, text: str, change: str
) -> None:
    stage = {"cmd": "fit", "deps": ["train.py"], "outs": [{"model.pkl": {"cache": False}}]}
    git_repo.write("train.py", "1\n")
    git_repo.write("model.pkl", "m")
    run = RUN._replace(outs={"model.pkl": "m"})
    write_runs(git_repo, {"train": run}, stages={"train": stage})
    git_repo.commit()
    if again:
        write_runs(
            git_repo, {"train": run._replace(outs={"model.pkl": "n"})}, stages={"train": stage}
        )
    git_repo.write("README.md", "x")
    git_repo.write("model.pkl", text)
    git_repo.commit()
    (model,) = models(git_repo)
    assert (model.change, model.path) == (change, "model.pkl")
