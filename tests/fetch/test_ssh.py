"""Objects of an SSH remote, from a real OpenSSH server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fetch.reading import (
    EVERYTHING,
    compared,
    cut_short,
    locked,
    pushed,
    remote_at,
    remove_object,
    unknown,
)
from tests.support.git_repo import GitRepo
from tests.support.sshd import MISSING as NO_SSHD
from tests.support.sshd import SshServer
from tests.support.stored_repo import object_path

pytestmark = pytest.mark.skipif(NO_SSHD is not None, reason=str(NO_SSHD))


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    pytest.importorskip("dvc_ssh", reason="dvc-ssh is not installed (the extra dev-storage)")
    with SshServer(tmp_path_factory.mktemp("ssh") / "server") as server:
        yield server


@pytest.fixture
def home(tmp_path: Path, sshd: SshServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own folder, in which the server's key is known."""
    ssh = tmp_path / "home" / ".ssh"
    ssh.mkdir(parents=True, mode=0o700)
    (ssh / "known_hosts").write_bytes(sshd.known_hosts.read_bytes())
    monkeypatch.setenv("HOME", str(ssh.parent))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return ssh


def at_sshd(repo: GitRepo, sshd: SshServer, key: Path) -> None:
    """Make the commit `base` with its remote on the server, and the key the user's own."""
    store = repo.path.parent / "store"
    remote_at(repo, f"ssh://{sshd.user}@127.0.0.1:{sshd.port}{store}")
    repo.write(".dvc/config.local", f"['remote \"web\"']\nkeyfile = {key}\n")


def test_metrics_and_listings_come_over_ssh(stored: GitRepo, sshd: SshServer, home: Path) -> None:
    at_sshd(stored, sshd, sshd.key)
    report = compared(stored, *EVERYTHING, base="base")
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.8
    assert report["unknowns"] == []


def test_a_key_that_the_server_does_not_know(stored: GitRepo, sshd: SshServer, home: Path) -> None:
    at_sshd(stored, sshd, sshd.other_key)
    assert "refuses access" in unknown(compared(stored, "metrics", base="base"))["m.json"]


def test_an_object_that_is_not_there_or_not_whole(
    stored: GitRepo, sshd: SshServer, home: Path
) -> None:
    at_sshd(stored, sshd, sshd.key)
    object_path(stored.path.parent / "store", locked(stored, "v2", "raw")).unlink()
    cut_short(stored, locked(stored, "v2", "parts"))
    reasons = unknown(compared(stored, "listings", base="base"))
    assert reasons["raw"] == "neither the cache nor the remote `web` holds it"
    assert "cut short or changed" in reasons["parts"]


def test_versions_are_looked_for_over_ssh(stored: GitRepo, sshd: SshServer, home: Path) -> None:
    at_sshd(stored, sshd, sshd.key)
    assert set(pushed(stored, base="base").values()) == {"all"}
    remove_object(stored, locked(stored, "v2", "raw"))
    remove_object(stored, locked(stored, "v2", "curve.csv"))
    found = pushed(stored, base="base")
    assert found | {"raw": "listing", "curve.csv": "1 of 1"} == found
    at_sshd(stored, sshd, sshd.other_key)
    assert "refuses access" in pushed(stored, base="base")["m.json"]
