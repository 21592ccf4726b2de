"""Where a cloud keeps an out as a file, compared with the real DVC."""

from pathlib import Path

import pytest
from dvc.config import RemoteConfigError, RemoteNotFoundError
from dvc.exceptions import DvcException
from dvc.repo import Repo

from lineage_diff.dvc.cloud_files import cloud_addresses
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.git.repository import open_repository
from lineage_diff.lineage.outputs import outputs_by_path
from tests.support.git_repo import GitRepo

CLOUD = "['remote \"cloud\"']\n    url = s3://bucket/folder\n    version_aware = true\n"
USUAL = "[core]\n    remote = cloud\n"
PLAIN = "['remote \"plain\"']\n    url = s3://other/data\n"
OUT = "outs: [{path: data, md5: a.dir}]\n"
BESIDE = "outs: [{path: data, md5: a.dir, remote: plain}]\n"

# By name: the configuration, a `.dvc` file, and the address of its out.
CASES: dict[str, tuple[str, str, str | None]] = {
    "version_aware": (USUAL + CLOUD, OUT, "s3://bucket/folder/in/data"),
    "worktree": (
        USUAL + CLOUD.replace("version_aware", "worktree"),
        OUT,
        "s3://bucket/folder/in/data",
    ),
    "a slash at the end": (
        USUAL + CLOUD.replace("folder", "folder/"),
        OUT,
        "s3://bucket/folder/in/data",
    ),
    "a bucket": (USUAL + CLOUD.replace("/folder", ""), OUT, "s3://bucket/in/data"),
    "by content": (USUAL + CLOUD.replace("true", "false"), OUT, None),
    "capitals": (
        USUAL.replace("cloud", "Cloud") + CLOUD.replace("true", "True"),
        OUT,
        "s3://bucket/folder/in/data",
    ),
    "no default": (CLOUD, OUT, None),
    "another remote": (USUAL + CLOUD + PLAIN, BESIDE, None),
    "of a plain one": (
        USUAL.replace("cloud", "plain") + CLOUD + PLAIN,
        OUT.replace("}", ", remote: cloud}"),
        "s3://bucket/folder/in/data",
    ),
    "a remote in a remote": (
        "[core]\n    remote = inner\n"
        + CLOUD
        + "['remote \"inner\"']\n    url = remote://cloud/deep\n",
        OUT,
        "s3://bucket/folder/deep/in/data",
    ),
}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, git_repo: GitRepo) -> tuple[GitRepo, str | None]:
    config, file, wanted = CASES[request.param]
    git_repo.write(".dvc/config", config)
    git_repo.write("in/data.dvc", file)
    git_repo.commit()
    return git_repo, wanted


def test_the_address_of_an_out(case: tuple[GitRepo, str | None]) -> None:
    repo, wanted = case
    assert address_here(repo.path) == wanted


def test_it_is_the_one_of_dvc(case: tuple[GitRepo, str | None]) -> None:
    repo, wanted = case
    assert address_of_dvc(repo.path) == wanted


@pytest.mark.parametrize(
    ("config", "file"),
    [
        ("[core", OUT),
        (CLOUD.replace("s3://bucket/folder", "remote://cloud"), OUT),
        (USUAL + CLOUD, "outs: [{path: data, md5: a.dir, push: false}]\n"),
        (USUAL + CLOUD, "outs: [{path: data, md5: a.dir, cache: false}]\n"),
        (
            USUAL + CLOUD,
            f"deps: [{{path: x, repo: {{url: 'https://a.example/b', rev_lock: c}}}}]\n{OUT}",
        ),
    ],
)
def test_no_address(git_repo: GitRepo, config: str, file: str) -> None:
    git_repo.write(".dvc/config", config)
    git_repo.write("in/data.dvc", file)
    git_repo.commit()
    assert address_here(git_repo.path) is None


def test_the_innermost_project_counts(git_repo: GitRepo) -> None:
    git_repo.write(".dvc/config", USUAL + CLOUD)
    git_repo.write("sub/.dvc/config", USUAL + CLOUD.replace("bucket", "mine"))
    git_repo.write("sub/in/data.dvc", OUT)
    git_repo.commit()
    assert address_here(git_repo.path) == "s3://mine/folder/in/data"


def address_here(path: Path) -> str | None:
    repository = open_repository(path)
    head = repository.resolve("HEAD")
    outs = outputs_by_path(LineageReader(repository).read(head).stages, {})
    return next(iter(cloud_addresses(repository.snapshot(head), outs.values()).values()), None)


def address_of_dvc(path: Path) -> str | None:
    repo = Repo(str(path))
    (out,) = repo.index.outs
    try:
        remote = repo.cloud.get_remote(out.remote)
    except (DvcException, RemoteConfigError, RemoteNotFoundError):
        return None
    if not remote.fs.version_aware:
        return None
    workspace, key = out.index_key
    storage = repo.index.data[workspace].storage_map[key].remote
    entry = repo.index.data[workspace][key]
    _, found = storage.get(entry)
    return f"{remote.fs.protocol[0] if not isinstance(remote.fs.protocol, str) else remote.fs.protocol}://{found}"
