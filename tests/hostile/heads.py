"""A repository with fresh models, whose heads are hostile, and how they are judged."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from tests.hostile.runs import run
from tests.support.git_repo import GitRepo

Act = Callable[[GitRepo], Any]
PIPELINE = """\
stages:
  prepare:
    cmd: python prepare.py
    deps: [prepare.py]
    outs: [clean.csv]
  train:
    cmd: python train.py
    deps: [train.py, src, clean.csv, data/raw.csv]
    params: [lr]
    outs: [model.pkl, net.out: {type: model}]
"""
FILES = {
    ".dvc/config": "",
    "dvc.yaml": PIPELINE,
    "params.yaml": "lr: 1\nseed: 1\n",
    "prepare.py": "print(0)\n",
    "train.py": "print(1)\n",
    "src/a.py": "x\n",
    "data/raw.csv": "1,2\n",
    "big/dvc.yaml": "stages:\n  fit:\n    cmd: fit\n    deps: [fit.py]\n    outs: [model.pkl]\n",
    "big/fit.py": "fit\n",
}


def digest(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def item(path: str, value: str, size: int) -> str:
    return f"    - path: {path}\n      hash: md5\n      md5: {value}\n      size: {size}\n"


def held(path: str, folder: str = "") -> str:
    text = FILES[folder + path]
    return item(path, digest(text), len(text))


def lock() -> str:
    listing = json.dumps([{"md5": digest(FILES["src/a.py"]), "relpath": "a.py"}])
    src = item("src", f"{digest(listing)}.dir", 2) + "      nfiles: 1\n"
    return (
        "schema: '2.0'\nstages:\n  prepare:\n    cmd: python prepare.py\n    deps:\n"
        f"{held('prepare.py')}    outs:\n{item('clean.csv', 'c' * 32, 7)}"
        "  train:\n    cmd: python train.py\n    deps:\n"
        f"{item('clean.csv', 'c' * 32, 7)}{held('data/raw.csv')}{src}{held('train.py')}"
        "    params:\n      params.yaml:\n        lr: 1\n    outs:\n"
        f"{item('model.pkl', '1' * 32, 9)}{item('net.out', '2' * 32, 9)}"
    )


def big_lock() -> str:
    return (
        f"schema: '2.0'\nstages:\n  fit:\n    cmd: fit\n    deps:\n{held('fit.py', 'big/')}"
        f"    outs:\n{item('model.pkl', '3' * 32, 9)}"
    )


def compared(repo: GitRepo) -> tuple[int, dict[str, Any]]:
    repo.git("add", "-A", "-f")
    repo.git("commit", "-q", "--allow-empty", "-m", "Hostile")
    ended = run(repo, "compare", "main", "hostile", "--format", "json")
    return ended.status, json.loads(ended.out)


def found(report: dict[str, Any], rule: str) -> dict[str, dict[str, Any]]:
    return {item["subject"]: item for item in report["findings"] if item["rule"] == rule}


def edited(repo: GitRepo) -> None:
    repo.write("train.py", "print(2)\n")


def written(path: str, text: str) -> Callable[[GitRepo], Any]:
    return lambda repo: repo.write(path, text)


def replaced(file: str, old: str, new: str) -> Callable[[GitRepo], Any]:
    """Return what replaces a text of a file, which must be there."""

    def replace(repo: GitRepo) -> None:
        text = (repo.path / file).read_text()
        assert old in text, (file, old)
        repo.write(file, text.replace(old, new))

    return replace


def both(*acts: Act) -> Act:
    def act(repo: GitRepo) -> None:
        for one in acts:
            one(repo)

    return act


def nothing(_repo: GitRepo) -> None:
    """Change nothing."""


def based(repo: GitRepo, act: Act) -> None:
    """Let the base have what `act` does."""
    act(repo)
    repo.git("add", "-A", "-f")
    repo.git("commit", "-q", "--allow-empty", "-m", "Base")
    repo.git("branch", "-f", "main")


def without_train(repo: GitRepo) -> None:
    for file in ("dvc.yaml", "dvc.lock"):
        text = (repo.path / file).read_text()
        repo.write(file, text[: text.index("  train:")])


NEW_LR = written("params.yaml", "lr: 2\n")
NEW_PREPARE = written("prepare.py", "print(9)\n")
