"""Repositories tied by `dvc import`, a clone by address, and names that are redacted."""

import re
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

import pytest

from lineage_diff.app.organization.answers import StoreRequest, ask_impact, ask_stale, ask_trace
from lineage_diff.app.organization.index import index_repository
from lineage_diff.history.reader import open_history
from lineage_diff.organization.delta import DeltaStore
from lineage_diff.organization.snapshot import StoreSnapshot
from tests.organization.conftest import seen
from tests.support.audit_repo import past_repo
from tests.support.dvc_repo import DvcRepo, DvcShell
from tests.support.export_layout import write_layout
from tests.support.git_repo import GitRepo
from tests.support.object_server import ObjectServer
from tests.support.projects import run

HOST = "https://git.acme.com/team"


TRAIN = "stages:\n  train: {cmd: cp raw.csv model.pkl, deps: [raw.csv], outs: [model.pkl]}\n"


def _made(folder: Path, name: str, shell: DvcShell) -> DvcRepo:
    repo = DvcRepo(folder / name, shell)
    repo.git("remote", "add", "origin", f"{HOST}/{name}.git")
    return repo


def _import(repo: DvcRepo, source: DvcRepo, path: str, out: str) -> None:
    """Import a path, and name the source by its address."""
    repo.dvc("import", "-q", str(source.path), path, "-o", out)
    text = (repo.path / f"{out}.dvc").read_text()
    repo.write(f"{out}.dvc", text.replace(str(source.path), f"{HOST}/{source.path.name}.git"))


def test_a_chain_of_imports_is_joined_by_address_revision_and_path(
    tmp_path: Path, shell: DvcShell, store: DeltaStore
) -> None:
    data = _made(tmp_path, "data", shell)
    data.write("data.csv", "1,2\n" * 100)
    data.dvc("add", "-q", "data.csv")
    imported = data.commit("Data")
    fraud = _made(tmp_path, "fraud", shell)
    _import(fraud, data, "data.csv", "raw.csv")
    fraud.write("dvc.yaml", TRAIN)
    # Alone: the address of the source is not there.
    fraud.dvc("repro", "-q", "-s", "train")
    used = fraud.commit("Model")
    ads = _made(tmp_path, "ads", shell)
    _import(ads, fraud, "model.pkl", "base.pkl")
    ads.commit("Base")
    for repo in (data, fraud, ads):
        index_repository(open_history(repo.path), store)
    sources = "SELECT repository, source_repository, path, rev_lock FROM sources ORDER BY 1"
    assert [tuple(row.values()) for row in store.query(sources, "sources")] == [
        ("git.acme.com/team/ads", "git.acme.com/team/fraud", "model.pkl", used),
        ("git.acme.com/team/fraud", "git.acme.com/team/data", "data.csv", imported),
    ]
    behind = """
    SELECT m.repository, m.model, m.distance, a.repository AS of FROM made_from m
    JOIN sources s ON m.made_by = s.run
    JOIN artifacts a ON a.repository = s.source_repository AND a.path = s.path AND a.hash = m.hash
    """
    (row,) = store.query(behind, "made_from", "sources", "artifacts")
    assert tuple(row.values()) == (
        "git.acme.com/team/fraud",
        "model.pkl",
        1,
        "git.acme.com/team/data",
    )


def test_the_same_version_of_the_same_address_is_joined(
    tmp_path: Path, shell: DvcShell, store: DeltaStore
) -> None:
    site = tmp_path / "site"
    site.mkdir()
    with ObjectServer(site) as server:
        # Too small to be joined by its content. The last repository has another version.
        for name, text in (("churn", "1,2\n"), ("fraud", "1,2\n"), ("ads", "3,4\n")):
            (site / "raw.csv").write_text(text)
            repo = _made(tmp_path, name, shell)
            repo.dvc("import-url", "-q", f"{server.url}/raw.csv")
            repo.write("dvc.yaml", TRAIN)
            repo.dvc("repro", "-q", "-s", "train")
            repo.commit("Model")
            index_repository(open_history(repo.path), store)
    answer = ask_impact(StoreRequest(store.address.url), "churn:raw.csv")
    assert answer.impact is not None
    assert [(model.repository, model.hops, model.certain) for model in answer.impact.models] == [
        ("git.acme.com/team/churn", 0, True),
        ("git.acme.com/team/fraud", 1, True),
    ]
    assert [(join.kind, join.path) for join in answer.impact.joins] == [("address", "raw.csv")]


