"""`org export`: the tables give the bytes that `export` gives in each repository."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import Struct

from lineage_diff.app.organization.index import index_repository
from lineage_diff.catalog.formats import EXPORT_FORMATS
from lineage_diff.cli.main import main
from lineage_diff.history.reader import open_history
from lineage_diff.organization.tables.all_tables import SCHEMA_VERSION
from tests.support.audit_repo import past_repo
from tests.support.export_layout import write_layout
from tests.support.git_repo import GitRepo
from tests.support.organization import new_store

WRITTEN = [name for name, item in EXPORT_FORMATS.items() if not item.reads_files]
SCOPES = [(name, "commit") for name in WRITTEN] + [
    (name, "history") for name in WRITTEN if "history" in EXPORT_FORMATS[name].scopes
]


class Stored(Struct, frozen=True):
    """The tables, and the repositories that are indexed in them, by name."""

    url: str
    repos: Mapping[str, GitRepo]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    """Two repositories; the past of `churn` is indexed in three steps."""
    folder = tmp_path_factory.mktemp("stored")
    churn, layout = past_repo(folder / "churn"), GitRepo(folder / "layout")
    write_layout(layout)
    repos = {"churn": churn, "layout": layout}
    store = new_store(folder / "tables")
    for name, repo in repos.items():
        repo.git("remote", "add", "origin", f"git@github.com:team/{name}.git")
    for rev in (churn.commits["bad data"], churn.commits["good data"], None):
        index_repository(open_history(churn.path), store, rev=rev)
    index_repository(open_history(layout.path), store)
    return Stored(store.address.url, repos)


def exported(stored: Stored, name: str, scope: str, target: Path, *named: str) -> Path:
    """Write `org export` of the named repositories, or of all."""
    chosen = [word for repository in named for word in ("--repository", repository)]
    whole = ["--all"] if scope == "history" else []
    asked = ["org", "export", "--to", name, "--from", stored.url, "-o", str(target)]
    assert main([*asked, *whole, *chosen]) == 0
    return target


def alone(repo: GitRepo, name: str, scope: str, target: Path) -> Path:
    """Write `export` of a repository."""
    whole = ["--all"] if scope == "history" else []
    assert main(["export", "--to", name, "--repo", str(repo.path), "-o", str(target), *whole]) == 0
    return target


def files(target: Path) -> Mapping[str, bytes]:
    """Return the contents of a file, or of all files in a folder."""
    if target.is_file():
        return {"": target.read_bytes()}
    found = (path for path in sorted(target.rglob("*")) if path.is_file())
    return {path.relative_to(target).as_posix(): path.read_bytes() for path in found}


def ordered(contents: Mapping[str, bytes], name: str, scope: str) -> Mapping[str, bytes]:
    """Sort the facts of a history: the tables have no place for commits without a run."""
    if (name, scope) != ("facts", "history"):
        return contents
    return {path: b"".join(sorted(data.splitlines(True))) for path, data in contents.items()}


@pytest.mark.parametrize(("name", "scope"), SCOPES)
@pytest.mark.parametrize("repository", ["churn", "layout"])
def test_the_bytes_of_the_export_of_the_repository(
    stored: Stored, tmp_path: Path, repository: str, name: str, scope: str
) -> None:
    found = files(exported(stored, name, scope, tmp_path / "found", f"team/{repository}"))
    expected = files(alone(stored.repos[repository], name, scope, tmp_path / "expected"))
    assert ordered(found, name, scope) == ordered(expected, name, scope)
    assert all(found.values())


@pytest.mark.parametrize("name", ["facts", "json", "openlineage"])
def test_texts_that_are_not_unicode_are_written_as_export_writes_them(
    tmp_path: Path, name: str
) -> None:
    repo = GitRepo(tmp_path / "odd")
    write_layout(repo)
    repo.git("remote", "add", "origin", "https://github.com/team/odd.git")
    repo.write("raw\udce9.csv.dvc", "outs: [{path: raw.csv, md5: '1'}]\n")
    repo.write("dvc.yaml", "stages: {s: {cmd: c, metrics: [{m.json: {cache: false}}]}}\n")
    repo.write(
        "dvc.lock", "schema: '2.0'\nstages: {s: {cmd: c, outs: [{path: m.json, md5: '2'}]}}\n"
    )
    repo.write("m.json", '{"a\\ud800": 1}')
    repo.commit()
    store = new_store(tmp_path / "tables")
    index_repository(open_history(repo.path), store)
    stored = Stored(store.address.url, {})
    found = files(exported(stored, name, "commit", tmp_path / "found", "team/odd"))
    assert found == files(alone(repo, name, "commit", tmp_path / "expected"))
    assert b"ud800" in found[""]


@pytest.mark.parametrize(
    ("name", "scope"), [("datahub", "commit"), ("collibra", "commit"), ("openlineage", "history")]
)
def test_all_repositories(stored: Stored, tmp_path: Path, name: str, scope: str) -> None:
    """Lines of all in one file; else each repository in its folder."""
    found = files(exported(stored, name, scope, tmp_path / "found"))
    one = {
        key: files(alone(repo, name, scope, tmp_path / key)) for key, repo in stored.repos.items()
    }
    if EXPORT_FORMATS[name].has_lines:
        assert found == {"": one["churn"][""] + one["layout"][""]}
        return
    assert found == {
        f"github.com/team/{key}/{path or 'datahub.json'}": data
        for key, contents in one.items()
        for path, data in contents.items()
    }


SECRETS = ("data/a", "data/raw", "'raw'", "raw.dvc", "bucket/key", "b.yaml", "Train it", "churn")


@pytest.fixture(scope="module")
def redacted(tmp_path_factory: pytest.TempPathFactory) -> Stored:
    folder = tmp_path_factory.mktemp("redacted")
    repo = GitRepo(folder / "clinic")
    write_layout(repo, cloud="s3")
    repo.write(
        ".github/lineage-diff.yml", "redact: [data, raw, b.yaml, model.pkl, 's3://bucket/**']\n"
    )
    repo.commit("Train it without names")
    store = new_store(folder / "tables")
    index_repository(open_history(repo.path), store)
    return Stored(store.address.url, {})


@pytest.mark.parametrize(("name", "scope"), SCOPES)
def test_redacted_names_stay_redacted(
    redacted: Stored, tmp_path: Path, name: str, scope: str
) -> None:
    found = files(exported(redacted, name, scope, tmp_path / "found"))
    text = "\n".join((*found, *(data.decode() for data in found.values())))
    assert [secret for secret in SECRETS if secret in text] == []
    # Edges stay.
    assert text.count("redacted-") > 2


REFUSED = {
    "--to cyclonedx": "cyclonedx has the SHA-256 of files, which the tables do not have",
    "--to in-toto": "Run `lineage-diff export --to in-toto` in the repository",
    "--to json --all -o x": "json holds one commit, not a history",
    "--to json": "json is one document for each repository. Add `-o DIR`, or name one",
    "--to collibra --repository churn": "collibra is a folder of files. Add `-o DIR`",
    "--to facts --repository fraud": "the tables have no repository fraud",
    # Only an import names it.
    "--to facts --repository acme/data": "the tables have no repository github.com/acme/data",
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_the_tables_cannot_give_is_an_error(
    stored: Stored,
    words: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["org", "export", "--from", stored.url, *words.split()]) == 2
    assert REFUSED[words] in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_unknown_parts_and_repositories_without_a_project_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    repo = past_repo(tmp_path / "churn")
    gone = GitRepo(tmp_path / "gone")
    write_layout(gone)
    store = new_store(tmp_path / "tables")
    for one in (repo, gone):
        index_repository(open_history(one.path), store)
    gone.git("rm", "-rq", ".")
    gone.write("README.md", "Moved.")
    gone.commit("Move the project")
    assert main(["index", str(gone.path), "--to", store.address.url]) == 0
    exported(Stored(store.address.url, {}), "facts", "history", tmp_path / "facts.jsonl")
    notes = capsys.readouterr().err
    broken = repo.commits["broken lock"][:7]
    assert f": dvc.lock at {broken} is left out: " in notes
    assert notes.count("is left out: its last indexed commit has no DVC project") == 1


def test_tables_of_an_older_schema_are_indexed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store = new_store(tmp_path / "tables")
    version = f'"lineage-diff.schema-version":"{SCHEMA_VERSION}"'
    (log,) = (Path(store.address.url) / "generations/_delta_log").glob("*0.json")
    log.write_text(log.read_text().replace(version, version.replace(str(SCHEMA_VERSION), "1")))
    assert main(["org", "export", "--to", "facts", "--from", store.address.url]) == 2
    assert "Index the repositories again, into a new folder or prefix." in capsys.readouterr().err
