"""Whether versions of models in use are in the remote, and can be made again."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from lineage_diff.cli.main import main
from tests.fetch.reading import locked, remove_object, saved
from tests.support.edits import nothing
from tests.support.git_repo import GitRepo

MODEL = "curve.csv"
"""An out of `fit`, which the tests register as a model."""


def audited(
    repo: GitRepo, capsys: pytest.CaptureFixture[str], *options: str
) -> list[dict[str, Any]]:
    """Return the answers of an audit of the commit that is checked out."""
    main(["audit", "--check", "pushed", "--format", "json", "--repo", str(repo.path), *options])
    return list(json.loads(capsys.readouterr().out)["remakes"])


@pytest.fixture
def model(stored: GitRepo) -> GitRepo:
    """Name the model; its version of `v1` is registered, and in use."""
    stored.checkout("v1")
    pipeline = stored.git("show", "v1:dvc.yaml")
    saved(stored, "dvc.yaml", f"artifacts:\n  curve: {{path: {MODEL}, type: model}}\n{pipeline}")
    stored.git("tag", "-a", "-m", "one", "curve@v1.0.0")
    stored.git("tag", "-a", "-m", "one", "curve#prod#1")
    return stored


def no_source(repo: GitRepo) -> None:
    remove_object(repo, locked(repo, "v1", "raw"))


def no_model(repo: GitRepo) -> None:
    remove_object(repo, locked(repo, "v1", MODEL))


def intermediate(repo: GitRepo) -> None:
    remove_object(repo, locked(repo, "v1", "parts"))


def frozen(repo: GitRepo) -> None:
    """The stage `split` is not run again, so its out is a source."""
    pipeline = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
    saved(repo, "dvc.yaml", pipeline.replace("deps: [raw]", "deps: [raw]\n    frozen: true"))
    intermediate(repo)


def stale(repo: GitRepo) -> None:
    saved(repo, "points.csv", "step,loss\n9,9\n")


def untracked(repo: GitRepo) -> None:
    repo.git("rm", "-q", "--cached", "points.csv")
    repo.git("commit", "-q", "-m", "Forget a dep")


def imported(repo: GitRepo) -> None:
    text = (repo.path / "raw.dvc").read_text(encoding="utf-8")
    dep = "deps:\n- path: raw\n  repo:\n    url: https://x.example/data\n    rev_lock: 0123456\n"
    saved(repo, "raw.dvc", f"frozen: true\n{dep}{text}")


CASES: list[tuple[Callable[[GitRepo], None], str, str, list[tuple[str, str]]]] = [
    (nothing, "yes", "pushed", []),
    (no_source, "no", "pushed", [("not-pushed", "raw")]),
    (no_model, "yes", "missing", []),
    (intermediate, "yes", "pushed", []),
    (frozen, "no", "pushed", [("not-pushed", "parts")]),
    (stale, "no", "pushed", [("stale", "dvc.yaml:fit")]),
    (untracked, "no", "pushed", [("not-tracked", "points.csv"), ("stale", "dvc.yaml:fit")]),
    (imported, "unknown", "pushed", [("imported", "raw.dvc")]),
]


@pytest.mark.parametrize(("change", "answer", "where", "obstacles"), CASES)
def test_what_a_version_needs(
    model: GitRepo,
    change: Callable[[GitRepo], None],
    answer: str,
    where: str,
    obstacles: list[tuple[str, str]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    change(model)
    found = audited(model, capsys, "--model", MODEL)[0]
    assert (found["answer"], found["stored"]) == (answer, where)
    assert [(item["kind"], item["subject"]) for item in found["obstacles"]] == obstacles


def test_the_version_in_use_is_looked_for_too(
    model: GitRepo, capsys: pytest.CaptureFixture[str]
) -> None:
    registered = model.git("rev-parse", "HEAD")
    no_source(model)
    stale(model)
    now, used = audited(model, capsys, "--model", MODEL)
    assert (used["version"], used["stages"], used["commit"]) == ("v1.0.0", ["prod"], registered)
    assert (used["answer"], used["sources"]) == ("no", 1)
    assert now["version"] is None
    assert {item["kind"] for item in now["obstacles"]} == {"not-pushed", "stale"}


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_every_format_has_the_answer(
    model: GitRepo, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    no_source(model)
    main(["audit", "--check", "pushed", "--format", form, "--repo", str(model.path)])
    shown = capsys.readouterr().out
    assert "Can it be made again?" in shown
    assert "is not in the remote" in shown
    main(["audit", "--format", form, "--repo", str(model.path)])
    assert "Can it be made again?" not in capsys.readouterr().out
