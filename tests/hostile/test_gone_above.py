"""A model that is kept without its pipeline: an edit above what made it is not hidden.

The model's stage is gone, and so is the one before it with what that one made.
"""

import json

import pytest

from tests.hostile.heads import (
    NEW_LR,
    NEW_PREPARE,
    PIPELINE,
    Act,
    based,
    both,
    compared,
    digest,
    edited,
    found,
    item,
    lock,
    nothing,
    replaced,
    written,
)
from tests.support.git_repo import GitRepo

MODEL = "weights\n" * 250
BY_HAND = f"outs:\n- path: model.pkl\n  hash: md5\n  md5: {'1' * 32}\n  size: 9\n"
SPLIT_PIPELINE = PIPELINE.replace(
    "  train:",
    "  clean:\n    cmd: clean\n    deps: [parts]\n    outs: [clean.csv]\n  train:",
).replace("outs: [clean.csv]", "outs: [parts/one.csv]", 1)

PARTS = f"{digest(json.dumps([{'md5': 'd' * 32, 'relpath': 'one.csv'}]))}.dir"


def no_pipeline(repo: GitRepo) -> None:
    """Remove the pipeline and its lock, and track the model by hand."""
    repo.git("rm", "-q", "dvc.yaml", "dvc.lock")
    repo.write("model.pkl.dvc", BY_HAND)


def empty_pipeline(repo: GitRepo) -> None:
    """Let no stage be in the pipeline, and leave the lock of the first."""
    text = lock()
    repo.write("dvc.yaml", "# nothing\n")
    repo.write("dvc.lock", text[: text.index("  train:")])
    repo.write("model.pkl.dvc", BY_HAND)


def only_train(repo: GitRepo) -> None:
    """Keep the model's stage, without its dep on what the first one made; the lock still has it."""
    at, text = PIPELINE.index("  train:"), lock()
    repo.write("dvc.yaml", f"stages:\n{PIPELINE[at:]}".replace(" clean.csv,", ""))
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{text[text.index('  train:') :]}")


def in_git(repo: GitRepo) -> None:
    """Let Git hold the model in the base."""
    replaced("dvc.yaml", "[model.pkl,", "[model.pkl: {cache: false},")(repo)
    repo.write("model.pkl", MODEL)
    replaced("dvc.lock", item("model.pkl", "1" * 32, 9), item("model.pkl", digest(MODEL), 2000))(
        repo
    )


def by_nobody(repo: GitRepo) -> None:
    """Remove the pipeline, and let Git keep the model."""
    repo.git("rm", "-q", "dvc.yaml", "dvc.lock")


def three_stages(repo: GitRepo) -> None:
    """Let a stage take a folder, a file of which the first one makes."""
    repo.write("dvc.yaml", SPLIT_PIPELINE)
    first = lock().replace(item("clean.csv", "c" * 32, 7), item("parts/one.csv", "d" * 32, 7), 1)
    entry = (
        f"  clean:\n    cmd: clean\n    deps:\n{item('parts', PARTS, 7)}      nfiles: 1\n"
        f"    outs:\n{item('clean.csv', 'c' * 32, 7)}"
    )
    repo.write("dvc.lock", first.replace("  train:", f"{entry}  train:"))


def to_folder(path: str) -> Act:
    """Make a file the only one of a folder with its name."""

    def move(repo: GitRepo) -> None:
        repo.git("mv", path, "moved")
        repo.git("rm", "-q", "--cached", "moved")
        (repo.path / path).mkdir()
        (repo.path / "moved").rename(repo.path / path / path)

    return move


@pytest.mark.parametrize(
    ("base", "keep"),
    [
        (nothing, no_pipeline),
        (nothing, empty_pipeline),
        (in_git, by_nobody),
        (three_stages, no_pipeline),
    ],
)
@pytest.mark.parametrize("edit", [NEW_PREPARE, to_folder("prepare.py"), edited, NEW_LR])
def test_an_edit_above_what_is_kept_is_an_error(
    repo: GitRepo, base: Act, keep: Act, edit: Act
) -> None:
    based(repo, base)
    both(keep, edit)(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert status == 1
    assert lost["model.pkl"]["severity"] == "error"
    assert "hides an edit from DVC" in lost["model.pkl"]["message"]


@pytest.mark.parametrize(
    ("base", "change"),
    [
        (nothing, no_pipeline),
        (in_git, by_nobody),
        (three_stages, no_pipeline),
        # What no longer exists was retired with its stage.
        (nothing, both(no_pipeline, lambda repo: repo.git("rm", "-q", "prepare.py", "train.py"))),
        # No input of a stage.
        (nothing, both(no_pipeline, written("params.yaml", "lr: 1\nseed: 2\n"))),
        (nothing, both(no_pipeline, written("README.md", "Retired.\n"))),
        (three_stages, both(no_pipeline, written("notes/parts.md", "none\n"))),
    ],
)
def test_what_is_retired_without_an_edit_is_none(repo: GitRepo, base: Act, change: Act) -> None:
    based(repo, base)
    change(repo)
    status, report = compared(repo)
    assert status == 0, report["findings"]


@pytest.mark.parametrize(
    ("edit", "errors"), [(NEW_PREPARE, True), (to_folder("prepare.py"), True), (nothing, False)]
)
def test_nor_is_an_edit_above_a_dep_that_only_the_lock_has(
    repo: GitRepo, edit: Act, errors: bool
) -> None:
    both(only_train, edit)(repo)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")
    assert status == errors
    assert lost.keys() == ({"model.pkl", "net.out"} if errors else set())
    assert all(
        "`train` no longer declares `clean.csv`" in each["message"] for each in lost.values()
    )


@pytest.mark.parametrize("edit", [nothing, NEW_PREPARE])
def test_a_stage_that_still_needs_what_is_gone_misses_it(repo: GitRepo, edit: Act) -> None:
    """A model kept by hand makes nothing of it again."""
    other = "  fit:\n    cmd: fit\n    deps: [clean.csv]\n    outs: [fit.pkl: {type: model}]\n"
    entry = (
        f"  fit:\n    cmd: fit\n    deps:\n{item('clean.csv', 'c' * 32, 7)}"
        f"    outs:\n{item('fit.pkl', '5' * 32, 9)}"
    )

    def with_fit(repo: GitRepo) -> None:
        repo.write("dvc.yaml", f"{PIPELINE}{other}")
        repo.write("dvc.lock", f"{lock()}{entry}")

    based(repo, with_fit)
    repo.write("dvc.yaml", f"stages:\n{other}")
    repo.write("dvc.lock", f"schema: '2.0'\nstages:\n{entry}")
    repo.write("model.pkl.dvc", BY_HAND)
    edit(repo)
    status, report = compared(repo)
    models = {model["path"]: model["freshness"] for model in report["models"]}
    assert status == 1, report
    assert models["fit.pkl"] == "stale"
