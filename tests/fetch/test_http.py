"""Objects of an HTTP remote: fetched, or unknown with a reason, whatever the server does."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lineage_diff.dvc.storage.open  # noqa: F401  # its annotations need the class that is replaced
from lineage_diff import limits
from lineage_diff.cli.main import main
from lineage_diff.dvc.storage.client import FetchLimits
from tests.fetch.reading import EVERYTHING, compared, remote_at, unknown
from tests.support.git_repo import GitRepo
from tests.support.object_server import PASSWORD, USER, Manner, ObjectServer

Patient = Callable[..., None]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patient:
    """Give what is fetched other bounds."""

    def bounded(**bounds: Any) -> None:
        made = FetchLimits(**bounds)
        monkeypatch.setattr("lineage_diff.dvc.storage.client.FetchLimits", lambda: made)

    return bounded


@pytest.fixture
def store(stored: GitRepo) -> Path:
    return stored.path.parent / "store"


@pytest.mark.parametrize("manner", ["plain", "moved"])
def test_metrics_and_listings_come_over_http(stored: GitRepo, store: Path, manner: Manner) -> None:
    with ObjectServer(store, manner) as server:
        remote_at(stored, server.url)
        report = compared(stored, *EVERYTHING, base="base")
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.8
    assert [item["files"]["added"] for item in report["data"] if item["path"] == "raw"] == [1]
    assert report["unknowns"] == []


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        ("login", "the remote `web` refuses access: credentials are missing or wrong"),
        ("error", "the remote `web` cannot be read (ClientResponseError)"),
        ("broken-off", "the remote `web` cannot be read (ClientPayloadError)"),
        ("moved-away", "the remote `web` redirects to another host, which is not followed"),
        ("endless", "larger than the 100,000 bytes that are fetched"),
        ("slow", "the remote does not answer in time"),
        ("silent", "the remote does not answer in time"),
    ],
)
def test_a_bad_server_leaves_the_rest_complete(
    stored: GitRepo,
    store: Path,
    patience: Patient,
    manner: Manner,
    reason: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    patience(object_bytes=100_000, object_seconds=4 if manner in ("slow", "silent") else 60)
    with ObjectServer(store) as other, ObjectServer(store, manner, other.url) as server:
        remote_at(stored, server.url)
        command = f"compare base v2 --direct --fetch metrics --format json --repo {stored.path}"
        code = main(command.split())
        assert other.asked == []
        # On a busy machine, the time may be over before it is asked.
        assert server.asked or manner in ("slow", "silent")
    shown = capsys.readouterr()
    assert code == 0
    assert shown.err == ""
    report = compared(stored, base="base")
    assert f'"reason": "{reason}"' in shown.out
    assert "127.0.0.1" not in shown.out
    # All that needs no storage is there.
    assert [item["path"] for item in report["data"]] == [
        "curve.csv",
        "live",
        "m.json",
        "parts",
        "raw",
    ]


def test_a_server_that_is_gone(stored: GitRepo, store: Path) -> None:
    with ObjectServer(store) as server:
        pass
    remote_at(stored, server.url)
    assert "cannot be read" in unknown(compared(stored, "metrics", base="base"))["m.json"]


@pytest.mark.parametrize("password", [PASSWORD, "wrong"])
def test_credentials_are_the_users_own(stored: GitRepo, store: Path, password: str) -> None:
    with ObjectServer(store, "login") as server:
        remote_at(stored, server.url)
        stored.write(
            ".dvc/config.local",
            f"['remote \"web\"']\nauth = basic\nuser = {USER}\npassword = {password}\n",
        )
        report = compared(stored, "metrics", base="base")
    if password == PASSWORD:
        assert report["metrics"]["m.json"]["auc"]["new"] == 0.8
    else:
        assert "refuses access" in unknown(report)["m.json"]


def test_one_that_is_slow_is_asked_once(stored: GitRepo, store: Path, patience: Patient) -> None:
    patience(object_seconds=3)
    with ObjectServer(store, "silent") as server:
        remote_at(stored, server.url)
        report = compared(stored, *EVERYTHING, base="base")
        assert len(server.asked) <= 1
    reasons = unknown(report).values()
    assert len(reasons) > 3
    assert all(reason.endswith("the remote does not answer in time") for reason in reasons)


def test_one_that_fails_is_given_up(stored: GitRepo, store: Path) -> None:
    with ObjectServer(store, "error") as server:
        remote_at(stored, server.url)
        report = compared(stored, *EVERYTHING, base="base")
        assert len(set(server.asked)) == limits.FETCH_FAILURES
    assert {"m.json", "live", "parts", "raw"} <= unknown(report).keys()


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        ({"objects": 1}, "one run reads at most 1 objects"),
        ({"bytes": 10}, "larger than the 10 bytes"),
        ({"seconds": 0.0}, "one run reads for at most 0 seconds"),
    ],
)
def test_what_is_read_is_bounded(
    stored: GitRepo, patience: Patient, bounds: dict[str, Any], reason: str
) -> None:
    patience(**bounds)
    reasons = unknown(compared(stored, "metrics", "listings")).values()
    assert any(reason in given for given in reasons), reasons
