"""Whether the remote has the versions that a change introduces; DVC is asked the same."""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import lineage_diff.dvc.storage.open  # noqa: F401  # its annotations need the class that is replaced
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.cli.main import main
from lineage_diff.dvc.storage.client import FetchLimits
from lineage_diff.report.report import encode_report
from tests.fetch.reading import in_words, locked, pushed, remote_at, remove_object, saved
from tests.support.dvc_repo import DvcShell
from tests.support.git_repo import GitRepo
from tests.support.object_server import PASSWORD, USER, Manner, ObjectServer

# `b.txt` is modified and `e.txt` added in `raw`; `parts` has both, but not the folder `deep`.
INTRODUCED = ("curve.csv", "live", "m.json", "parts", "raw")
ALL = dict.fromkeys(INTRODUCED, "all")
NOTHING = {
    "curve.csv": "1 of 1",
    "live": "listing",
    "m.json": "1 of 1",
    "parts": "listing",
    "raw": "listing",
}


def md5_of(text: str) -> str:
    """Return the hash of a small file, as DVC 3 names it."""
    return hashlib.md5(text.encode()).hexdigest()


def lose_nothing(_: GitRepo) -> None:
    return


def lose_everything(repo: GitRepo) -> None:
    shutil.rmtree(repo.path.parent / "store" / "files")


def lose_the_folder(repo: GitRepo) -> None:
    shutil.rmtree(repo.path.parent / "store")


def lose_one_file(repo: GitRepo) -> None:
    remove_object(repo, md5_of("e\n"))


def lose_a_file_of_the_base(repo: GitRepo) -> None:
    remove_object(repo, md5_of("d\n"))


def lose_a_listing(repo: GitRepo) -> None:
    remove_object(repo, locked(repo, "v2", "raw"))


def lose_one_out(repo: GitRepo) -> None:
    remove_object(repo, locked(repo, "v2", "curve.csv"))


LOST: list[tuple[Callable[[GitRepo], None], dict[str, str]]] = [
    (lose_nothing, {}),
    (lose_everything, NOTHING),
    # As before a first push.
    (lose_the_folder, NOTHING),
    (lose_one_file, {"parts": "1 of 3", "raw": "1 of 4"}),
    (lose_a_file_of_the_base, {}),
    (lose_a_listing, {"raw": "listing"}),
    (lose_one_out, {"curve.csv": "1 of 1"}),
]


@pytest.mark.parametrize(("lose", "missing"), LOST)
def test_a_folder(
    stored: GitRepo, lose: Callable[[GitRepo], None], missing: dict[str, str]
) -> None:
    lose(stored)
    assert pushed(stored) == ALL | missing


@pytest.mark.parametrize("lose", [lose for lose, _ in LOST])
def test_dvc_finds_the_same_missing(
    stored: GitRepo, with_cache: None, shell: DvcShell, lose: Callable[[GitRepo], None]
) -> None:
    stored.checkout("v2")
    lose(stored)
    said = asked(shell, stored, "data", "status", "--not-in-remote", "--granular")
    said = said.get("not_in_remote", [])
    files = Counter(path.partition("/")[0] for path in said if not path.endswith("/"))
    listings = {path.rstrip("/") for path in said if path.endswith("/")}
    report = json.loads(
        encode_report(status_of(StatusRequest(stored.path, check=("pushed",))).report)
    )
    assert {out["path"]: out["missing"] for out in report["pushed"] if out["missing"]} == files
    assert {out["path"] for out in report["pushed"] if out["listing_missing"]} == listings
    # `dvc status --cloud` takes the files of a listing that is there for pushed.
    new = {path.partition("/")[0] for path in asked(shell, stored, "status", "--cloud")}
    assert new <= {out["path"] for out in report["pushed"] if out["state"] == "missing"}


def asked(shell: DvcShell, repo: GitRepo, *command: str) -> dict[str, Any]:
    """Return what a command of DVC says as JSON."""
    found: dict[str, Any] = json.loads(shell.run(repo.path, *command, "--json"))
    return found


@pytest.fixture
def with_cache(stored: GitRepo, pushed_folder: Path) -> None:
    """Give the copy of the repository its cache again."""
    shutil.copytree(pushed_folder / "repo/.dvc/cache", stored.path / ".dvc/cache")


@pytest.mark.parametrize(
    ("out", "declared", "found"),
    [
        ("m.json", "{m.json: {push: false}}", None),
        ("m.json", "{m.json: {cache: false}}", None),
        ("m.json", "{m.json: {remote: other}}", "the base branch names no remote `other`"),
        ("m.json", "{m.json: {remote: store}}", "all"),
    ],
)
def test_push_cache_and_remote_of_an_out_decide_where_it_is_looked_for(
    stored: GitRepo, out: str, declared: str, found: str | None
) -> None:
    pipeline = stored.git("show", "v2:dvc.yaml")
    stored.checkout("v2")
    head = saved(stored, "dvc.yaml", pipeline.replace(f"[{out}]", f"[{declared}]"))
    assert pushed(stored, head=head).get(out) == found


