"""One repository for all tests, with its data pushed to a folder; each test works on a copy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dvc_repo import DvcShell
from tests.support.git_repo import GitRepo
from tests.support.stored_repo import fill, stored_repo

NO_S3 = "moto or dvc-s3 is not installed (the extra dev-storage)"


@pytest.fixture(scope="session")
def pushed_folder(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> Path:
    """A folder with `repo`, which has its cache still, and `store`, which holds everything."""
    folder = tmp_path_factory.mktemp("stored")
    fill(folder / "store", stored_repo(folder / "repo", shell))
    return folder


@pytest.fixture
def own_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the user's settings of DVC."""
    for level in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"DVC_{level}_CONFIG_DIR", str(tmp_path / "nobody"))


@pytest.fixture
def stored(pushed_folder: Path, own_config: None, tmp_path: Path) -> GitRepo:
    """A copy of the repository without its cache, beside a copy of the storage."""
    shutil.copytree(pushed_folder, tmp_path, symlinks=True, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "repo" / ".dvc" / "cache")
    return GitRepo(tmp_path / "repo")


@pytest.fixture(scope="module")
def s3_server() -> Iterator[str]:
    server = pytest.importorskip("moto.server", reason=NO_S3)
    pytest.importorskip("dvc_s3", reason=NO_S3)
    running = server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def s3(s3_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a real server of S3's API, with credentials for it in the environment."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nobody"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "someone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    return s3_server
