"""Objects of an S3 remote, from a real server of its API."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fetch.reading import (
    EVERYTHING,
    compared,
    cut_short,
    locked,
    pushed,
    remote_at,
    saved,
    unknown,
)
from tests.support.git_repo import GitRepo


@pytest.fixture
def bucket(s3: str, stored: GitRepo) -> Iterator[Any]:
    """A bucket that holds all objects, the default remote of the commit `base`."""
    import boto3
    import requests

    requests.post(f"{s3}/moto-api/reset", timeout=20).raise_for_status()
    made = boto3.resource("s3", endpoint_url=s3).create_bucket(Bucket="team")
    fill(made, stored.path.parent / "store")
    remote_at(stored, "s3://team/models", f"endpointurl = {s3}")
    yield made
    requests.post(f"{s3}/moto-api/reset-auth", b"inf", timeout=20)


def fill(bucket: Any, store: Path) -> None:
    for file in sorted(store.rglob("*")):
        if file.is_file():
            bucket.put_object(Key=f"models/{file.relative_to(store)}", Body=file.read_bytes())


def test_metrics_and_listings_come_from_s3(stored: GitRepo, bucket: Any) -> None:
    report = compared(stored, *EVERYTHING, base="base")
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.8
    assert report["unknowns"] == []


@pytest.mark.parametrize("what", ["missing", "cut short"])
def test_an_object_that_is_not_there_or_not_whole(stored: GitRepo, bucket: Any, what: str) -> None:
    value = locked(stored, "v2", "raw")
    if what == "missing":
        bucket.Object(f"models/files/md5/{value[:2]}/{value[2:]}").delete()
    else:
        cut_short(stored, value)
        fill(bucket, stored.path.parent / "store")
    report = compared(stored, *EVERYTHING, base="base")
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.8
    assert {
        "missing": "neither the cache nor the remote `web` holds it",
        "cut short": "the stored content does not match its hash: it was cut short or changed",
    }[what] == unknown(report)["raw"]


@pytest.mark.parametrize("whose", ["none", "wrong"])
def test_credentials_that_are_missing_or_wrong(
    stored: GitRepo, bucket: Any, s3: str, whose: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import requests

    if whose == "none":
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    else:
        # From now on only the keys of its own users, of which there are none.
        requests.post(f"{s3}/moto-api/reset-auth", b"0", timeout=20).raise_for_status()
    reason = unknown(compared(stored, "metrics", base="base"))["m.json"]
    assert reason == "the remote `web` refuses access: credentials are missing or wrong"


def test_versions_are_looked_for_in_s3(stored: GitRepo, bucket: Any) -> None:
    assert set(pushed(stored, base="base").values()) == {"all"}
    value = locked(stored, "v2", "m.json")
    bucket.Object(f"models/files/md5/{value[:2]}/{value[2:]}").delete()
    value = locked(stored, "v2", "raw")
    bucket.Object(f"models/files/md5/{value[:2]}/{value[2:]}").delete()
    found = pushed(stored, base="base")
    # `live` has a file with the content of `m.json`.
    assert found == {
        "curve.csv": "all",
        "live": "1 of 1",
        "m.json": "1 of 1",
        "parts": "all",
        "raw": "listing",
    }


def test_an_empty_bucket_has_nothing(stored: GitRepo, bucket: Any) -> None:
    bucket.objects.all().delete()
    assert set(pushed(stored, base="base").values()) == {"listing", "1 of 1"}


@pytest.mark.parametrize("wrong", ["credentials", "bucket"])
def test_a_store_that_cannot_be_asked_is_unknown(
    stored: GitRepo, bucket: Any, s3: str, wrong: str
) -> None:
    import requests

    if wrong == "credentials":
        requests.post(f"{s3}/moto-api/reset-auth", b"0", timeout=20).raise_for_status()
        reason = "the remote `web` refuses access: credentials are missing or wrong"
    else:
        remote_at(stored, "s3://nobody/models", f"endpointurl = {s3}")
        reason = "the folder or bucket of the remote `web` cannot be found"
    assert pushed(stored, base="base")["m.json"] == reason


def asked(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the requests that the server has logged, such as `HEAD /team/models/…`."""
    lines = [record.getMessage() for record in caplog.records if record.name == "werkzeug"]
    return [line.split('"')[1].rpartition(" ")[0] for line in lines if '"' in line]


def test_one_request_for_each_of_a_few_objects(
    stored: GitRepo, bucket: Any, caplog: pytest.LogCaptureFixture
) -> None:
    stored.checkout("v1")
    lock = stored.git("show", "v1:dvc.lock")
    for path in ("m.json", "curve.csv"):
        lock = lock.replace(locked(stored, "v1", path), locked(stored, "v2", path))
    head = saved(stored, "dvc.lock", lock)
    caplog.clear()
    with caplog.at_level("INFO", logger="werkzeug"):
        assert set(pushed(stored, base="base", head=head).values()) == {"all"}
    assert [line.partition(" ")[0] for line in asked(caplog)] == ["HEAD", "HEAD"]


def test_a_large_directory_is_listed(
    stored: GitRepo, bucket: Any, caplog: pytest.LogCaptureFixture
) -> None:
    files = [
        hashlib.md5(bytes([number % 256, number // 256])).hexdigest() for number in range(3_000)
    ]
    listing = [{"md5": value, "relpath": value} for value in files]
    content = json.dumps(listing).encode()
    value = hashlib.md5(content).hexdigest() + ".dir"
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    # Into the server's memory: as requests, 3,000 objects take ten times as long as to list them.
    server = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
    for name, body in [(value, content), *((name, b"") for name in files[1:])]:
        server.put_object("team", f"models/files/md5/{name[:2]}/{name[2:]}", body)
    stored.checkout("v1")
    out = f"outs:\n- md5: {value}\n  nfiles: 3000\n  hash: md5\n  path: big\n"
    head = saved(stored, "big.dvc", out)
    caplog.clear()
    with caplog.at_level("INFO", logger="werkzeug"):
        assert pushed(stored, base="base", head=head) == {"big": "1 of 3000"}
    assert len(asked(caplog)) < 20
