"""Each command on our pages is run on the demo, or has the reason why it cannot be."""

import argparse
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lineage_diff.cli.main import parser
from lineage_diff.project import ADDRESS
from tests.support.git_repo import GitRepo, git_environment
from tests.support.page_commands import NOT_RUN, PAGES, ROOT, commands
from tests.support.projects import run

# How a page starts the program, where these tests run the installed one.
STARTS = ("uvx lineage-diff ", f"uvx --from git+{ADDRESS} lineage-diff ")
SHOWN = [page for page in PAGES if commands(page)]
# Exit code 1 is a verdict.
JUDGES = ("compare", "status", "lint", "gate")


def reason(command: str) -> str | None:
    return next((why for start, why in NOT_RUN.items() if command.startswith(start)), None)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, with the branches, versions and tags that the pages name."""
    folder = tmp_path_factory.mktemp("pages") / "demo"
    assert run("demo", str(folder)).returncode == 0
    repo = GitRepo(folder)
    repo.checkout("main")
    repo.write(".github/lineage-diff.yml", "promotion:\n  stages: [dev, staging, prod]\n")
    repo.commit("Configure the promotion")
    for name in ("my-branch", "exp-a"):
        repo.git("branch", name, "more-customers")
    for name in ("exp-b", "exp-c", "v1.2.0-branch"):
        repo.git("branch", name, "main")
    for tag in ("v1.0", "v1.2.0", "churn@v1.2.0", "churn#dev#1", "churn#staging#2", "churn#prod#3"):
        repo.git("tag", "-a", tag, "-m", tag, "main")
    repo.git("update-ref", "refs/remotes/origin/main", "main")
    repo.checkout("my-branch")
    return folder


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_commands_of_the_page_run(demo: Path, tmp_path: Path, page: Path) -> None:
    """In their order, in one copy of the demo: a command may use the files of an earlier one."""
    run_here = [command for command in commands(page) if reason(command) is None]
    if any(command.startswith("jq ") for command in run_here) and shutil.which("jq") is None:
        pytest.skip("there is no jq")
    folder = tmp_path / "copy"
    shutil.copytree(demo, folder, symlinks=True)
    tools = str(Path(sys.executable).parent)
    environment = git_environment() | {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    for command in run_here:
        for start in STARTS:
            command = command.replace(start, "lineage-diff ")
        done = subprocess.run(
            ["bash", "-euc", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        words = command.split()
        is_verdict = words[0] == "lineage-diff" and words[1] in JUDGES
        assert done.returncode in ((0, 1) if is_verdict else (0,)), (command, done.stderr)
        assert "error:" not in done.stderr, (command, done.stderr)


def test_no_reason_is_left_over() -> None:
    shown = [command for page in SHOWN for command in commands(page)]
    assert [start for start in NOT_RUN if not any(c.startswith(start) for c in shown)] == []


def test_the_tests_that_a_reason_names_exist() -> None:
    named = {path for why in NOT_RUN.values() for path in re.findall(r"tests/[\w/.]+", why)}
    assert named
    assert [path for path in sorted(named) if not (ROOT / path.rstrip(".")).exists()] == []


INLINE = re.compile(r"`lineage-diff ([^`]+)`")
# In their place, and of an artifact in a workflow.
NO_COMMAND = {"COMMAND", "report"}


def test_the_commands_and_options_in_running_text_exist() -> None:
    calls = {call for page in PAGES for call in INLINE.findall(page.read_text(encoding="utf-8"))}
    assert len(calls) > 40
    commands_action = next(
        action
        for action in parser().all_actions()
        if isinstance(action, argparse._SubParsersAction)
    )
    # With those of its actions, as of `mlflow tag`.
    options = {
        name: {option for action in one.all_actions() for option in action.option_strings}
        for name, one in commands_action.choices.items()
    }
    names = {call: call.split()[0] for call in calls if not call.startswith("--")}
    names = {call: name for call, name in names.items() if name not in NO_COMMAND}
    assert {call for call, name in names.items() if name not in options} == set()
    unknown = {
        call: used
        for call, name in names.items()
        if (used := set(re.findall(r"(?<![\w-])--[a-z-]+", call)) - options[name])
    }
    assert unknown == {}
