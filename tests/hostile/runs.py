"""Runs the program on a hostile revision as a process of its own, and holds it to its bounds."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.git_repo import GitRepo, git_environment
from tests.support.prepared import PreparedProgram

SECONDS = 20
MEMORY = 1 << 30
_MAIN = (sys.executable, "-m", "lineage_diff")
_CONSOLE = (str(Path(sys.executable).with_name("lineage-diff")),)
_WITHOUT_ROUTE = ("unshare", "--net")

COMMANDS: tuple[tuple[str, ...], ...] = (
    ("compare", "main", "hostile", "--format", "json"),
    ("status", "hostile", "--format", "json"),
    ("lint",),
)


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: its status and what it wrote."""

    status: int
    out: str
    err: str


def run(
    repo: GitRepo,
    *args: str,
    home: Path | None = None,
    routeless: bool = False,
    console: bool = False,
) -> Ended:
    """Run a command under the bounds; fails for a traceback, a hang, or too much memory.

    The process is forked from one that has the modules. `console` starts the installed command
    instead, which looks for no module in the folder it is run in.
    """
    environment = git_environment() | {"PYTHONFAULTHANDLER": "1"}
    if home is not None:
        environment["HOME"] = str(home)
    with tempfile.NamedTemporaryFile() as out, tempfile.NamedTemporaryFile() as err:
        if routeless or console:
            prefix = _WITHOUT_ROUTE if routeless else ()
            status = subprocess.run(
                (*prefix, *(_CONSOLE if console else _MAIN), *args),
                cwd=repo.path,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                timeout=SECONDS,
                preexec_fn=_bounded,
                check=False,
            ).returncode
        else:
            status = _prepared().run(
                args,
                cwd=repo.path,
                environment=environment,
                out=Path(out.name),
                err=Path(err.name),
                seconds=SECONDS,
                memory=MEMORY,
            )
        ended = Ended(status, *(_text(Path(file.name)) for file in (out, err)))
    assert "Traceback" not in ended.err, ended.err
    assert ended.status in (0, 1, 2), (ended.status, ended.err)
    return ended


def _text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "surrogateescape")


@cache
def _prepared() -> PreparedProgram:
    return PreparedProgram()


def run_all(repo: GitRepo, commands: Sequence[tuple[str, ...]] = COMMANDS) -> list[Ended]:
    """Run every command on the repository; an error must say what and how to fix it."""
    ended = [run(repo, *command) for command in commands]
    for command, each in zip(commands, ended, strict=True):
        # `lint` names an unreadable file once: in its report.
        named = each.err.strip() or (command[0] == "lint" and "error" in each.out)
        assert each.status != 2 or named, "an error without a word"
    return ended


def can_run_without_route() -> bool:
    """Whether this machine lets a process have a network namespace of its own."""
    if shutil.which("unshare") is None:
        return False
    return (
        subprocess.run((*_WITHOUT_ROUTE, "true"), capture_output=True, check=False).returncode == 0
    )


def pull_request(path: str | os.PathLike[str]) -> GitRepo:
    """Return a repository with a sound pipeline on `main`, and the branch `hostile` checked out."""
    repo = GitRepo(path)
    repo.write(".dvc/config", "")
    repo.write("dvc.yaml", PIPELINE)
    repo.write("params.yaml", "lr: 1\n")
    repo.write("train.py", "print(1)\n")
    repo.commit("Base")
    repo.branch("hostile")
    return repo


PIPELINE = """\
stages:
  train:
    cmd: python train.py
    deps: [train.py]
    params: [lr]
    outs: [model.pkl]
    metrics: [metrics.yaml: {cache: false}]
"""


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