def _as_of_dvc_2(repo: DvcRepo) -> None:
    """Write the files as DVC 2 did, which named no algorithm. The content has no CRLF."""
    for file in ("raw.csv.dvc", "dvc.lock"):
        text = (repo.path / file).read_text()
        assert "hash: md5" in text
        lines = [line for line in text.splitlines() if "hash: md5" not in line]
        repo.write(file, "\n".join(lines) + "\n")


@pytest.mark.parametrize("asked", ["new:raw.csv", "old:raw.csv", "md5:{md5}", "{md5}"])
def test_the_same_content_is_joined_also_where_dvc_2_recorded_it(
    asked: str, tmp_path: Path, shell: DvcShell, store: DeltaStore
) -> None:
    text = "1,2\n" * 1000
    for name in ("new", "old"):
        repo = _made(tmp_path, name, shell)
        repo.write("raw.csv", text)
        repo.dvc("add", "-q", "raw.csv")
        repo.write("dvc.yaml", TRAIN.replace("cp raw.csv", f"echo {name} | cat - raw.csv >"))
        repo.dvc("repro", "-q", "-s", "train")
        if name == "old":
            _as_of_dvc_2(repo)
        repo.commit("Model")
        index_repository(open_history(repo.path), store)
    digest = md5(text.encode(), usedforsecurity=False).hexdigest()
    answer = ask_impact(StoreRequest(store.address.url), asked.format(md5=digest))
    assert answer.impact is not None
    assert [model.repository for model in answer.impact.models] == [
        "git.acme.com/team/new",
        "git.acme.com/team/old",
    ]


def test_an_import_of_the_same_content_is_not_outdated(
    tmp_path: Path, shell: DvcShell, store: DeltaStore
) -> None:
    data = _made(tmp_path, "data", shell)
    data.write("raw.csv", "1,2\n" * 1000)
    data.dvc("add", "-q", "raw.csv")
    data.commit("Data")
    fraud = _made(tmp_path, "fraud", shell)
    _import(fraud, data, "raw.csv", "raw.csv")
    fraud.write("dvc.yaml", TRAIN)
    fraud.dvc("repro", "-q", "-s", "train")
    _as_of_dvc_2(fraud)
    fraud.commit("Model")
    for repo in (data, fraud):
        index_repository(open_history(repo.path), store)
    assert ask_stale(StoreRequest(store.address.url)).outdated_imports == ()
    recorded = (data.path / "raw.csv.dvc").read_text()
    data.write("raw.csv.dvc", re.sub("md5: [0-9a-f]{32}", f"md5: {'a' * 32}", recorded))
    data.commit("Other data")
    index_repository(open_history(data.path), store)
    (outdated,) = ask_stale(StoreRequest(store.address.url)).outdated_imports
    assert outdated.repository == "git.acme.com/team/fraud"


SOURCE = f"outs: [{{path: raw.csv, md5: {'a' * 32}, size: 9}}]\n"
UNRECORDED = "outs: [{path: raw.csv}]\n"
# For the source's `.dvc` file, and the hash and path of the import: outdated, or why unknown.
IMPORTS = {
    "the same": (SOURCE, "a" * 32, "raw.csv", None),
    "another": (SOURCE, "b" * 32, "raw.csv", "outdated"),
    "no version of the source": (UNRECORDED, "a" * 32, "raw.csv", "the version of `raw.csv` of "),
    "no version of the import": (SOURCE, None, "raw.csv", "its own version is not recorded"),
    "a part of a folder": (SOURCE, "a" * 32, "raw/part.csv", "no run made `raw/part.csv` of "),
}


@pytest.mark.parametrize("case", IMPORTS)
def test_an_import_that_cannot_be_compared_is_unknown(
    case: str, tmp_path: Path, store: DeltaStore
) -> None:
    source, imported, path, expected = IMPORTS[case]
    data, fraud = GitRepo(tmp_path / "data"), GitRepo(tmp_path / "fraud")
    for name, repo in (("data", data), ("fraud", fraud)):
        repo.git("remote", "add", "origin", f"{HOST}/{name}")
        repo.write(".dvc/config", "")
    data.write("raw.csv.dvc", source)
    version = f", md5: {imported}, size: 9" if imported else ""
    dep = f"deps: [{{path: {path}, repo: {{url: {HOST}/data, rev_lock: abc}}}}]\n"
    fraud.write("in.csv.dvc", f"frozen: true\n{dep}outs: [{{path: in.csv{version}}}]\n")
    for repo in (data, fraud):
        repo.commit()
        index_repository(open_history(repo.path), store)
    report = ask_stale(StoreRequest(store.address.url))
    outdated = [item.path for item in report.outdated_imports]
    unknown = [(item.repository, item.subject, item.reason) for item in report.unknowns]
    assert outdated == (["in.csv"] if expected == "outdated" else [])
    if expected in (None, "outdated"):
        assert unknown == []
        return
    ((repository, subject, reason),) = unknown
    assert (repository, subject) == ("git.acme.com/team/fraud", "in.csv")
    assert expected in reason


