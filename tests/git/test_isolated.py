"""Git by GitPython: nothing of the machine's settings gets to it, and nothing of it is left."""

import json
import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lineage_diff.errors import InputError
from lineage_diff.git.isolated import IsolatedGit
from lineage_diff.git.process import GitFailed
from lineage_diff.github_action.runner.git_fetch import Source, Want, fetch, make_store
from tests.support.git_repo import GitRepo

TOKEN = "ghs_secret"  # noqa: S105
SOURCE = Source("https://github.example/octo/models", TOKEN)
WANT = Want("it", ("refs/heads/main",))
# Of a workflow, of GitPython's and of Git's own: each would change what Git does, or tell of it.
OUTSIDE = {
    "GIT_ASKPASS": "/bin/false",
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "http.proxy",
    "GIT_CONFIG_VALUE_0": "http://127.0.0.1:1",
    "GIT_CONFIG_PARAMETERS": "'http.proxy'='http://127.0.0.1:1'",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_DIR": "/nowhere",
    "GIT_EXEC_PATH": "/nowhere",
    "GIT_INDEX_FILE": "/nowhere/index",
    "GIT_NAMESPACE": "other",
    "GIT_OBJECT_DIRECTORY": "/nowhere/objects",
    "GIT_PROXY_COMMAND": "/bin/false",
    "GIT_PYTHON_TRACE": "full",
    "GIT_PYTHON_GIT_EXECUTABLE": "/bin/false",
    "GIT_SSH_COMMAND": "/bin/false",
    "GIT_TEMPLATE_DIR": "/nowhere",
    "GIT_TRACE": "/dev/null",
    "GIT_TRACE_CURL": "/dev/null",
    "GIT_WORK_TREE": "/nowhere",
    "INPUT_GITHUB_TOKEN": TOKEN,
}
FAKE = f"""#!{sys.executable}
import json, os, sys
with open({{log!r}}, "a") as log:
    log.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
"""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in which a program called `git` writes what it is given."""
    log = tmp_path / "calls"
    put_git(tmp_path, FAKE.format(log=str(log)), monkeypatch)
    return log


def put_git(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "bin" / "git"
    program.parent.mkdir()
    program.write_text(script)
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def test_git_gets_no_variable_of_the_outside(
    calls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in OUTSIDE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("GIT_SSL_CAINFO", "/certificates")
    before = dict(os.environ)
    (tmp_path / "store/objects/info").mkdir(parents=True)
    make_store(tmp_path / "store", SOURCE, "/objects", "a" * 40)
    fetch(tmp_path / "store", SOURCE, [WANT])
    assert dict(os.environ) == before
    lines = [json.loads(line) for line in calls.read_text().splitlines()]
    assert [[word for word in args if word in ("init", "update-ref", "fetch")] for args, _ in lines]
    for args, environment in lines:
        assert TOKEN not in " ".join(args)
        given = {name for name in environment if name.startswith(("GIT_", "INPUT_"))}
        settings = {name for name in given if name.startswith(("GIT_CONFIG_KEY", "GIT_CONFIG_VAL"))}
        assert given - settings == {
            "GIT_ALLOW_PROTOCOL",
            "GIT_ASKPASS",
            "GIT_CONFIG_COUNT",
            "GIT_CONFIG_GLOBAL",
            "GIT_CONFIG_NOSYSTEM",
            "GIT_SSL_CAINFO",
            "GIT_TERMINAL_PROMPT",
        }
        assert len(settings) == 2 * int(environment["GIT_CONFIG_COUNT"])
        assert environment["GIT_ALLOW_PROTOCOL"] == "https"
        assert environment["GIT_ASKPASS"] == ""
        assert environment["GIT_CONFIG_GLOBAL"] == os.devnull
        assert environment["GIT_CONFIG_NOSYSTEM"] == "1"
        assert environment["GIT_TERMINAL_PROMPT"] == "0"
        assert environment["LC_ALL"] == "C"
        config = {
            environment[f"GIT_CONFIG_KEY_{index}"]: environment[f"GIT_CONFIG_VALUE_{index}"]
            for index in range(int(environment["GIT_CONFIG_COUNT"]))
        }
        header = config.pop(f"http.{SOURCE.url}.extraHeader")
        assert header.startswith("Authorization: basic ")
        assert config == {
            "core.askPass": "",
            "core.hooksPath": os.devnull,
            "credential.helper": "",
            "fetch.recurseSubmodules": "false",
            "gc.auto": "0",
            "http.followRedirects": "false",
            "maintenance.auto": "false",
            "submodule.recurse": "false",
        }


def test_what_is_run(calls: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    (store / "objects/info").mkdir(parents=True)
    make_store(store, SOURCE, "/objects", "a" * 40)
    fetch(store, SOURCE, [WANT])
    assert [json.loads(line)[0] for line in calls.read_text().splitlines()] == [
        ["init", "--quiet", "--bare", "--template=", "--object-format=sha1", str(store)],
        [f"--git-dir={store}", "update-ref", "refs/known/0", "a" * 40],
        [
            f"--git-dir={store}",
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-recurse-submodules",
            "--no-write-fetch-head",
            "--no-auto-maintenance",
            "--end-of-options",
            SOURCE.url,
            "+refs/heads/main:refs/found/0",
        ],
    ]


def test_importing_gitpython_runs_what_no_variable_names(tmp_path: Path) -> None:
    trap = tmp_path / "trap"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {trap}\n")
    program.chmod(0o755)
    (tmp_path / "config").write_text(f"[trace2]\n\tnormalTarget = {trap}\n")
    code = (
        "import logging, sys; logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)\n"
        "from lineage_diff.git.isolated import IsolatedGit\n"
        "IsolatedGit({'GIT_CONFIG_GLOBAL': '/dev/null', 'SECRET': 'ghs_secret'}).version()\n"
        "import os; print(os.environ['GIT_PYTHON_GIT_EXECUTABLE'])\n"
    )
    outside = {
        "GIT_CONFIG_GLOBAL": str(tmp_path / "config"),
        "GIT_PYTHON_GIT_EXECUTABLE": str(program),
        "GIT_PYTHON_REFRESH": "raise",
        "GIT_PYTHON_TRACE": "full",
        "GIT_TRACE": str(trap),
        "GIT_TRACE2": str(trap),
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **outside},
        capture_output=True,
        text=True,
        check=True,
    )
    assert not trap.exists()
    assert done.stdout.splitlines()[-1] == str(program)
    assert TOKEN not in done.stdout + done.stderr


def test_gitpython_that_was_loaded_before_changes_nothing(
    calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As DVC loads it, with the variables of the machine."""
    import git

    monkeypatch.setattr(git.Git, "GIT_PYTHON_GIT_EXECUTABLE", "/bin/false")
    monkeypatch.setattr(git.Git, "GIT_PYTHON_TRACE", "full")
    IsolatedGit({}).version()
    assert json.loads(calls.read_text())[0] == ["version"]


