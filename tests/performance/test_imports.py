"""What each command loads: start-up is most of the time of a small comparison."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bench.generate import CHAIN, generate

READING = {"msgspec", "yaml", "configobj"}
RENDERING = {"jinja2", "markupsafe"}
PRINTING = RENDERING | {"rich"}
# What Cython, Python 3.11 and Debian's leave in `sys.modules` beside the packages themselves.
BESIDE = {"cython_runtime", "sitecustomize", "typing_extensions"}
JSON = ("--format", "json")
COMPARE = ("compare", "HEAD~1", "HEAD", "--direct")
MODEL = "models/c00000.pkl"

# Arguments, third-party packages that may be loaded, and how many modules of ours at most.
BUDGETS: list[tuple[tuple[str, ...], set[str], int]] = [
    (("--help",), set(), 12),
    (("compare", "--help"), set(), 12),
    ((*COMPARE, *JSON), READING, 234),
    ((*COMPARE, "--format", "markdown"), READING | RENDERING, 272),
    (COMPARE, READING | PRINTING, 262),
    (("status", *JSON), READING, 223),
    (("status",), READING | PRINTING, 245),
    (("lint", *JSON), READING, 205),
    (("lint",), READING | PRINTING, 224),
    (("trace", MODEL, *JSON), READING, 172),
    (("trace", MODEL), READING | PRINTING, 187),
    (("history", MODEL, *JSON), READING, 162),
    (("audit", *JSON), READING, 250),
]
COMMAND = """
import contextlib, json, os, sys
from lineage_diff.cli.main import main
with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
    try:
        code = main(json.loads(sys.argv[1]))
    except SystemExit as left:
        code = left.code
"""
# Modules are listed by the name of their package, those of ours in full.
LISTING = """
import json, sys
ours = sorted(name for name in sys.modules if name.split(".")[0] == "lineage_diff")
theirs = {name.split(".")[0] for name in sys.modules} - sys.stdlib_module_names
theirs = sorted(name for name in theirs - {"__main__", "lineage_diff"} if name[0] != "_")
print(json.dumps([code, ours, theirs]))
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("imports") / "repository"
    generate(folder, CHAIN)
    return folder


def loaded(program: str, *arguments: str, cwd: Path | None = None) -> list[Any]:
    """Run a program that sets `code`, and return that, our modules and the others' packages."""
    command = [sys.executable, "-c", program + LISTING, *arguments]
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, text=True, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("arguments", "allowed", "most"),
    BUDGETS,
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_command_loads_no_more_than_it_needs(
    repository: Path, arguments: tuple[str, ...], allowed: set[str], most: int
) -> None:
    """Not GitPython, PyGithub, requests, DVC or vl-convert; Jinja and Rich only to show text."""
    code, ours, theirs = loaded(COMMAND, json.dumps(arguments), cwd=repository)
    assert code in (0, 1)
    assert set(theirs) - BESIDE <= allowed
    assert len(ours) <= most, ours


# The Action starts with one line of its log, and compares before it connects to anything.
STEPS = {
    "lineage_diff.github_action.__main__": 62,
    "lineage_diff.github_action.publish_fork_report": 104,
    "lineage_diff.github_action.compare_commits": 136,
}


@pytest.mark.parametrize("module", STEPS)
def test_the_action_loads_what_it_publishes_with_when_it_publishes(module: str) -> None:
    """Not PyGithub, requests and GitPython before something is to be published or fetched."""
    _, ours, theirs = loaded(f"import {module}; code = None")
    assert set(theirs) - BESIDE <= {"msgspec", "markupsafe"}
    assert len(ours) <= STEPS[module], ours


@pytest.mark.parametrize("arguments", [("--help",), ("status", *JSON)], ids=["help", "status"])
def test_no_parser_of_arguments_asks_for_the_width_by_shutil(
    repository: Path, arguments: tuple[str, ...]
) -> None:
    """It brings three compressors, of no use to a command."""
    program = f"{COMMAND}\nassert 'shutil' not in sys.modules"
    code, *_ = loaded(program, json.dumps(arguments), cwd=repository)
    assert code in (0, 1)


@pytest.mark.parametrize(
    "arguments", [each for each, *_ in BUDGETS if each[-1] == "json"], ids=lambda value: value[0]
)
def test_a_command_starts_without_the_modules_that_read_code(
    repository: Path, arguments: tuple[str, ...]
) -> None:
    """`inspect` takes a tenth of a small comparison; `dataclasses` and others bring it."""
    command = [sys.executable, "-X", "importtime", "-m", "lineage_diff", *arguments]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    names = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "lineage_diff.cli.main" in names
    assert names.isdisjoint({"inspect", "dataclasses"})
