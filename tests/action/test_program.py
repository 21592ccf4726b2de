"""The container's program, as a process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.action.payloads import HOME
from tests.action.runner import Runner, commands
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer, merge_group_event
from tests.support.projects import project


@pytest.mark.parametrize("github", ["github.com"], indirect=True)
def test_the_program(tmp_path: Path, github: GitHubServer) -> None:
    repo = GitRepo(tmp_path / "workspace")
    base = project(repo)
    repo.write("train.py", "print(2)\n")
    head = repo.commit("edit the script")
    github.state.add_repository(HOME, git=repo.path)
    files = tmp_path / "files"
    files.mkdir()
    payload = merge_group_event(github, HOME, base_sha=base, head_sha=head)
    (files / "event.json").write_text(json.dumps(payload), encoding="utf-8")
    token = github.token(contents="read")
    runner = Runner(repo.path, files, github)
    variables = runner.variables("merge_group", files)
    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff.github_action"],
        env=os.environ | variables | {"INPUT_GITHUB_TOKEN": token},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert "1 model is stale" in done.stdout
    assert "warning" in commands(done.stdout)
    assert token not in done.stdout


# A step in which others write to the log: Python, a library in C, a child process.
NOISY = """\
import os, sys, tempfile
from lineage_diff.github_action import main

def run(*_):
    print("::error::one TOKEN")
    print("##[error]two", file=sys.stderr, flush=True)
    os.write(1, b"::set-output name=conclusion::three\\n")
    os.system("echo ::stop-commands::four >&2")
    return 0

main.run = run
tempfile.tempdir = os.environ.get("TEMPORARY")
sys.exit(main.run_step(dict(os.environ)))
"""


@pytest.mark.parametrize(
    ("debug", "place", "shown"),
    [(False, None, []), (True, None, ["stop-commands"]), (True, "/no/place", ["warning"])],
)
@pytest.mark.parametrize("github", ["github.com"], indirect=True)
def test_nobody_else_writes_to_the_log(
    tmp_path: Path, github: GitHubServer, debug: bool, place: str | None, shown: list[str]
) -> None:
    runner = Runner(tmp_path, tmp_path, github)
    github.state.add_repository(HOME)
    payload = merge_group_event(github, HOME, base_sha="1" * 40, head_sha="2" * 40)
    (tmp_path / "event.json").write_text(json.dumps(payload), encoding="utf-8")
    more = {"INPUT_GITHUB_TOKEN": "TOKEN", "RUNNER_DEBUG": "1" if debug else ""}
    more |= {"TEMPORARY": place} if place else {}
    done = subprocess.run(
        [sys.executable, "-c", NOISY],
        env=os.environ | runner.variables("merge_group", tmp_path) | more,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert commands(done.stdout) == shown
    for word in ("::error::one ***", "two", "three", "four"):
        assert (word in done.stdout) == (shown == ["stop-commands"])
    assert ("no place for a temporary file" in done.stdout) == (shown == ["warning"])
    assert "TOKEN" not in done.stdout


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        ((sys.executable, "-c", "print(1); exit(5)"), 5, "1\n"),
        (("no-such-program",), 127, "no-such-program: No such file or directory\n"),
        ((str(Path(__file__).parent),), 126, "Permission denied\n"),
    ],
)
def test_with_arguments_it_becomes_that_command(
    command: tuple[str, ...], code: int, says: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff.github_action", *command],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert (done.stdout + done.stderr).endswith(says)


def test_by_hand_it_says_what_to_run_instead() -> None:
    kept = {name: text for name, text in os.environ.items() if not name.startswith("GITHUB_")}
    done = subprocess.run(
        [sys.executable, "-m", "lineage_diff.github_action"],
        env=kept,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.startswith("::error::GITHUB_REPOSITORY is not set")
    assert "`lineage-diff compare`" in done.stdout
