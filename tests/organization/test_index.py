"""Index repositories: the whole history, then new commits; rewritten history; the command."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from arro3.core import Array, DataType, RecordBatch
from deltalake import write_deltalake

from lineage_diff.app.organization import index as index_module
from lineage_diff.app.organization.index import Indexed, index_repository
from lineage_diff.cli.main import main
from lineage_diff.dvc.project import PATHSPECS
from lineage_diff.git.process import GitProcess
from lineage_diff.history.reader import open_history
from lineage_diff.organization import snapshot
from lineage_diff.organization.delta import DeltaStore
from lineage_diff.organization.tables.all_tables import SCHEMA_VERSION
from tests.organization.conftest import seen
from tests.support.audit_repo import AuditRepo, past_repo
from tests.support.git_repo import GitRepo
from tests.support.projects import run


@pytest.fixture
def past(tmp_path: Path) -> AuditRepo:
    return past_repo(tmp_path / "churn")


def index(repo: GitRepo, store: DeltaStore, rev: str = "HEAD") -> Indexed:
    return index_repository(open_history(repo.path), store, rev=rev)


def anew(repo: GitRepo, store: DeltaStore, rev: str = "HEAD") -> DeltaStore:
    store.create()
    assert index(repo, store, rev).step == "whole"
    return store


def test_new_commits_give_the_rows_that_the_whole_history_gives(
    past: AuditRepo, store: DeltaStore, new_store: Callable[[], DeltaStore]
) -> None:
    past.write("dvc.lock", "<<<<<<< HEAD\n")
    past.data("other")
    past.step("broken with data", "Merge by hand again")
    past.run("other", lr=2, accuracy=0.9, out="six", model="models/churn.pkl")
    past.step("mended", "Mend the lock")
    steps = []
    for name, commit in past.commits.items():
        found = index(past, store, commit)
        steps.append((name, found.step, found.runs))
        assert index(past, store, commit).step == "same"
        assert seen(store) == seen(anew(past, new_store(), commit)), name
    assert steps == [
        ("first", "whole", 2),
        ("bad data", "new", 2),
        ("broken lock", "new", 0),
        ("other lr", "new", 1),
        ("good data", "new", 1),
        ("retrained", "new", 1),
        ("moved", "new", 1),
        ("broken with data", "new", 1),
        # What was in force at the commit before cannot be read there.
        ("mended", "whole", 10),
    ]


def test_many_writes_are_merged_into_one(
    past: AuditRepo,
    store: DeltaStore,
    new_store: Callable[[], DeltaStore],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(index_module, "MOST_GENERATIONS", 1)
    for name in ("other lr", "good data", "retrained"):
        index(past, store, past.commits[name])
    (repository,) = {row["repository"] for row in store.query("SELECT * FROM generations", *_G)}
    items = store.visible(repository).items
    assert sorted((item.kind, item.runs) for item in items) == [("head", 0), ("history", 7)]
    assert seen(store) == seen(anew(past, new_store(), past.commits["retrained"]))


_G = ("generations",)


def test_a_new_tag_is_indexed_without_a_new_commit(past: AuditRepo, store: DeltaStore) -> None:
    index(past, store)
    past.annotate("churn@v3.0.0", "moved")
    assert index(past, store).step == "new"
    rows = store.query("SELECT version FROM registry r JOIN generations g USING (generation)", *_T)
    assert sorted(row["version"] for row in rows) == ["v1.0.0", "v1.1.0", "v2.0.0", "v3.0.0"]


_T = ("registry", "generations")


def test_rewritten_history_is_indexed_anew(
    past: AuditRepo, store: DeltaStore, new_store: Callable[[], DeltaStore]
) -> None:
    index(past, store)
    past.git("reset", "--hard", past.commits["good data"])
    past.run("fixed", lr=3, accuracy=0.95, out="five")
    past.commit("Train it in another way")
    assert index(past, store).step == "whole"
    assert seen(store) == seen(anew(past, new_store()))
    # A reader that began before still finds what it saw; the next index removes it.
    assert _stored(store) > _visible(store)
    past.data("more")
    past.commit("More data")
    assert index(past, store).step == "new"
    past.data("yet more")
    past.commit("Yet more data")
    assert index(past, store).step == "new"
    assert _stored(store) - _visible(store) == 1


def test_a_whole_clone_gives_what_a_shallow_one_lacked(
    past: AuditRepo, store: DeltaStore, new_store: Callable[[], DeltaStore], tmp_path: Path
) -> None:
    past.git("remote", "add", "origin", "https://git.acme.com/team/churn.git")
    clone = GitRepo(tmp_path / "shallow")
    clone.git("remote", "add", "origin", "https://git.acme.com/team/churn.git")

    def shallow() -> GitRepo:
        clone.git("fetch", "-q", "--depth=2", past.path.as_uri(), "HEAD", "refs/tags/*:refs/tags/*")
        clone.git("checkout", "-q", "FETCH_HEAD")
        return clone

    steps = [index(shallow(), store), index(shallow(), store)]
    past.step("empty", "Nothing of DVC")
    # A shallow clone adds to what one lacked; it stays unknown.
    steps += [index(shallow(), store)]
    (row,) = seen(store, ["repositories"])["repositories"]
    assert ("complete", False) in row
    steps += [index(past, store), index(past, store), index(shallow(), store)]
    assert [(each.step, each.runs) for each in steps] == [
        ("whole", 4),
        ("same", 0),
        ("new", 0),
        ("whole", 8),
        ("same", 0),
        ("same", 0),
    ]
    assert seen(store) == seen(anew(past, new_store()))


def test_a_removed_project_leaves_no_models_and_keeps_its_history(
    past: AuditRepo, store: DeltaStore
) -> None:
    index(past, store)
    before = seen(store)
    past.git("rm", "-rq", ".dvc", "dvc.yaml", "dvc.lock", "data.csv.dvc")
    past.commit("Leave DVC")
    done = run("index", "--to", store.address.url, cwd=past.path)
    assert (done.returncode, done.stdout) == (0, ".: left out, no DVC project\n")
    after = seen(store)
    assert before["models"] != [] == after["models"] == after["repositories"]
    assert (after["runs"], after["made_from"]) == (before["runs"], before["made_from"])
    past.git("revert", "-n", "HEAD")
    past.commit("Come back")
    assert index(past, store).step == "new"
    assert len(seen(store)["models"]) == 1


def _stored(store: DeltaStore) -> int:
    """Count the writes that the table of repositories has rows of."""
    (row,) = store.query("SELECT count(*) AS n FROM repositories", "repositories")
    (old,) = store.query("SELECT count(DISTINCT generation) AS n FROM runs", "runs")
    return int(row["n"] + old["n"])


def _visible(store: DeltaStore) -> int:
    (row,) = store.query("SELECT count(*) AS n FROM generations", "generations")
    return int(row["n"])


def test_another_configuration_of_the_same_commit_is_read(
    past: AuditRepo, store: DeltaStore
) -> None:
    past.write("quiet.yml", "redact: [models]\n")
    past.commit("Name what is redacted")
    index(past, store)
    history = open_history(past.path)
    assert index_repository(history, store, "quiet.yml").step == "whole"
    assert "models/churn.pkl" not in repr(seen(store))
    assert index_repository(history, store, "quiet.yml").step == "same"


def test_the_command_names_what_fails_and_indexes_the_rest(past: AuditRepo, tmp_path: Path) -> None:
    plain = GitRepo(tmp_path / "plain")
    plain.write("a", "b")
    plain.commit()
    listed = tmp_path / "repositories.txt"
    listed.write_text(f"# ours\n{tmp_path}/gone\n\n{plain.path}\n")
    to = str(tmp_path / "tables")
    done = run("index", str(past.path), "--repos", str(listed), "--to", to, "--jobs", "2")
    assert done.returncode == 2
    lines = sorted(line.partition("] ")[2] for line in done.stdout.splitlines())
    assert lines[0] == f"{tmp_path}/gone: failed"
    assert lines[1] == f"{plain.path}: left out, no DVC project"
    assert lines[2].endswith(f": 8 runs of the whole history at {past.commits['moved'][:7]}")
    assert done.stderr.splitlines() == [
        f"lineage-diff: error: {tmp_path}/gone: no such folder. "
        "Name the folder of a Git repository."
    ]
    again = run("index", "--to", to, cwd=past.path)
    assert again.returncode == 0
    assert again.stdout.endswith(f": nothing new at {past.commits['moved'][:7]}\n")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:secret@127.0.0.1:1/x.git", "https://127.0.0.1:1/x.git"),
        ("https://127.0.0.1:1/x.git?token=secret", "https://127.0.0.1:1/x.git"),
        ("ftp://me:secret@127.0.0.1:1/x", "ftp://127.0.0.1:1/x"),
        ("git://me:secret@127.0.0.1:1/x", "git://127.0.0.1:1/x"),
        ("me:secret@127.0.0.1:x", "me@127.0.0.1:x"),
    ],
)
def test_a_login_in_an_address_is_not_printed(
    address: str, shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to, cache = str(tmp_path / "tables"), str(tmp_path / "cache")
    assert main(["index", address, "--to", to, "--cache", cache]) == 2
    printed = capsys.readouterr()
    assert printed.out == f"{shown}: failed\n"
    assert printed.err.startswith(f"lineage-diff: error: {shown}: ")
    assert "secret" not in printed.err


def test_git_lists_a_whole_history_once_and_for_a_new_store_before_its_tables_are_made(
    past: AuditRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    start, create = GitProcess.start, DeltaStore.create

    def started(git: GitProcess, *arguments: str, **pipes: int) -> Any:
        lists = {
            "history": set(PATHSPECS) <= set(arguments),
            "locks": "--full-history" in arguments,
            "first commit": "--max-parents=0" in arguments,
        }
        done.extend(name for name, is_listed in lists.items() if is_listed)
        return start(git, *arguments, **pipes)

    def created(store: DeltaStore) -> None:
        done.append("create")
        create(store)

    def indexed(repo: GitRepo) -> list[str]:
        done.clear()
        assert main(["index", str(repo.path), "--to", str(tmp_path / "tables")]) == 0
        return list(done)

    monkeypatch.setattr(GitProcess, "start", started)
    monkeypatch.setattr(DeltaStore, "create", created)
    assert indexed(past) == ["first commit", "history", "locks", "create"]
    # The store has to say what is new.
    assert indexed(past) == ["create", "first commit"]
    other = past_repo(tmp_path / "other")
    other.git("remote", "add", "origin", "https://git.acme.com/team/other")
    assert indexed(other) == ["create", "history", "locks"]


def _broken(folder: Path) -> None:
    (log,) = (folder / "generations/_delta_log").glob("*0.json")
    log.write_text("broken\n")


def _newer(folder: Path) -> None:
    (log,) = (folder / "generations/_delta_log").glob("*0.json")
    text = log.read_text()
    assert f'"lineage-diff.schema-version":"{SCHEMA_VERSION}"' in text
    log.write_text(text.replace(f'version":"{SCHEMA_VERSION}"', f'version":"{SCHEMA_VERSION + 1}"'))


def _of_others(folder: Path) -> None:
    (log,) = (folder / "generations/_delta_log").glob("*0.json")
    log.write_text(log.read_text().replace("lineage-diff generations", "sales"))


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (_broken, "the table generations cannot be read or written"),
        (_newer, f"the tables have version {SCHEMA_VERSION + 1} of the schema"),
        (_of_others, "the table generations is not one of lineage-diff"),
    ],
)
def test_a_store_that_cannot_be_used_is_an_error(
    damage: Callable[[Path], None], says: str, past: AuditRepo, store: DeltaStore
) -> None:
    folder = Path(store.address.url)
    damage(folder)
    before = sorted(path.name for path in folder.rglob("*"))
    done = run("index", str(past.path), "--to", str(folder))
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert sorted(path.name for path in folder.rglob("*")) == before


def test_a_table_of_others_below_a_new_store_is_an_error(past: AuditRepo, tmp_path: Path) -> None:
    sales = RecordBatch.from_arrays([Array([1], type=DataType.int64())], names=["sales"])
    write_deltalake(tmp_path / "tables" / "edges", sales)
    done = run("index", "--to", str(tmp_path / "tables"), cwd=past.path)
    assert done.returncode == 2
    assert "the table edges is not one of lineage-diff" in done.stderr
    assert [path.name for path in (tmp_path / "tables").iterdir()] == ["edges"]


def test_an_earlier_version_has_the_models_of_its_time(
    past: AuditRepo,
    store: DeltaStore,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def models(*arguments: str) -> str:
        command = ["org", "models", "--from", store.address.url, "--format", "csv", *arguments]
        assert main(command) == 0
        return capsys.readouterr().out

    answers = []
    for name in ("first", "bad data", "retrained"):
        index(past, store, past.commits[name])
        answers.append(models())
        # The third index deletes the head of the first one.
        time.sleep(snapshot._MARGIN.total_seconds() * 1.1 if name == "first" else 0)
    assert len(set(answers)) == 3
    assert [models("--as-of", str(number)) for number in (1, 2, 3)] == answers
    # The tables have lost that head, as after a third index within the margin.
    monkeypatch.setattr(snapshot, "_MARGIN", timedelta(hours=1))
    assert main(["org", "models", "--from", store.address.url, "--as-of", "1"]) == 2
    assert "do not have all rows of" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("to", "says"),
    [
        ("ftp://host/x", "ftp:// is no address of a store"),
        ("s3://user:secret@bucket/x", "has more than a bucket and a prefix"),
        ("s3://", "has no bucket"),
        (".", "the folder holds other things, such as .dvc"),
    ],
)
def test_an_address_that_is_no_store_is_an_error(to: str, says: str, past: AuditRepo) -> None:
    done = run("index", "--to", to, cwd=past.path)
    assert done.returncode == 2
    assert says in done.stderr
    assert "secret" not in done.stderr