def test_a_folder_that_is_not_mounted_is_unknown(stored: GitRepo) -> None:
    remote_at(stored, "/nowhere/at/all")
    reason = "the folder or bucket of the remote `web` cannot be found"
    found = pushed(stored, base="base")
    assert {found[path] for path in ("curve.csv", "m.json")} == {reason}
    assert set(found.values()) != {"all"}
    assert "listing" not in found.values()


@pytest.mark.parametrize(
    ("manner", "found"),
    [
        ("plain", "all"),
        ("moved", "all"),
        ("login", "the remote `web` refuses access: credentials are missing or wrong"),
        ("error", "the remote `web` cannot be read (ClientResponseError)"),
        ("moved-away", "the remote `web` redirects to another host, which is not followed"),
        ("silent", "the remote does not answer in time"),
    ],
)
def test_a_server(
    stored: GitRepo, manner: Manner, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = (1, 1) if manner == "silent" else (4, 60)
    bounds = FetchLimits(object_seconds=seconds[0], looking_seconds=seconds[1])
    monkeypatch.setattr("lineage_diff.dvc.storage.client.FetchLimits", lambda: bounds)
    store = stored.path.parent / "store"
    with ObjectServer(store) as other, ObjectServer(store, manner, other.url) as server:
        remote_at(stored, server.url)
        assert pushed(stored, base="base")["m.json"] == found
        assert other.asked == []


def test_a_server_that_is_gone(stored: GitRepo) -> None:
    with ObjectServer(stored.path.parent / "store") as server:
        pass
    remote_at(stored, server.url)
    found = pushed(stored, base="base")
    assert "cannot be read" in found["m.json"]
    assert {"all", "listing", "1 of 1"}.isdisjoint(found.values())


def test_a_server_without_an_object(stored: GitRepo) -> None:
    lose_one_file(stored)
    with ObjectServer(stored.path.parent / "store") as server:
        remote_at(stored, server.url)
        assert pushed(stored, base="base") == ALL | {"parts": "1 of 3", "raw": "1 of 4"}


def test_one_request_for_one_object(stored: GitRepo) -> None:
    stored.checkout("v1")
    with ObjectServer(stored.path.parent / "store") as server:
        remote_at(stored, server.url)
        lock = stored.git("show", "v1:dvc.lock").replace(
            locked(stored, "v1", "m.json"), locked(stored, "v2", "m.json")
        )
        head = saved(stored, "dvc.lock", lock)
        assert pushed(stored, base="base", head=head) == {"m.json": "all"}
        assert len(server.asked) == 1


def test_the_user_s_own_password(stored: GitRepo) -> None:
    with ObjectServer(stored.path.parent / "store", "login") as server:
        remote_at(stored, server.url)
        own = f"['remote \"web\"']\nauth = basic\nuser = {USER}\npassword = {PASSWORD}\n"
        stored.write(".dvc/config.local", own)
        assert pushed(stored, base="base") == ALL


def test_the_head_and_a_fork_name_no_server(stored: GitRepo) -> None:
    store = stored.path.parent / "store"
    with ObjectServer(store) as server, ObjectServer(store) as canary:
        remote_at(stored, server.url)
        stored.checkout("v2")
        settings = f"[core]\nremote = web\n['remote \"web\"']\nurl = {canary.url}\n"
        head = saved(stored, ".dvc/config", settings)
        assert pushed(stored, base="base", head=head)["m.json"] == "all"
        seen = len(server.asked)
        request = Request(stored.path, "base", head, direct=True, check=("pushed",), of_fork=True)
        report = json.loads(encode_report(compare_revisions(request).report))
        reason = "the change comes from a fork, for which the remote is not asked"
        assert {in_words(out) for out in report["pushed"]} == {reason}
        assert canary.asked == []
        assert len(server.asked) == seen


@pytest.mark.parametrize("value", ["../../../../etc/passwd", "0" * 31, "%2e%2e/" * 10])
def test_a_hash_that_is_a_path_is_not_looked_for(stored: GitRepo, value: str) -> None:
    lock = stored.git("show", "v2:dvc.lock").replace(locked(stored, "v2", "m.json"), f"'{value}'")
    stored.checkout("v2")
    with ObjectServer(stored.path.parent / "store") as server:
        remote_at(stored, server.url)
        stored.checkout("v2")
        found = pushed(stored, base="base", head=saved(stored, "dvc.lock", lock))
        assert found["m.json"] == "its hash is invalid: it is not 32 hexadecimal digits"
        assert not any("passwd" in path or "%2e" in path for path in server.asked)


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"looked_for": 2}, "one run looks for at most 2 objects"),
        ({"looking_seconds": 0.0}, "one run looks for objects for at most 0 seconds"),
    ],
)
def test_the_search_is_bounded(
    stored: GitRepo, bounds: dict[str, Any], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "lineage_diff.dvc.storage.client.FetchLimits", lambda: FetchLimits(**bounds)
    )
    assert found in pushed(stored).values()


