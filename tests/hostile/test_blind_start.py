"""A change that starts where nothing watches an input edits it unnoticed; the tip watches it."""

from collections.abc import Callable

import pytest

from tests.hostile.heads import (
    PIPELINE,
    compared,
    digest,
    edited,
    found,
    held,
    item,
    replaced,
    written,
)
from tests.hostile.runs import run
from tests.support.git_repo import GitRepo

Act = Callable[[GitRepo], object]
SAME = "print(2)\n"
CLEAN = item("clean.csv", "c" * 32, 7)
TRAIN = PIPELINE[PIPELINE.index("  train:") :]


def pipeline(old: str, new: str) -> Act:
    assert old in PIPELINE
    return written("dvc.yaml", PIPELINE.replace(old, new))


def gone(repo: GitRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        repo.remove(file)


def renamed(repo: GitRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        repo.git("mv", file, f"old-{file}")


def without_dvc(repo: GitRepo) -> None:
    """Remove all that DVC reads; the inputs stay."""
    for file in repo.git("ls-files", "*.dvc", ".dvc/*", "*dvc.yaml", "*dvc.lock").splitlines():
        repo.remove(file)


def other_entry(repo: GitRepo) -> None:
    """Let the lock forget an input."""
    replaced("dvc.lock", held("train.py"), "")(repo)


def seen_again(repo: GitRepo) -> None:
    repo.remove(".dvcignore")
    repo.write("dvc.lock", f"{(repo.path / 'dvc.lock').read_text()}# note\n")


FROZEN = pipeline("  train:\n", "  train:\n    frozen: true\n")
HIDDEN = written(".dvcignore", "dvc.yaml\n")
NO_PARAM = pipeline("    params: [lr]\n", "")
OTHER_KEY = written("params.yaml", "lr: 1\nseed: 2\n")


def started(repo: GitRepo, start: Act, edit: Act) -> None:
    """Start the change in the middle of an earlier one, which main contains, but not as it was."""
    repo.checkout("main")
    repo.branch("earlier", "main")
    start(repo)
    repo.git("add", "-A", "-f")
    begin = repo.commit("Make it blind")
    repo.git("rm", "-rqf", ".")
    repo.git("checkout", "-q", "main", "--", ".")
    repo.write("README.md", "docs\n")
    repo.git("add", "-A", "-f")
    repo.commit("Restore it")
    repo.checkout("main")
    repo.git("merge", "-q", "--ff-only", "earlier")
    repo.git("checkout", "-q", "-B", "hostile", begin)
    edit(repo)


@pytest.mark.parametrize("edit", [edited, written("src/a.py", "evil\n")])
@pytest.mark.parametrize(
    "start", [FROZEN, HIDDEN, gone, renamed, pipeline(TRAIN, ""), without_dvc], ids=range(6)
)
def test_an_input_that_only_the_tip_watches(repo: GitRepo, start: Act, edit: Act) -> None:
    started(repo, start, edit)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert status == 1
    assert lost["model.pkl"]["severity"] == "error"
    assert "fresh at the tip of the base branch" in lost["model.pkl"]["message"]
    assert "Merge the base branch" in lost["model.pkl"]["hint"]
    shown = run(repo, "compare", "main", "hostile").out
    assert "no model affected" not in shown


@pytest.mark.parametrize(
    ("start", "edit", "status"),
    [
        (NO_PARAM, written("params.yaml", "lr: 2\nseed: 1\n"), 1),
        (pipeline(", data/raw.csv]", "]"), written("data/raw.csv", "3\n"), 1),
        (HIDDEN, written("prepare.py", "print(9)\n"), 1),
        (HIDDEN, lambda repo: repo.remove("train.py"), 1),
        (HIDDEN, other_entry, 1),
        (pipeline(TRAIN, ""), written("prepare.py", "print(9)\n"), 1),
        (HIDDEN, lambda repo: repo.remove("dvc.lock"), 1),
        (HIDDEN, pipeline("python train.py", "python -O train.py"), 1),
        (HIDDEN, written("notes.md", "x\n"), 0),
        (HIDDEN, written(".dvcignore", "dvc.yaml\n# note\n"), 0),
        (HIDDEN, seen_again, 0),
        (NO_PARAM, OTHER_KEY, 0),
        (FROZEN, OTHER_KEY, 0),
        (FROZEN, written("notes.md", "x\n"), 0),
        (gone, written("notes.md", "x\n"), 0),
        (without_dvc, written("notes.md", "x\n"), 0),
    ],
    ids=range(16),
)
def test_only_an_edit_of_what_the_tip_declares_counts(
    repo: GitRepo, start: Act, edit: Act, status: int
) -> None:
    started(repo, start, edit)
    ended, report = compared(repo)
    assert ended == status
    assert bool(found(report, "freshness-lost")) == bool(status)


def without_link(repo: GitRepo) -> None:
    """Let the second stage not take what the first one makes."""
    pipeline("clean.csv, ", "")(repo)
    replaced("dvc.lock", f"    deps:\n{CLEAN}", "    deps:\n")(repo)


def run_again(made: str) -> Act:
    """Edit the first stage, and record a run of it that made some content."""

    def act(repo: GitRepo) -> None:
        repo.write("prepare.py", SAME)
        replaced("dvc.lock", held("prepare.py"), item("prepare.py", digest(SAME), 9))(repo)
        replaced("dvc.lock", CLEAN, item("clean.csv", made, 7))(repo)

    return act


@pytest.mark.parametrize("start", [without_link, FROZEN], ids=["link", "frozen"])
@pytest.mark.parametrize(
    ("edit", "status"),
    [
        (written("prepare.py", SAME), 1),
        (lambda repo: repo.remove("prepare.py"), 1),
        (run_again("d" * 32), 1),
        (run_again("c" * 32), 0),
        (written("notes.md", "x\n"), 0),
        (OTHER_KEY, 0),
    ],
    ids=range(6),
)
def test_a_model_that_is_stale_for_an_input_at_the_tip_only(
    repo: GitRepo, start: Act, edit: Act, status: int
) -> None:
    started(repo, start, edit)
    ended, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert (ended, bool(lost)) == (status, bool(status))
    if lost:
        assert lost["model.pkl"]["severity"] == "error"
        assert "DVC does not call `model.pkl` stale for it here" in lost["model.pkl"]["message"]


LR = "    params:\n      params.yaml:\n        lr: 1\n"


@pytest.mark.parametrize(
    ("declared", "less", "recorded", "kept", "status"),
    [
        ("[train.py, ", "[", held("train.py"), "", 1),
        ("    params: [lr]\n", "", LR, "", 1),
        ("cmd: python train.py", "cmd: train", "cmd: python train.py", "cmd: train", 1),
        ("[train.py, ", "[", "schema: '2.0'\n", "schema: '2.0'\n# note\n", 0),
    ],
)
def test_a_run_without_what_the_tip_declares(
    repo: GitRepo, declared: str, less: str, recorded: str, kept: str, status: int
) -> None:
    started(repo, pipeline(declared, less), replaced("dvc.lock", recorded, kept))
    ended, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert (ended, bool(lost)) == (status, bool(status))
    if lost:
        assert "did not run with" in lost["model.pkl"]["message"]
        assert lost["model.pkl"]["severity"] == "error"


def test_the_same_edit_as_on_the_base_branch_loses_nothing(repo: GitRepo) -> None:
    started(repo, FROZEN, edited)
    repo.git("add", "-A", "-f")
    repo.commit("Edit it")
    repo.checkout("main")
    edited(repo)
    text = (repo.path / "dvc.lock").read_text()
    repo.write("dvc.lock", text.replace(held("train.py"), item("train.py", digest(SAME), 9)))
    repo.git("add", "-A", "-f")
    repo.commit("Edit it and run it")
    repo.checkout("hostile")
    status, report = compared(repo)
    assert (status, found(report, "freshness-lost")) == (0, {})
