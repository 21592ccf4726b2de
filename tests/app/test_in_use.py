"""Versions in use: what the report says of a model that the registry has in a stage."""

import json
from collections.abc import Callable

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo
from tests.support.projects import project

ARTIFACT = "artifacts:\n  churn: {path: model.pkl, type: model}\n"


@pytest.fixture
def registered(git_repo: GitRepo) -> GitRepo:
    """A repository whose model has a name in the registry, on a branch of its own."""
    project(git_repo)
    pipeline = (git_repo.path / "dvc.yaml").read_text(encoding="utf-8")
    git_repo.write("dvc.yaml", ARTIFACT + pipeline)
    git_repo.commit("a name")
    git_repo.git("checkout", "-q", "-b", "change")
    return git_repo


def tag(*names: str) -> Callable[[GitRepo], None]:
    def tagged(repo: GitRepo) -> None:
        for number, name in enumerate(names):
            date = f"2026-01-01T00:00:0{number}+0000"
            repo.git("-c", "user.name=a", "tag", "-a", "-m", date, name, "main")

    return tagged


def edit(repo: GitRepo) -> None:
    repo.write("train.py", "print(2)\n")


def remove(repo: GitRepo) -> None:
    repo.write("dvc.yaml", "stages:\n  other:\n    cmd: true\n    deps: [train.py]\n")
    repo.write("dvc.lock", "schema: '2.0'\nstages: {}\n")


def forget(repo: GitRepo) -> None:
    """The artifact stays, and no stage makes it any more."""
    repo.write("dvc.yaml", ARTIFACT + "stages:\n  other:\n    cmd: true\n    deps: [train.py]\n")


USED = tag("churn@v1.0.0", "churn#prod#1")


@pytest.mark.parametrize(
    ("tags", "change", "used", "headline"),
    [
        (USED, edit, ["v1.0.0"], "1 model is stale (in use)"),
        (USED, remove, ["v1.0.0"], "1 model removed (in use)"),
        (USED, forget, ["v1.0.0"], "1 model without a recorded version"),
        (tag("churn@v1.0.0"), edit, [], "1 model is stale"),
        (tag("churn@v1.0.0", "churn#prod", "churn#prod!"), edit, [], "1 model is stale"),
        (tag("churn@v1.0.0", "churn#prod", "churn@v1.0.0!"), edit, [], "1 model is stale"),
        (tag("other@v1.0.0", "other#prod"), edit, [], "1 model is stale"),
        (tag("no-version"), edit, [], "1 model is stale"),
    ],
)
def test_a_model_in_use_says_so(
    registered: GitRepo,
    tags: Callable[[GitRepo], None],
    change: Callable[[GitRepo], None],
    used: list[str],
    headline: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    change(registered)
    registered.commit("change")
    tags(registered)
    command = ["compare", "main", "change", "--repo", str(registered.path), "--format"]
    main([*command, "json"])
    (model,) = json.loads(capsys.readouterr().out)["models"]
    assert [item["version"] for item in model["in_use"]] == used
    for form in ("terminal", "markdown", "html"):
        main([*command, form])
        shown = capsys.readouterr().out
        assert headline in shown
        assert ("in use:" in shown) == bool(used)


def test_a_model_in_use_has_the_first_row_to_itself(
    git_repo: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    models = [f"m{number:02}.onnx" for number in range(40)]
    stages = "stages:\n  fit:\n    foreach: [{}]\n    do:\n      cmd: fit ${{item}}\n".format(
        ", ".join(model.removesuffix(".onnx") for model in models)
    )
    stages += "      deps: [train.py]\n      outs: ['${item}.onnx']\n"
    git_repo.write("train.py", "print(1)\n")
    git_repo.write(".dvc/config", "")
    git_repo.commit("nothing")
    artifact = "artifacts:\n  last: {path: m39.onnx, type: model}\n"
    git_repo.write("dvc.yaml", artifact + stages)
    git_repo.commit("models")
    git_repo.git("tag", "-a", "-m", "x", "last@v2.0.0")
    git_repo.git("tag", "-a", "-m", "x", "last#prod")
    repo = ("--repo", str(git_repo.path))
    main(["compare", "HEAD~1", "HEAD", *repo, "--format", "markdown"])
    out = capsys.readouterr().out
    rows = [line for line in out.splitlines() if line.startswith("| **")]
    assert rows[0].startswith("| **last** `m39.onnx` · in use: `v2.0.0` in prod |")
    assert rows[1].startswith("| **39** of `fit`")