@pytest.mark.parametrize(
    ("arguments", "config", "code", "shown"),
    [
        ("compare base v2 --direct --check pushed", "", 1, "dvc push raw.dvc"),
        ("compare base v2 --direct", "check: [pushed]\n", 1, "dvc push raw.dvc"),
        ("compare base v2 --direct --check nothing", "check: [pushed]\n", 0, ""),
        ("compare base v2 --direct", "", 0, ""),
        ("status v2 --check pushed", "", 1, "dvc push raw.dvc"),
        # The commit that is checked cannot name a server by itself.
        ("status v2", "check: [pushed]\n", 0, ""),
    ],
)
def test_when_the_remote_is_asked(
    stored: GitRepo,
    arguments: str,
    config: str,
    code: int,
    shown: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lose_a_listing(stored)
    stored.checkout("v1")
    stored.git("tag", "base", saved(stored, ".github/lineage-diff.yml", config or "# none\n"))
    assert main([*arguments.split(), "--repo", str(stored.path)]) == code
    output = capsys.readouterr().out
    assert shown in output
    assert ("not-pushed" in output) == bool(shown)


def test_each_remote_has_its_own_answer(stored: GitRepo) -> None:
    other = stored.path.parent / "other"
    other.mkdir()
    stored.checkout("v1")
    settings = (
        "[core]\nremote = store\n['remote \"store\"']\nurl = ../../store\n"
        f"['remote \"other\"']\nurl = {other}\n"
    )
    base = saved(stored, ".dvc/config", settings)
    stored.checkout("v2")
    pipeline = stored.git("show", "v2:dvc.yaml").replace("[m.json]", "[m.json: {remote: other}]")
    head = saved(stored, "dvc.yaml", pipeline)
    assert pushed(stored, base, head) == ALL | {"m.json": "1 of 1"}


def test_another_remote_for_the_same_version_is_asked(stored: GitRepo) -> None:
    stored.checkout("v2")
    pipeline = stored.git("show", "v2:dvc.yaml").replace("[m.json]", "[m.json: {remote: new}]")
    head = saved(stored, "dvc.yaml", pipeline)
    assert pushed(stored, "v2", head) == {"m.json": "the base branch names no remote `new`"}


def test_versions_of_dvc_2_have_their_own_place(stored: GitRepo) -> None:
    value = "ab" * 16
    stored.checkout("v1")
    head = saved(stored, "old.csv.dvc", f"outs:\n- md5: {value}\n  size: 1\n  path: old.csv\n")
    assert pushed(stored, head=head) == {"old.csv": "1 of 1"}
    place = stored.path.parent / "store" / value[:2] / value[2:]
    place.parent.mkdir(exist_ok=True)
    place.touch()
    assert pushed(stored, head=head) == {"old.csv": "all"}


IMPORTS = [
    ("repo: {url: https://x.example/y, rev_lock: 0123456}\n", {}),
    # DVC pushes what it has imported from an address.
    ("", {"in.csv": "1 of 1"}),
]


@pytest.mark.parametrize(("source", "found"), IMPORTS)
def test_imports_from_repositories_are_not_pushed(
    stored: GitRepo, source: str, found: dict[str, str]
) -> None:
    dep = "path: https://x.example/in.csv\n  checksum: a" if not source else "path: in.csv"
    repo = f"  {source}" if source else ""
    text = (
        f"frozen: true\ndeps:\n- {dep}\n{repo}"
        f"outs:\n- md5: {'ab' * 16}\n  size: 1\n  hash: md5\n  path: in.csv\n"
    )
    stored.checkout("v1")
    assert pushed(stored, head=saved(stored, "in.csv.dvc", text)) == found


def test_an_import_without_data_has_nothing_to_push(stored: GitRepo) -> None:
    text = "frozen: true\ndeps:\n- path: https://x.example/in.csv\nouts:\n- path: in.csv\n"
    stored.checkout("v1")
    assert pushed(stored, head=saved(stored, "in.csv.dvc", text)) == {}
