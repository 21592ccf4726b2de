"""Build the demo's repository with the real Git and the real DVC."""

import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from importlib import resources
from pathlib import Path

from lineage_diff.child_processes import run_child
from lineage_diff.demo.customers import customers
from lineage_diff.git.isolated import IsolatedGit
from lineage_diff.git.process import GitFailed

BRANCH = "more-customers"
_WHO = {"NAME": "Ada Example", "EMAIL": "ada@example.com"}


class DemoError(Exception):
    """A step of the demo failed; the text names the step and has its output."""


def build(folder: Path, step: Callable[[str], None]) -> None:
    """Create the repository in `folder`, which must be empty or missing.

    `main` has two trained models. The branch adds data (some of it mislabelled), changes a param
    and a script, and retrains one of the two models. `step` is called with the name of each step.
    Raises `DemoError`.
    """
    if folder.exists() and any(folder.iterdir()):
        raise DemoError(f"{folder} is not empty")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        _build(folder, _git(folder), partial(_dvc, folder), step)
    except GitFailed as error:
        raise DemoError(f"Git failed: {error.message}") from error


def _build(
    folder: Path, git: IsolatedGit, dvc: Callable[..., None], step: Callable[[str], None]
) -> None:
    step("init")
    git.init("-q", "-b", "main")
    dvc("init", "-q")
    dvc("config", "core.analytics", "false")
    dvc("config", "core.check_update", "false")
    _copy("project", folder)
    (folder / "data").mkdir()
    (folder / "data/customers.csv").write_text(customers(2400), encoding="utf-8")
    dvc("add", "-q", "data/customers.csv")
    step("main")
    dvc("repro", "-q", "--all-pipelines")
    git.add("-A")
    git.commit("-q", "-m", "Train the churn model and the ranker")
    step("branch")
    git.checkout("-q", "-b", BRANCH)
    (folder / "data/customers.csv").write_text(customers(3600, mislabelled=0.06), encoding="utf-8")
    dvc("add", "-q", "data/customers.csv")
    git.commit("-q", "-a", "-m", "Add the customers of the third quarter")
    _copy("change", folder, only=("params.yaml", "src"))
    git.commit("-q", "-a", "-m", "Train for longer, on months scaled to four years")
    dvc("repro", "-q")
    git.commit("-q", "-a", "-m", "Retrain the churn model")
    _copy("change", folder, only=("ranking",))
    git.commit("-q", "-a", "-m", "Ignore what points away from leaving")


def _git(folder: Path) -> IsolatedGit:
    git = IsolatedGit(_variables())
    git.set_persistent_git_options(C=str(folder))
    return git


def _variables() -> dict[str, str]:
    """Return the environment variables to set for Git and DVC."""
    tools = str(Path(sys.executable).parent)
    variables = {
        "PATH": os.pathsep.join([tools, os.environ.get("PATH", "")]),
        "DVC_NO_ANALYTICS": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    for role in ("AUTHOR", "COMMITTER"):
        variables |= {f"GIT_{role}_{key}": value for key, value in _WHO.items()}
        variables[f"GIT_{role}_DATE"] = "2026-01-05T09:00:00+00:00"
    return variables


def _dvc(folder: Path, *arguments: str) -> None:
    outside = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    command = [sys.executable, "-m", "dvc", *arguments]
    done = run_child(command, cwd=str(folder), env=outside | _variables(), bounded=False)
    if done.returncode:
        text = " ".join((done.stderr or done.stdout).decode(errors="replace").split())
        raise DemoError(f"`dvc {' '.join(arguments)}` failed: {text}")


def _copy(part: str, folder: Path, only: tuple[str, ...] = ()) -> None:
    with resources.as_file(resources.files("lineage_diff.demo") / part) as source:
        for entry in sorted(source.iterdir()):
            if only and entry.name not in only:
                continue
            if entry.is_dir():
                # With the time of now: DVC hashes no file again that has its old size and time.
                shutil.copytree(
                    entry,
                    folder / entry.name,
                    dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns("__pycache__"),
                    copy_function=shutil.copy,
                )
            else:
                shutil.copy(entry, folder / entry.name)
