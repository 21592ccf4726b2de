"""Objects of a WebDAV remote, from a real server of the protocol, and from bad ones."""

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from tests.fetch.reading import (
    EVERYTHING,
    compared,
    locked,
    pushed,
    remote_at,
    remove_object,
    unknown,
)
from tests.support.git_repo import GitRepo
from tests.support.object_server import PASSWORD, USER, ObjectServer

wsgidav = pytest.importorskip(
    "wsgidav.wsgidav_app", reason="WsgiDAV is not installed (dev-storage)"
)
pytest.importorskip("dvc_webdav", reason="dvc-webdav is not installed (dev-storage)")


class _Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server(stored: GitRepo) -> Iterator[str]:
    """The address of a server that hands out all objects to one user."""
    app = wsgidav.WsgiDAVApp(
        {
            "provider_mapping": {"/": str(stored.path.parent / "store")},
            "simple_dc": {"user_mapping": {"*": {USER: {"password": PASSWORD}}}},
            "logging": {"enable": False},
            "verbose": 0,
        }
    )
    logging.getLogger("wsgidav").setLevel(logging.CRITICAL)
    with make_server("127.0.0.1", 0, app, handler_class=_Silent) as made:
        thread = threading.Thread(target=made.serve_forever, args=(0.05,))
        thread.start()
        yield f"webdav://127.0.0.1:{made.server_port}/"
        made.shutdown()
        thread.join()


def test_metrics_and_listings_come_over_webdav(stored: GitRepo, server: str) -> None:
    remote_at(stored, server)
    own = f"['remote \"web\"']\nuser = {USER}\npassword = {PASSWORD}\n"
    stored.write(".dvc/config.local", own)
    report = compared(stored, *EVERYTHING, base="base")
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.8
    assert report["unknowns"] == []


def test_wrong_credentials(stored: GitRepo, server: str) -> None:
    remote_at(stored, server, f"user = {USER}", "password = other")
    assert "refuses access" in unknown(compared(stored, "metrics", base="base"))["m.json"]


def test_a_redirect_to_another_host(stored: GitRepo) -> None:
    store = stored.path.parent / "store"
    with ObjectServer(store) as other, ObjectServer(store, "moved-away", other.url) as first:
        remote_at(stored, first.url.replace("http", "webdav") + "/")
        report = compared(stored, "metrics", base="base")
        assert other.asked == []
    assert "redirects to another host" in unknown(report)["m.json"]


def test_a_command_for_a_token_runs_from_the_users_own_settings_alone(
    stored: GitRepo, server: str, tmp_path: Path
) -> None:
    command = f"bearer_token_command = touch {tmp_path / 'ran'}"
    remote_at(stored, server, command)
    compared(stored, "metrics", base="base")
    assert not (tmp_path / "ran").exists()
    stored.write(".dvc/config.local", f"['remote \"web\"']\n{command}\n")
    compared(stored, "metrics", base="base")
    assert (tmp_path / "ran").exists()


def test_versions_are_looked_for_over_webdav(stored: GitRepo, server: str) -> None:
    remote_at(stored, server)
    own = f"['remote \"web\"']\nuser = {USER}\npassword = {PASSWORD}\n"
    stored.write(".dvc/config.local", own)
    assert set(pushed(stored, base="base").values()) == {"all"}
    remove_object(stored, locked(stored, "v2", "raw"))
    remove_object(stored, locked(stored, "v2", "curve.csv"))
    found = pushed(stored, base="base")
    assert found | {"raw": "listing", "curve.csv": "1 of 1"} == found


def test_wrong_credentials_leave_versions_unknown(stored: GitRepo, server: str) -> None:
    remote_at(stored, server, f"user = {USER}", "password = other")
    assert "refuses access" in pushed(stored, base="base")["m.json"]
