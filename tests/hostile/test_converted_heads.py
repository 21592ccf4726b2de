"""Heads whose `.gitattributes` let Git convert what a model is made from."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.hostile.heads import compared, digest, edited, found, held, item, written
from tests.hostile.runs import run
from tests.support.git_repo import GitRepo

ATTRIBUTES = ".gitattributes"
LOST, STALE = "freshness-lost", "stale-model"
MODELS = ["model.pkl", "net.out"]
NO_TEXT = "\0x"


def converts(line: str, edit: Callable[[GitRepo], Any] = edited) -> Callable[[GitRepo], None]:
    """Write the attributes, and make an edit before they are staged."""

    def hide(repo: GitRepo) -> None:
        edit(repo)
        repo.git("add", "-A")
        repo.write(ATTRIBUTES, f"{line}\n")

    return hide


def nothing(repo: GitRepo) -> None:
    """Leave all files as they are: only the attributes change."""


@pytest.mark.parametrize("was", ["fresh", "stale"])
@pytest.mark.parametrize(
    ("hide", "rule"),
    [
        (converts("train.py filter=x"), LOST),
        (converts("train.py ident"), LOST),
        (converts("*.py working-tree-encoding=ISO-8859-1"), LOST),
        (converts("[attr]crypt filter=x\ntrain.py crypt"), LOST),
        (converts("* filter=x\n*.csv -filter"), LOST),
        (converts("* filter=x", written("dvc.lock", NO_TEXT)), LOST),
        # Those that change no content, and those that DVC's hash is compared without.
        (converts("train.py filter=lfs"), STALE),
        (converts("train.py text=auto eol=crlf"), STALE),
        (converts("* -text"), STALE),
        (converts("* filter", written("params.yaml", "lr: 2\n")), STALE),
    ],
)
def test_a_conversion_hides_no_edit(
    repo: GitRepo, was: str, hide: Callable[[GitRepo], None], rule: str
) -> None:
    if was == "stale":
        repo.checkout("main")
        repo.write("train.py", "print(7)\n")
        repo.commit("Edit, without a run")
        repo.git("checkout", "-q", "-B", "hostile")
    hide(repo)
    status, report = compared(repo)
    severity = "warning" if (was, rule) == ("stale", STALE) else "error"
    told = found(report, rule)
    assert [(subject, told[subject]["severity"]) for subject in MODELS] == [
        (subject, severity) for subject in MODELS
    ]
    assert all(f"was {was}" in told[subject]["message"] for subject in MODELS if rule == LOST)
    assert (status, {m["path"] for m in report["models"] if m["affected"]}) == (
        int(severity == "error"),
        set(MODELS),
    )


def test_a_conversion_alone_hides_no_stale_model(repo: GitRepo) -> None:
    repo.checkout("main")
    repo.write("train.py", "print(7)\n")
    repo.commit("Edit, without a run")
    assert run(repo, "status").status == 1
    repo.git("checkout", "-q", "-B", "hostile")
    converts("train.py filter=x", nothing)(repo)
    status, report = compared(repo)
    assert (status, sorted(found(report, LOST))) == (1, MODELS)


def notebook(repo: GitRepo, line: str) -> None:
    """Commit a stage that ran on a file as Git converts it, which no blob has the hash of."""
    repo.checkout("main")
    repo.write(ATTRIBUTES, f"{line}\n")
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text.replace(held("train.py"), item("train.py", digest("x"), 9)))
    repo.commit("Run on what Git converts")
    repo.git("checkout", "-q", "-B", "hostile")


@pytest.mark.parametrize("start", ["filter=a", "working-tree-encoding=ISO-8859-1", "ident"])
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("train.py filter=b", LOST),
        ("train.py working-tree-encoding=ISO-8859-15", LOST),
        ("*.py filter", LOST),
        ("#", STALE),
        ("train.py !filter -ident -working-tree-encoding", STALE),
    ],
)
def test_the_same_blob_converted_otherwise_is_no_longer_fresh(
    repo: GitRepo, start: str, change: str, rule: str
) -> None:
    notebook(repo, f"train.py {start}")
    converts(change, nothing)(repo)
    status, report = compared(repo)
    assert (status, sorted(found(report, rule))) == (1, MODELS)


@pytest.mark.parametrize(
    "change",
    [
        "# note\ntrain.py filter=a",
        "*.py filter=a\n*.csv filter=b",
        "* filter=b\ntrain.py filter=a",
        "[attr]x filter=a\n*.py x",
    ],
)
def test_the_same_conversion_written_otherwise_is_fresh(repo: GitRepo, change: str) -> None:
    notebook(repo, "train.py filter=a")
    converts(change, nothing)(repo)
    status, report = compared(repo)
    assert (status, report["findings"]) == (0, [])
    assert {m["path"]: m["freshness"] for m in report["models"]}["model.pkl"] == "fresh"
