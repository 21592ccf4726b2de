"""A stage that a change brings, and that the merge makes stale: the base branch has moved on."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.hostile.heads import PIPELINE, compared, digest, found, held, item, lock, written
from tests.hostile.runs import run
from tests.support.git_repo import GitRepo

Act = Callable[[GitRepo], Any]
SRC = lock()[lock().index("    - path: src") : lock().index("    - path: train.py")]
DEPS = {
    "train.py": held("train.py"),
    "src": SRC,
    "data/raw.csv": held("data/raw.csv"),
    "model.pkl": item("model.pkl", "1" * 32, 9),
    "clean.csv": item("clean.csv", "c" * 32, 7),
}
LR = "    params:\n      params.yaml:\n        lr: 1\n"


def brings(*deps: str, out: str = "served.pt", params: str = "") -> Act:
    """Let the change have a new stage that ran, after all others."""

    def bring(repo: GitRepo) -> None:
        listed = f"    deps: [{', '.join(deps)}]\n" if deps else ""
        keys = "    params: [lr]\n" if params else ""
        stage = f"  serve:\n    cmd: serve\n{listed}{keys}    outs: [{out}]\n"
        locked = f"    deps:\n{''.join(DEPS[dep] for dep in sorted(deps))}" if deps else ""
        outs = f"    outs:\n{item(out, '6' * 32, 9)}"
        repo.write("dvc.yaml", f"{PIPELINE}{stage}")
        repo.write("dvc.lock", f"{lock()}  serve:\n    cmd: serve\n{locked}{params}{outs}")

    return bring


def ran(path: str, text: str, old: str) -> Act:
    """Let the base branch edit an input of its stage, and run that, with the same result."""

    def act(repo: GitRepo) -> None:
        repo.write(path, text)
        new = item(path, digest(text), len(text))
        repo.write("dvc.lock", lock().replace(old, new))

    return act


def retrained(repo: GitRepo) -> None:
    repo.write("dvc.lock", lock().replace("1" * 32, "7" * 32))


def other_lr(repo: GitRepo) -> None:
    repo.write("params.yaml", "lr: 2\nseed: 1\n")
    repo.write("dvc.lock", lock().replace("lr: 1", "lr: 2"))


TRAIN = ran("train.py", "print(2)\n", held("train.py"))
NOT_RUN = written("src/a.py", "y\n")


def moved_on(repo: GitRepo, change: Act, move: Act) -> None:
    change(repo)
    repo.git("add", "-A", "-f")
    repo.commit("Change")
    repo.checkout("main")
    move(repo)
    repo.git("add", "-A", "-f")
    repo.commit("The base moves on")
    repo.checkout("hostile")


@pytest.mark.parametrize(
    ("change", "move", "path"),
    [
        (brings("train.py"), TRAIN, "train.py"),
        (brings("src", "train.py"), NOT_RUN, "src"),
        (brings("data/raw.csv"), ran("data/raw.csv", "3\n", held("data/raw.csv")), "data/raw.csv"),
        (brings("model.pkl"), retrained, "model.pkl"),
        (brings("clean.csv", params=LR), other_lr, "params.yaml"),
    ],
)
def test_the_merge_makes_it_stale(repo: GitRepo, change: Act, move: Act, path: str) -> None:
    moved_on(repo, change, move)
    status, report = compared(repo)
    lost = found(report, "freshness-lost")["served.pt"]
    assert status == 1
    assert lost["severity"] == "error"
    assert f"`serve` ran on another `{path}` than that of the base branch" in lost["message"]
    repo.git("merge", "-q", "-m", "Merge", "main")
    after = run(repo, "status", "hostile", "--format", "terminal").out
    assert "served.pt" in after
    assert "stale" in after


@pytest.mark.parametrize(
    ("change", "move"),
    [
        (brings("train.py"), written("notes.md", "x\n")),
        (brings("clean.csv"), TRAIN),
        (brings("train.py"), written("src/b.py", "x\n")),
        (brings("clean.csv", params=LR), written("params.yaml", "lr: 1\nseed: 2\n")),
        (brings("train.py", out="served.csv"), TRAIN),
        (brings("train.py"), written("train.py", "print(1)\r\n")),
        (brings("train.py"), brings("train.py")),
    ],
)
def test_another_move_of_the_base_makes_nothing_stale(
    repo: GitRepo, change: Act, move: Act
) -> None:
    moved_on(repo, change, move)
    status, report = compared(repo)
    errors = [item for item in report["findings"] if item["severity"] == "error"]
    assert (status, errors) == (0, [])


def test_once_merged_and_run_it_is_green(repo: GitRepo) -> None:
    moved_on(repo, brings("train.py"), TRAIN)
    repo.git("merge", "-q", "-m", "Merge", "main")
    text = (repo.path / "dvc.lock").read_text()
    new = item("train.py", digest("print(2)\n"), 9)
    repo.write("dvc.lock", text.replace(held("train.py"), new))
    status, report = compared(repo)
    assert (status, found(report, "freshness-lost")) == (0, {})