LOCK = "schema: '2.0'\nstages:\n  train: "
# For the content of an import: is it joined with the path, and is it unknown.
REDACTED_IMPORTS = {
    "that of the path": ("a" * 32, True, False),
    "that of another path": ("c" * 32, False, False),
    "of no path": ("d" * 32, False, True),
}
# By which repositories redact: the patterns of the source and of the import, and why it is unknown.
REDACTING = {
    "the import's": ("", "in.csv", "and the path there is redacted"),
    "the source": (
        '"*.csv"',
        "",
        "it imports `raw.csv` from `git.acme.com/team/data`, where paths",
    ),
    "both": ('"*.csv"', "in.csv", "and the path there is redacted"),
}


@pytest.mark.parametrize("who", REDACTING)
@pytest.mark.parametrize("case", REDACTED_IMPORTS)
def test_a_redacted_import_is_joined_by_its_content(
    case: str, who: str, tmp_path: Path, store: DeltaStore
) -> None:
    imported, is_joined, is_unknown = REDACTED_IMPORTS[case]
    of_source, of_import, reason = REDACTING[who]
    data, fraud = GitRepo(tmp_path / "data"), GitRepo(tmp_path / "fraud")
    for name, repo, globs in (("data", data, of_source), ("fraud", fraud, of_import)):
        repo.git("remote", "add", "origin", f"{HOST}/{name}")
        repo.write(".dvc/config", "")
        repo.write(".github/lineage-diff.yml", f"redact: [{globs}]\n")
    for name, digit in (("raw", "a"), ("other", "c")):
        data.write(f"{name}.csv.dvc", f"outs: [{{path: {name}.csv, md5: {digit * 32}, size: 9}}]\n")
    source = f"{{path: raw.csv, repo: {{url: {HOST}/data, rev: raw@v1, rev_lock: abc}}}}"
    out = f"{{path: in.csv, md5: {imported}, size: 9}}"
    fraud.write("in.csv.dvc", f"frozen: true\ndeps: [{source}]\nouts: [{out}]\n")
    fraud.write("dvc.yaml", TRAIN.replace("raw.csv", "in.csv"))
    made = f"{{path: model.pkl, md5: {'e' * 32}, size: 9}}"
    fraud.write("dvc.lock", f"{LOCK}{{cmd: cp in.csv model.pkl, deps: [{out}], outs: [{made}]}}\n")
    for repo in (data, fraud):
        repo.commit()
        index_repository(open_history(repo.path), store)
    (row,) = store.query("SELECT path, rev, source_repository FROM sources", "sources")
    assert ("raw" in row["path"] + row["rev"]) is not bool(of_import)
    assert row["source_repository"] == "git.acme.com/team/data"
    request = StoreRequest(store.address.url)
    rows = store.query("SELECT repository, path, hash FROM artifacts", "artifacts")
    versions = {
        (row["repository"].rpartition("/")[2], row["hash"][-1]): row["path"] for row in rows
    }
    answer = ask_impact(request, f"data:{versions['data', 'a']}")
    assert answer.impact is not None
    found = [(model.path, model.certain) for model in answer.impact.models]
    assert found == ([("model.pkl", True)] if is_joined else [])
    # Who knows the path finds it by its digest; where the import shows it, by any version of it.
    typed = ask_impact(request, "data:raw.csv").impact
    assert typed is not None
    assert len(typed.models) == (is_joined if of_import else 1)
    back = ask_trace(request, "fraud:model.pkl")
    assert back.trace is not None
    joined = [(join.kind, join.source_repository) for join in back.trace.joins]
    assert joined == ([("import", "git.acme.com/team/data")] if not is_unknown else [])
    for report in (answer, back):
        assert [reason in item.reason for item in report.unknowns] == [True] * is_unknown
    (row,) = StoreSnapshot(store).rows("SELECT reason FROM unknown_imports")
    assert row["reason"] == "redacted"
    (unknown,) = ask_stale(request).unknowns
    assert unknown.reason.startswith("it may be outdated: it imports ")
    assert reason in unknown.reason


