"""A small project of one stage, and the command line run on it, as a process or in this one."""

import hashlib
import io
import os
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from lineage_diff.cli.main import main
from tests.support.git_repo import GitRepo

LOCK = """schema: '2.0'
stages:
  train:
    cmd: python train.py
    deps:
    - path: train.py
      hash: md5
      md5: {dep}
      size: 9
    outs:
    - path: model.pkl
      hash: md5
      md5: {out}
      size: 4
"""
PIPELINE = """stages:
  train:
    cmd: python train.py
    deps:
    - train.py
    outs:
    - model.pkl
"""
DEP_ONE, DEP_TWO = (hashlib.md5(text).hexdigest() for text in (b"print(1)\n", b"print(2)\n"))

CYCLE = """stages:
  one:
    cmd: a
    deps: [two.txt]
    outs: [one.txt]
  two:
    cmd: b
    deps: [one.txt]
    outs: [two.txt]
"""


ENVIRONMENT = {"COLUMNS": "80", "NO_COLOR": "1"}


def run(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lineage_diff", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, **ENVIRONMENT},
        check=False,
    )


def call(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command line as `run` does, but in this process: much quicker."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8") for _ in range(2))
    with (
        chdir(cwd or Path.cwd()),
        pytest.MonkeyPatch.context() as patch,
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        try:
            code = main(arguments)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
    out.flush()
    err.flush()
    shown, told = (stream.buffer.getvalue().decode() for stream in (out, err))
    return subprocess.CompletedProcess(arguments, code, shown, told)


def project(repo: GitRepo) -> str:
    """Commit a pipeline of one stage on main."""
    repo.write(".dvc/config", "")
    repo.write("train.py", "print(1)\n")
    repo.write("dvc.yaml", PIPELINE)
    repo.write("dvc.lock", LOCK.format(dep=DEP_ONE, out="2" * 32))
    return repo.commit("base")
