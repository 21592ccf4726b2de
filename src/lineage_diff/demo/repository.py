"""Builds the demo's repository with the real Git and the real DVC."""

import os
import shutil
import sys
from collections.abc import Callable
from importlib import resources
from pathlib import Path

from lineage_diff.child_processes import run_child
from lineage_diff.demo.customers import customers

BRANCH = "more-customers"
_WHO = {"NAME": "Ada Example", "EMAIL": "ada@example.com"}


class DemoError(Exception):
    """A step of the demo failed; the text says which, and what it printed."""


def build(folder: Path, step: Callable[[str], None]) -> None:
    """Make the repository in `folder`, which must be empty or absent.

    `main` holds two trained models; the branch brings new data (some of it mislabelled), another
    param and an edited script, and retrains one of the two. `step` is told what is being done.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DemoError(f"{folder} is not empty. Name another folder, or remove this one")
    folder.mkdir(parents=True, exist_ok=True)
    run = _runner(folder)
    step("init")
    run("git", "init", "-q", "-b", "main")
    run("dvc", "init", "-q")
    run("dvc", "config", "core.analytics", "false")
    run("dvc", "config", "core.check_update", "false")
    _copy("project", folder)
    (folder / "data").mkdir()
    (folder / "data/customers.csv").write_text(customers(2400), encoding="utf-8")
    run("dvc", "add", "-q", "data/customers.csv")
    step("main")
    run("dvc", "repro", "-q", "--all-pipelines")
    run("git", "add", "-A")
    run("git", "commit", "-q", "-m", "Train the churn model and the ranker")
    step("branch")
    run("git", "checkout", "-q", "-b", BRANCH)
    (folder / "data/customers.csv").write_text(customers(3600, mislabelled=0.06), encoding="utf-8")
    run("dvc", "add", "-q", "data/customers.csv")
    run("git", "commit", "-q", "-a", "-m", "Add the customers of the third quarter")
    _copy("change", folder, only=("params.yaml", "src"))
    run("git", "commit", "-q", "-a", "-m", "Train for longer, on months scaled to four years")
    run("dvc", "repro", "-q")
    run("git", "commit", "-q", "-a", "-m", "Retrain the churn model")
    _copy("change", folder, only=("ranking",))
    run("git", "commit", "-q", "-a", "-m", "Ignore what points away from leaving")


def _runner(folder: Path) -> Callable[..., None]:
    tools = str(Path(sys.executable).parent)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
        "PATH": os.pathsep.join([tools, os.environ.get("PATH", "")]),
        "DVC_NO_ANALYTICS": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for role in ("AUTHOR", "COMMITTER"):
        environment |= {f"GIT_{role}_{key}": value for key, value in _WHO.items()}
        environment[f"GIT_{role}_DATE"] = "2026-01-05T09:00:00+00:00"

    def run(program: str, *arguments: str) -> None:
        command = [sys.executable, "-m", "dvc"] if program == "dvc" else [program]
        done = run_child([*command, *arguments], cwd=str(folder), env=environment, bounded=False)
        if done.returncode:
            text = " ".join((done.stderr or done.stdout).decode(errors="replace").split())
            raise DemoError(f"`{program} {' '.join(arguments)}` failed: {text}")

    return run


def _copy(part: str, folder: Path, only: tuple[str, ...] = ()) -> None:
    with resources.as_file(resources.files("lineage_diff.demo") / part) as source:
        for entry in sorted(source.iterdir()):
            if only and entry.name not in only:
                continue
            if entry.is_dir():
                ignore = shutil.ignore_patterns("__pycache__")
                shutil.copytree(entry, folder / entry.name, dirs_exist_ok=True, ignore=ignore)
            else:
                shutil.copy(entry, folder / entry.name)
