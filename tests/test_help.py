"""The help: its examples, its suggestions, the options of each command, and completion."""

import argparse
import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import termios
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from lineage_diff.cli.commands import COMMANDS
from lineage_diff.cli.main import _terminal_columns, parser
from lineage_diff.render.formats import FORMATS
from tests.support.git_repo import GitRepo
from tests.support.projects import call, project

COLUMNS = (None, "", "0", "-3", "wide", "1", "40", " 200 ")
SHELLS = ("bash", "zsh", "fish")


@pytest.mark.parametrize("columns", COLUMNS)
def test_the_help_is_as_wide_as_shutil_says(
    monkeypatch: pytest.MonkeyPatch, columns: str | None
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    above, below = pty.openpty()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    with os.fdopen(above), os.fdopen(below, "w") as screen, os.fdopen(nowhere, "w") as silent:
        for out in (screen, silent, StringIO(), None):
            for width in (57, 0):
                termios.tcsetwinsize(below, (30, width))
                monkeypatch.setattr(sys, "__stdout__", out)
                assert _terminal_columns() == shutil.get_terminal_size().columns


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_the_examples_at_the_end_of_help_parse(name: str) -> None:
    _, _, end = call(name, "--help").stdout.partition("\nexamples:\n")
    examples, _, codes = end.partition("\n\n")
    assert codes.startswith("exit codes: 0 ")
    commands = [
        part.split(" > ")[0].split("#")[0] if "completion" in line else part
        for line in examples.splitlines()
        for part in line.strip().removeprefix("source <(").replace(")", "").split(" | ")
    ]
    assert commands
    for command in commands:
        program, *arguments = shlex.split(command, comments=False)
        assert program == "lineage-diff"
        if "--help" not in arguments:
            assert callable(parser().parse_args(arguments).run)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("cmpare", "Did you mean compare?"),
        ("compare --formt html", "lineage-diff compare: error: unknown argument '--formt'"),
        ("compare --formt=html", "Did you mean --format?"),
        ("compare --format htm", "Did you mean html?"),
        ("mlflow tga", "Did you mean tag?"),
        ("completion fsh", "Did you mean fish?"),
        ("status a b", "unknown argument 'b'"),
        ("status --rev main", "unknown argument '--rev'. Write REV without an option"),
        ("compare --base=main", "unknown argument '--base=main'. Write BASE without an option"),
        ("status -o graph.svg", ".html, .json, .markdown, .md, .sarif, .txt, .xml"),
        ("lint --format png", "unknown value 'png'"),
        ("status --theme dark", "unknown argument '--theme'"),
        ("audit --pictures a b", "unknown argument '--pictures'"),
        ("index --repo a --to b", "unknown argument '--repo'. Did you mean --repos?"),
        ("org stale --fro a", "lineage-diff org stale: error: unknown argument '--fro'"),
        ("--vers status", "unknown argument '--vers'. Did you mean --version?"),
        ("audit -o audit.png", ".csv, .html, .json"),
    ],
)
def test_a_wrong_argument_is_answered_with_the_nearest(arguments: str, says: str) -> None:
    done = call(*arguments.split())
    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def _commands(top: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """Yield a parser and all below it, with no argument required."""
    for action in top._actions:
        action.required = False
    yield top
    for action in top._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _commands(below)


def test_no_command_takes_the_beginning_of_an_option_for_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    top = parser()
    # Each command adds its arguments when it is loaded.
    options = [option for action in top.all_actions() for option in action.option_strings]
    assert len(options) > 100
    for command in _commands(top):
        names = {name for name in command._option_string_actions if name.startswith("--")}
        for begin in {name[:-1] for name in names} - names:
            with pytest.raises(SystemExit):
                command.parse_args([begin])
            assert f"error: unknown argument '{begin}'" in capsys.readouterr().err, command.prog


@pytest.mark.parametrize("name", ["compare", "status", "lint", "show", "trace", "audit"])
def test_help_offers_the_options_that_a_format_takes(name: str) -> None:
    text = call(name, "--help").stdout
    pictures = name in ("compare", "show")
    assert ("--theme" in text) == ("--pictures" in text) == ("svg" in text) == pictures
    assert ".html" in " ".join(text.partition("-o FILE, --output FILE")[2].split())


def completed(shell: str, script: Path, words: str, cwd: Path) -> set[str]:
    """Return what a shell offers for the last of the words."""
    if shell == "fish":
        commands = f"source {script}; complete -C{shlex.quote(words)}"
        done = subprocess.run(
            ["fish", "--no-config", "-c", commands], cwd=cwd, capture_output=True, text=True
        )
        return {line.partition("\t")[0] for line in done.stdout.splitlines()}
    commands = f"""
        source {script}
        COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        function=$(complete -p lineage-diff | sed 's/.*-F //; s/ .*//')
        $function lineage-diff "${{COMP_WORDS[COMP_CWORD]}}" ""
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "--norc", "-c", commands], cwd=cwd, capture_output=True, text=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("shell", SHELLS)
def test_completion_offers_commands_options_revisions_and_rules(
    git_repo: GitRepo, tmp_path: Path, shell: str
) -> None:
    project(git_repo)
    git_repo.branch("feature-one")
    done = call("completion", shell)
    assert (done.returncode, done.stderr) == (0, "")
    if shutil.which(shell) is None:
        pytest.skip(f"needs {shell}")
    script = tmp_path / f"completion.{shell}"
    script.write_text(done.stdout, encoding="utf-8")
    if shell == "zsh":
        # Its completions need a terminal.
        subprocess.run(["zsh", "-n", str(script)], check=True)
        return
    for words, offered in [
        ("comp", {"compare", "completion"}),
        ("compare --fo", {"--format"}),
        ("compare --format ht", {"html"}),
        ("compare feat", {"feature-one"}),
        ("rules stale-", {"stale-model", "stale-stage"}),
        ("mlflow t", {"tag"}),
    ]:
        assert completed(shell, script, f"lineage-diff {words}", git_repo.path) == offered, words


@pytest.mark.parametrize(
    ("output", "shown"),
    [("--format png", False), ("--format png -o -", True), ("--format markdown", True)],
)
def test_a_binary_format_is_not_written_to_a_terminal(
    git_repo: GitRepo, output: str, shown: bool
) -> None:
    project(git_repo)
    main_end, terminal = pty.openpty()
    command = [sys.executable, "-m", "lineage_diff", "compare", "HEAD", "--direct"]
    done = subprocess.run(
        [*command, *output.split()], cwd=git_repo.path, stdout=terminal, stderr=subprocess.PIPE
    )
    os.close(terminal)
    assert done.returncode == (0 if shown else 2)
    assert (b"png is binary" in done.stderr) == (not shown)
    assert select.select([main_end], [], [], 0)[0] or not shown
    os.close(main_end)


def test_only_pictures_are_binary() -> None:
    assert [name for name, item in FORMATS.items() if item.binary] == ["png"]