def test_the_token_is_in_no_log_at_any_level(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = tmp_path / "store"
    with caplog.at_level(logging.DEBUG):
        make_store(store, SOURCE, None, "a" * 40)
        with pytest.raises(InputError) as raised:
            fetch(store, Source("http://127.0.0.1:1/octo/models", TOKEN), [WANT])
    assert "fetch" in caplog.text
    for text in (caplog.text, str(raised.value), repr(SOURCE)):
        assert TOKEN not in text


@pytest.mark.parametrize("name", ["$HOME", "${PATH}", "~", "%USERPROFILE%", "-c"])
def test_no_name_of_a_folder_is_expanded_or_an_option(tmp_path: Path, name: str) -> None:
    store = tmp_path / name
    make_store(store, SOURCE, None, "a" * 40)
    assert GitRepo(store).git("rev-parse", "--is-bare-repository") == "true"


# A Git that hands its work to a program of its own, as it does to talk over HTTP.
SLOW = """#!/bin/sh
sleep 600 &
echo $! > {file}
wait
"""


def test_what_git_started_ends_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pid"
    put_git(tmp_path, SLOW.format(file=file), monkeypatch)
    begin = time.monotonic()
    with pytest.raises(InputError, match="it took too long"):
        fetch(tmp_path, SOURCE, [WANT], seconds=1)
    assert time.monotonic() - begin < 20
    assert is_gone(int(file.read_text()))


def test_what_git_started_ends_with_us(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "pid"
    put_git(tmp_path, SLOW.format(file=file), monkeypatch)

    def interrupt(self: object, **options: object) -> None:
        while not (file.exists() and file.read_text().strip()):
            time.sleep(0.01)
        raise KeyboardInterrupt

    git = IsolatedGit({})
    with monkeypatch.context() as patch:
        patch.setattr(subprocess.Popen, "communicate", interrupt)
        with pytest.raises(KeyboardInterrupt):
            git.version()
    assert is_gone(int(file.read_text()))


def is_gone(pid: int) -> bool:
    """Whether a process has ended; the system may take a moment for it."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.01)
    return False


def test_no_git_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="Git is not installed"):
        make_store(tmp_path / "store", SOURCE, None, "a" * 40)
    code = "from lineage_diff.git.isolated import IsolatedGit; IsolatedGit({}).version()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "InputError: Git is not installed" in done.stderr.splitlines()[-1]


def test_the_last_line_of_git_is_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = "#!/bin/sh\nprintf 'warning: x\\nfatal: no \\033[2Jroom\\n\\n' >&2\nexit 128\n"
    put_git(tmp_path, script, monkeypatch)
    with pytest.raises(GitFailed) as raised:
        IsolatedGit({}).version()
    assert raised.value.status == 128
    assert raised.value.message.startswith("no ")
    assert "\033" not in raised.value.message


@pytest.mark.parametrize("option", ["env", "kill_after_timeout", "shell", "with_exceptions"])
def test_no_option_of_gitpython_changes_how_it_is_run(option: str) -> None:
    with pytest.raises(TypeError):
        IsolatedGit({}).version(**{option: None})
