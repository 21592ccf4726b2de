"""Whose word counts: the base's and the user's own, never the head's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.dvc.storage.client import StorageClient, trusted_projects
from lineage_diff.dvc.storage.objects import Unfetched
from lineage_diff.dvc.storage.worker import restrict_settings
from lineage_diff.git.repository import open_repository
from lineage_diff.lineage.policy import Fetched
from lineage_diff.lineage.version import Hash
from tests.fetch.reading import EVERYTHING, compared, locked, remote_at, saved, unknown
from tests.support.git_repo import GitRepo
from tests.support.object_server import PASSWORD, USER, ObjectServer


@pytest.fixture
def canary(stored: GitRepo) -> Iterator[ObjectServer]:
    """A server that has all objects, and that nobody may ask for them."""
    with ObjectServer(stored.path.parent / "store") as server:
        yield server
        assert server.asked == []


def remote(url: str, name: str = "store") -> str:
    return f"[core]\nremote = {name}\n['remote \"{name}\"']\nurl = {url}\n"


def test_a_head_that_names_a_server_sends_nothing_there(
    stored: GitRepo, canary: ObjectServer
) -> None:
    stored.checkout("v2")
    saved(stored, ".dvc/config", remote(canary.url))
    head = saved(stored, ".dvc/config.local", remote(canary.url))
    report = compared(stored, *EVERYTHING, head=head)
    # The base's folder answers.
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.8


def test_nor_where_the_base_names_none(stored: GitRepo, canary: ObjectServer) -> None:
    stored.checkout("v1")
    base = saved(stored, ".dvc/config", "")
    stored.checkout("v2")
    saved(stored, ".dvc/config", remote(canary.url))
    head = saved(stored, ".dvc/config.local", remote(canary.url))
    reason = unknown(compared(stored, *EVERYTHING, base=base, head=head))["m.json"]
    assert reason == "not in the cache, and the base branch names no default remote"


def test_a_local_configuration_that_is_staged_counts_for_nothing(
    stored: GitRepo, canary: ObjectServer
) -> None:
    stored.write(".dvc/config.local", remote(canary.url))
    stored.git("add", "-f", ".dvc/config.local")
    assert compared(stored, "metrics")["metrics"]


@pytest.mark.parametrize("linked", [".dvc", ".dvc/config.local"])
def test_nor_does_one_behind_a_link(stored: GitRepo, canary: ObjectServer, linked: str) -> None:
    (stored.path / "theirs").mkdir()
    stored.write("theirs/config.local", remote(canary.url))
    if linked == ".dvc":
        stored.git("rm", "-rq", "--cached", ".dvc")
        (stored.path / ".dvc").rename(stored.path / "was")
        stored.symlink(".dvc", "theirs")
    else:
        stored.symlink(".dvc/config.local", "../theirs/config.local")
    compared(stored, "metrics")


def test_nor_does_one_in_a_submodule(stored: GitRepo, canary: ObjectServer) -> None:
    config = stored.git("show", "HEAD:.dvc/config")
    stored.git("rm", "-rqf", ".dvc")
    inner = GitRepo(stored.path / ".dvc")
    inner.write("config", config)
    inner.write("config.local", remote(canary.url))
    commit = inner.commit("Inner")
    stored.git("update-index", "--add", "--cacheinfo", f"160000,{commit},.dvc")
    stored.git("commit", "-q", "-m", "Outer")
    compared(stored, "metrics", base="v1", head="v2")


@pytest.mark.parametrize(
    "path", [".dvc/Config.LOCAL", ".DVC/config.local", ".d\u200cvc/config.local"]
)
def test_nor_does_one_that_another_file_system_takes_for_it(stored: GitRepo, path: str) -> None:
    base = open_repository(stored.path).snapshot(stored.git("rev-parse", "v1"))
    assert trusted_projects(base, (), stored.path)[""]["own"]
    head = open_repository(stored.path).snapshot(saved(stored, path, remote("http://127.0.0.1:9")))
    assert not trusted_projects(base, (head,), stored.path)[""]["own"]


def test_an_out_that_names_a_remote_of_its_own(stored: GitRepo) -> None:
    pipeline = stored.git("show", "v2:dvc.yaml")
    elsewhere = pipeline.replace("[m.json]", "[m.json: {remote: other}]")
    elsewhere = elsewhere.replace("[live,", "[{live: {remote: other}},")
    head = saved(stored, "dvc.yaml", elsewhere)
    report = compared(stored, "metrics", head=head)
    assert unknown(report)["m.json"] == "the base branch names no remote `other`"


def test_a_hash_that_is_a_path_leads_nowhere(stored: GitRepo) -> None:
    secret = stored.path.parent / "secret.json"
    secret.write_text('{"secret": 1}', encoding="utf-8")
    lock = stored.git("show", "v2:dvc.lock")
    wrong = lock.replace(locked(stored, "v2", "m.json"), "../../../../secret.json")
    head = saved(stored, "dvc.lock", wrong + "\n")
    report = compared(stored, "metrics", head=head)
    assert unknown(report)["m.json"] == "its hash is invalid: it is not 32 hexadecimal digits"


def test_status_fetches_only_by_the_callers_word(stored: GitRepo, canary: ObjectServer) -> None:
    saved(stored, ".dvc/config", remote(canary.url))
    saved(stored, ".github/lineage-diff.yml", "fetch: [metrics, plots, listings]\n")
    assert status_of(StatusRequest(stored.path)).report.stages


def test_nothing_in_a_committed_configuration_runs_or_asks() -> None:
    text = remote("https://x") + (
        "Bearer_Token_Command = touch /x\nask_password = true\nask_passphrase = true\nuser = me\n"
    )
    (kept,) = (
        section for name, section in restrict_settings(text).items() if name.startswith("remote")
    )
    assert kept == {"url": "https://x", "user": "me"}


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("hdfs://team/models", "the remote `web` needs `lineage-diff[hdfs]` to be installed"),
        ("oss://team/models", "the remote `web` is of a type that is not supported"),
        ("../../store\nnonsense = 1", "DVC refuses the configuration of the storage"),
    ],
)
def test_a_remote_that_cannot_be_read_here(stored: GitRepo, url: str, reason: str) -> None:
    remote_at(stored, url)
    assert unknown(compared(stored, "metrics", base="base"))["m.json"] == reason


def test_the_users_own_configuration_may_name_the_remote(stored: GitRepo) -> None:
    stored.checkout("v1")
    base = saved(stored, ".dvc/config", "")
    stored.write(".dvc/config.local", remote("../../store", "mine"))
    report = compared(stored, "metrics", base=base)
    assert report["metrics"]["m.json"]["auc"]["new"] == 0.8


def test_a_checkout_beside_a_store_of_commits(stored: GitRepo, tmp_path: Path) -> None:
    stored.checkout("v1")
    base = saved(stored, ".dvc/config", "")
    stored.write(".dvc/config.local", remote("../../store", "mine"))
    stored.clone(tmp_path / "elsewhere" / "bare.git", "--bare")
    request = Request(
        tmp_path / "elsewhere" / "bare.git",
        stored.git("rev-parse", base),
        stored.git("rev-parse", "v2"),
        direct=True,
        fetch=("metrics",),
        checkout=stored.path,
    )
    assert compare_revisions(request).report.metrics["m.json"]["auc"]["new"] == 0.8


def test_nothing_is_started_before_it_is_needed(stored: GitRepo) -> None:
    repository = open_repository(stored.path)
    snapshot = repository.snapshot(repository.resolve("v1"))
    storage = StorageClient(trusted_projects(snapshot, (), stored.path))
    assert isinstance(storage.of("").read(Hash("etag", "x")), Unfetched)
    assert storage.started is False
    assert isinstance(storage.of("").read(Hash("md5", "0" * 32)), Unfetched)
    assert storage.started is True
    storage.close()
    assert storage.started is False


def started_inside_an_earlier_one(repo: GitRepo, url: str, *, tag: bool = False) -> tuple[str, str]:
    """Return main and a branch from a commit in the middle of what was merged into it before."""
    repo.git("checkout", "-q", "-B", "main", "v1")
    repo.branch("earlier")
    kept = (repo.path / ".dvc/config").read_text(encoding="utf-8")
    saved(repo, ".dvc/config", remote(url))
    start = saved(repo, ".github/lineage-diff.yml", "fetch: [metrics, plots, listings]\n")
    repo.git("rm", "-q", ".github/lineage-diff.yml")
    saved(repo, ".dvc/config", kept)
    repo.checkout("main")
    merged = repo.merge("earlier")
    repo.branch("change", start)
    repo.git("checkout", "-q", "v2", "--", ".")
    repo.git("rm", "-q", ".github/lineage-diff.yml")
    saved(repo, ".dvc/config", kept)
    repo.checkout("main")
    if tag:
        repo.git("tag", "-a", "-m", "A release", "release")
    return ("release" if tag else merged), "change"


@pytest.mark.parametrize("tag", [False, True], ids=["branch", "tag"])
@pytest.mark.parametrize("fetch", [None, EVERYTHING], ids=["by nobody", "by the reader"])
def test_the_merge_base_names_no_server_either(
    stored: GitRepo, canary: ObjectServer, tag: bool, fetch: tuple[Fetched, ...] | None
) -> None:
    base, head = started_inside_an_earlier_one(stored, canary.url, tag=tag)
    stored.write(".dvc/config.local", "['remote \"store\"']\njobs = 2\n")
    report = compare_revisions(Request(stored.path, base, head, fetch=fetch)).report
    assert report.base.commit == stored.git("merge-base", base, head)
    if fetch is None:
        assert "m.json" not in report.metrics
    else:
        # The folder that main names answers.
        assert report.metrics["m.json"]["auc"]["new"] == 0.8


@pytest.mark.parametrize("level", ["local", "global"])
@pytest.mark.parametrize("direct", [True, False])
def test_own_credentials_are_for_the_address_of_the_checkout(
    stored: GitRepo,
    canary: ObjectServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    level: str,
    direct: bool,
) -> None:
    stored.checkout("v1")
    base = saved(stored, ".dvc/config", remote(canary.url))
    stored.checkout("v2")
    own = f"['remote \"store\"']\nauth = basic\nuser = {USER}\npassword = {PASSWORD}\n"
    if level == "local":
        stored.write(".dvc/config.local", own)
    else:
        (tmp_path / "config").write_text(own, encoding="utf-8")
        monkeypatch.setenv("DVC_GLOBAL_CONFIG_DIR", str(tmp_path))
    request = Request(stored.path, base, "v2", direct=direct, fetch=("metrics",))
    reasons = {item.subject: item.reason for item in compare_revisions(request).report.unknowns}
    assert reasons["m.json"].startswith("your own settings of the remote `store` are for another")


def test_a_checkout_that_dvc_cannot_read_takes_no_metric_away(stored: GitRepo) -> None:
    stored.checkout("v2")
    stored.write(".dvc/config", "[core\n")
    assert compared(stored, "metrics")["metrics"]["m.json"]["auc"]["new"] == 0.8
