"""Fetching runs nothing, asks nobody, ends in time, and does not tell the token."""

import socket
import time
from pathlib import Path

import pytest

from lineage_diff.errors import InputError
from lineage_diff.github_action.checkout import find_commits
from lineage_diff.github_action.runner.git_fetch import Source, Want, fetch, make_store
from tests.action.checkouts import base_in_full, base_of_depth_one, search
from tests.action.payloads import HOME
from tests.support.git_repo import GitRepo
from tests.support.github import GitHubServer
from tests.support.raw_http import RawServer, response, sends

ONE_SERVER = pytest.mark.parametrize("github", ["github.com"], indirect=True)


def test_a_token_that_may_not_read_is_not_told(
    origin: GitRepo, tmp_path: Path, github: GitHubServer
) -> None:
    clone = base_of_depth_one(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path, private=True)
    token = github.token()
    (tmp_path / "store").mkdir()
    with pytest.raises(InputError) as raised:
        find_commits(
            clone.path,
            search(origin),
            Source(f"{github.url}/{HOME}", token),
            tmp_path / "store",
        )
    assert "`github_token` that can read" in str(raised.value)
    assert token not in str(raised.value)


@ONE_SERVER
def test_settings_of_the_checkout_and_the_machine_run_nothing(
    origin: GitRepo, tmp_path: Path, github: GitHubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = base_in_full(origin, tmp_path / "clone")
    github.state.add_repository(HOME, git=origin.path)
    trap = tmp_path / "trap"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {trap}\n")
    script.chmod(0o755)
    hooks = clone.path / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("reference-transaction", "post-checkout", "post-merge", "pre-auto-gc"):
        (hooks / hook).write_bytes(script.read_bytes())
        (hooks / hook).chmod(0o755)
    clone.git("config", "core.fsmonitor", str(script))
    clone.git("config", "credential.helper", f"!{script}")
    clone.git("config", "gc.auto", "1")
    settings = tmp_path / "gitconfig"
    settings.write_text(
        f"[core]\n\tsshCommand = {script}\n[init]\n\ttemplateDir = {hooks.parent}\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_ASKPASS", str(script))
    monkeypatch.setenv("GIT_TRACE_CURL", str(tmp_path / "trace"))
    (tmp_path / "store").mkdir()
    source = Source(f"{github.url}/{HOME}", "ghs_unknown")
    with pytest.raises(InputError):
        find_commits(clone.path, search(origin), source, tmp_path / "store")
    assert not trap.exists()
    assert not (tmp_path / "trace").exists()


def test_a_server_that_does_not_answer_ends_in_time(origin: GitRepo, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        source = Source(f"http://127.0.0.1:{silent.getsockname()[1]}/{HOME}", None)
        make_store(tmp_path / "store", source, None, "a" * 40)
        begin = time.monotonic()
        with pytest.raises(InputError, match="it took too long"):
            fetch(tmp_path / "store", source, [Want("it", ("a" * 40,))], seconds=0.5)
        assert time.monotonic() - begin < 20


def test_no_other_protocol_is_spoken(origin: GitRepo, tmp_path: Path) -> None:
    source = Source("http://127.0.0.1:1/x", None)
    make_store(tmp_path / "store", source, None, "a" * 40)
    local = Source(f"http+{origin.path.as_uri()}", None)
    with pytest.raises(InputError, match="cannot be fetched"):
        fetch(tmp_path / "store", local, [Want("it", ("refs/heads/main",))])


def test_the_object_format_of_the_checkout_is_kept(tmp_path: Path) -> None:
    source = Source("http://127.0.0.1:1/x", None)
    make_store(tmp_path / "store", source, None, "a" * 64)
    assert GitRepo(tmp_path / "store").git("rev-parse", "--show-object-format") == "sha256"


def test_a_redirect_is_not_followed_and_the_token_stays_at_its_address(tmp_path: Path) -> None:
    with RawServer(sends(response(b""))) as other:
        away = f"Location: http://127.0.0.1:{other.port}/{HOME}/info/refs?service=git-upload-pack"
        with RawServer(sends(response(b"", "302 Found", away))) as server:
            source = Source(f"http://127.0.0.1:{server.port}/{HOME}", "ghs_secret")
            make_store(tmp_path / "store", source, None, "a" * 40)
            with pytest.raises(InputError, match="cannot be fetched") as raised:
                fetch(tmp_path / "store", source, [Want("it", ("refs/heads/main",))])
        assert b"authorization: basic " in server.requests[0].lower()
    assert other.requests == []
    assert "ghs_secret" not in str(raised.value)