def test_a_deleted_repository_stays_in_the_answers(
    tmp_path: Path, shell: DvcShell, store: DeltaStore
) -> None:
    data = _made(tmp_path, "data", shell)
    data.write(".github/lineage-diff.yml", "repository: git.acme.com/team/data\n")
    data.write("data.csv", "1,2\n" * 100)
    data.dvc("add", "-q", "data.csv")
    data.commit("Data")
    for name in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        data.git("config", name, "true")
    fraud = _made(tmp_path, "fraud", shell)
    _import(fraud, data, "data.csv", "raw.csv")
    fraud.write("dvc.yaml", TRAIN)
    fraud.dvc("repro", "-q", "-s", "train")
    fraud.commit("Model")
    command = ("index", f"file://{data.path}", str(fraud.path), "--to", store.address.url)
    cache = ("--cache", str(tmp_path / "cache"))
    assert run(*command, *cache).returncode == 0
    data.path.rename(tmp_path / "gone")
    fraud.write("README", "More")
    fraud.commit("More")
    done = run(*command, *cache)
    assert done.returncode == 2
    reason = "cannot be cloned: Could not read from remote repository. Check the address"
    assert f"lineage-diff: error: file://{data.path}: {reason}" in done.stderr
    assert "git.acme.com/team/fraud: 0 runs of new commits" in done.stdout
    answer = ask_impact(StoreRequest(store.address.url), "data:data.csv")
    assert answer.impact is not None
    assert [(model.repository, model.hops) for model in answer.impact.models] == [
        ("git.acme.com/team/fraud", 1)
    ]
    assert answer.unknowns == ()


def test_a_repository_by_address_has_the_rows_of_a_path(
    tmp_path: Path, store: DeltaStore, new_store: Callable[[], DeltaStore]
) -> None:
    past = past_repo(tmp_path / "churn")
    past.write(".github/lineage-diff.yml", "repository: git.acme.com/team/churn\n")
    past.commit("Configure")
    for name in ("uploadpack.allowFilter", "uploadpack.allowAnySHA1InWant"):
        past.git("config", name, "true")
    index_repository(open_history(past.path), store)
    to = new_store()
    command = ("index", f"file://{past.path}", "--to", to.address.url)
    cache = ("--cache", str(tmp_path / "cache"))
    assert run(*command, *cache).stderr == ""
    assert seen(to) == seen(store)
    past.data("more")
    past.commit("More data")
    done = run(*command, *cache)
    assert done.stdout.startswith("git.acme.com/team/churn: 1 run of new commits at ")
    login = run("index", "https://me:s3cret@git.acme.com/x/y", "--to", to.address.url, *cache)
    assert login.returncode == 2
    assert "has a login" in login.stderr


NAMES = (
    "near/raw.csv",
    "far/key.csv",
    "data/a",
    "data/raw",
    "'raw'",
    "raw.dvc",
    "bucket/key",
    "'lr'",
    "b.yaml",
    "Train it",
)


def _imported(address: str, out: str) -> str:
    """Return the `.dvc` file of `dvc import-url`."""
    return (
        f"frozen: true\ndeps: [{{path: '{address}', etag: e}}]\nouts: [{{path: {out}, md5: '1'}}]\n"
    )


def test_redacted_names_do_not_leave_the_repository(tmp_path: Path, store: DeltaStore) -> None:
    repo = GitRepo(tmp_path / "clinic")
    repo.write("data/c.csv.dvc", _imported("s3://near/raw.csv", "c.csv"))
    repo.write("open.csv.dvc", _imported("s3://bucket/far/key.csv", "open.csv"))
    write_layout(repo)
    index_repository(open_history(repo.path), store)
    before = seen(store)
    assert [name for name in NAMES if name not in repr(before)] == []
    repo.write(".github/lineage-diff.yml", "redact: [data, raw, b.yaml, 's3://bucket/**']\n")
    repo.commit("Train it without names")
    index_repository(open_history(repo.path), store)
    after = seen(store)
    assert [name for name in NAMES if name in repr(after)] == []
    # Nothing of the earlier rows is left, and edges are as they were.
    (row,) = store.query("SELECT count(*) AS n FROM edges WHERE path = 'raw'", "edges")
    assert row["n"] == 0
    for table in ("edges", "made_from", "artifacts"):
        assert len(after[table]) == len(before[table]), table
    (row,) = store.query("SELECT count(command) AS n FROM runs", "runs")
    assert row["n"] == 0
