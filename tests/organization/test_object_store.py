"""The tables in an object store: the same rows, many writers, credentials that are revoked."""

import os
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from arro3.core import Array, DataType, RecordBatch
from deltalake import write_deltalake

from lineage_diff.app.organization.index import index_repository
from lineage_diff.history.reader import open_history
from lineage_diff.organization.address import store_address
from lineage_diff.organization.delta import DeltaStore
from tests.organization.conftest import seen
from tests.support.audit_repo import AuditRepo, past_repo
from tests.support.azure_server import CONTAINER, azure_server
from tests.support.projects import run
from tests.support.s3_server import BUCKET, SECRET, S3Server, s3_server

TO = f"s3://{BUCKET}/tables"
AZURE = f"az://{CONTAINER}/tables"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    with s3_server() as server:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            monkeypatch.delenv(name)
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        yield server
        server.refuse_after(None)


def index(repo: AuditRepo, store: DeltaStore, name: str) -> None:
    index_repository(open_history(repo.path), store, rev=repo.commits[name])


@pytest.fixture
def azure(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with azure_server() as variables:
        for name in [name for name in os.environ if name.startswith("AZURE_")]:
            monkeypatch.delenv(name)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        yield


@pytest.mark.parametrize(("service", "to", "count"), [("s3", TO, 3), ("azure", AZURE, 2)])
def test_many_writers_to_an_object_store(
    service: str,
    to: str,
    count: int,
    request: pytest.FixtureRequest,
    store: DeltaStore,
    tmp_path: Path,
) -> None:
    request.getfixturevalue(service)
    repos = [past_repo(tmp_path / f"repo-{number}") for number in range(count)]
    for number, repo in enumerate(repos):
        repo.git("remote", "add", "origin", f"https://someone:{SECRET}@git.acme.com/team/{number}")
        index(repo, store, "moved")
    # Two writers of each part, all at once.
    with ThreadPoolExecutor(len(repos) * 2) as pool:
        done = list(pool.map(lambda repo: run("index", "--to", to, cwd=repo.path), repos * 2))
    assert [(item.returncode, item.stderr) for item in done] == [(0, "")] * len(done)
    there = DeltaStore(store_address(to))
    rows = seen(there)
    assert rows == seen(store)
    assert SECRET not in repr(rows)
    (row,) = there.query(
        "SELECT count(*) AS n FROM repositories JOIN generations USING (generation)",
        "repositories",
        "generations",
    )
    assert row["n"] == len(repos)


def test_a_store_is_not_put_into_a_table_of_others(s3: S3Server, tmp_path: Path) -> None:
    sales = RecordBatch.from_arrays([Array([1], type=DataType.int64())], names=["sales"])
    write_deltalake(TO, sales, storage_options={"aws_conditional_put": "etag"})
    done = run("index", "--to", TO, cwd=past_repo(tmp_path / "churn").path)
    assert done.returncode == 2
    assert "is a table of something else" in done.stderr
    # To vacuum it deletes all below it that it does not know.
    assert (
        requests.get(f"{s3.url}/{BUCKET}?prefix=tables/runs", timeout=20).text.count("<Key>") == 0
    )


def test_credentials_that_are_revoked_half_way(s3: S3Server, tmp_path: Path) -> None:
    past = past_repo(tmp_path / "churn")
    there = DeltaStore(store_address(TO))
    there.create()
    index(past, there, "first")
    before = seen(there)
    for left in (0, 7, 40, 90):
        s3.refuse_after(left)
        done = run("index", "--to", TO, cwd=past.path)
        assert done.returncode == 2, left
        assert SECRET not in done.stderr
        assert len(done.stderr.splitlines()) == 1
        s3.refuse_after(None)
        assert seen(there) == before, left
    assert run("index", "--to", TO, cwd=past.path).returncode == 0
    assert seen(there) != before


def test_a_wrong_key_of_azure_is_one_line(azure: None, monkeypatch: pytest.MonkeyPatch) -> None:
    key = b64encode(b"another one").decode()
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", key)
    done = run("org", "models", "--from", AZURE)
    assert done.returncode == 2
    assert "lacked the necessary privileges" in done.stderr
    assert key not in done.stderr
    assert len(done.stderr.splitlines()) == 1
