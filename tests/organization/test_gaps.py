"""Files that no index could read: every answer that may lack them says so, in every format."""

from pathlib import Path

import pytest

from lineage_diff.app.organization.answers import (
    StoreRequest,
    ask_impact,
    ask_models,
    ask_stale,
    ask_trace,
)
from lineage_diff.app.organization.index import index_repository
from lineage_diff.errors import InputError
from lineage_diff.history.reader import open_history
from lineage_diff.organization.delta import DeltaStore
from lineage_diff.report.organization.report import OrganizationReport
from tests.support.audit_repo import AuditRepo, content, past_repo
from tests.support.projects import run

NOW = "it cannot be read at the indexed commit"
THEN = "a DVC file of an earlier commit cannot be read: what was recorded there is not known"


@pytest.fixture
def past(tmp_path: Path) -> AuditRepo:
    return past_repo(tmp_path / "churn")


def _index(repo: AuditRepo, store: DeltaStore, rev: str = "HEAD") -> StoreRequest:
    index_repository(open_history(repo.path), store, rev=rev)
    return StoreRequest(store.address.url)


def _unknown(report: OrganizationReport) -> list[tuple[str, str]]:
    return [(item.subject, item.reason) for item in report.unknowns]


def _named(past: AuditRepo, name: str) -> str:
    return f"commit:{past.commits['first']}:{name}"


def _each(request: StoreRequest, past: AuditRepo) -> dict[str, list[tuple[str, str]]]:
    return {
        "impact": _unknown(ask_impact(request, _named(past, "data.csv"))),
        "trace": _unknown(ask_trace(request, "churn")),
        "stale": _unknown(ask_stale(request)),
        "models": _unknown(ask_models(request)),
    }


def test_a_file_of_the_indexed_commit_is_named_in_every_answer(
    past: AuditRepo, store: DeltaStore
) -> None:
    found = _each(_index(past, store, past.commits["broken lock"]), past)
    for question, unknown in found.items():
        ((subject, reason),) = unknown
        assert subject == "dvc.lock", question
        assert reason == f"{NOW}: Git conflict markers were committed", question


def test_several_files_of_the_indexed_commit_are_counted(
    past: AuditRepo, store: DeltaStore
) -> None:
    for name in ("a", "b", "c"):
        past.write(f"{name}/dvc.yaml", "stages: [\n")
    past.step("broken", "Break three")
    found = _each(_index(past, store), past)
    assert found["stale"] == [("a/dvc.yaml", f"{NOW}, nor can 2 more")]


def test_a_file_of_an_earlier_commit_is_named_where_runs_are_asked_for(
    past: AuditRepo, store: DeltaStore
) -> None:
    request = _index(past, store)
    runs = [("history", THEN)]
    assert _each(request, past) == {"impact": runs, "trace": runs, "stale": [], "models": []}
    past.write("dvc.lock", "<<<<<<< HEAD\n")
    past.step("again", "Break it again")
    past.run("fixed", lr=3, accuracy=0.9, out="five", model="models/churn.pkl")
    past.step("mended", "Mend it")
    _index(past, store)
    ((_, reason),) = _each(request, past)["impact"]
    assert reason.startswith("2 DVC files of earlier commits cannot be read: ")


def test_a_trace_names_the_files_of_its_own_repositories_alone(
    past: AuditRepo, store: DeltaStore, tmp_path: Path
) -> None:
    _index(past, store)
    other = past_repo(tmp_path / "other")
    other.git("remote", "add", "origin", "https://git.acme.com/team/other.git")
    other.write("dvc.yaml", "stages: [\n")
    other.step("broken", "Break it")
    request = _index(other, store)
    assert _unknown(ask_trace(request, _named(past, "churn"))) == [("history", THEN)]
    assert len(ask_impact(request, _named(past, "data.csv")).unknowns) == 3


def test_a_source_without_a_project_is_not_called_not_indexed(
    past: AuditRepo, store: DeltaStore, tmp_path: Path
) -> None:
    address = "https://git.acme.com/team/churn"
    past.git("remote", "add", "origin", f"{address}.git")
    _index(past, store)
    past.git("rm", "-rq", ".dvc", "dvc.yaml", "dvc.lock", "data.csv.dvc")
    past.commit("Leave DVC")
    assert run("index", "--to", store.address.url, cwd=past.path).returncode == 0
    user = past_repo(tmp_path / "user")
    user.git("remote", "add", "origin", "https://git.acme.com/team/user.git")
    source = f"repo: {{url: {address}.git, rev_lock: {past.commits['first']}}}"
    user.write(
        "used.csv.dvc",
        f"frozen: true\ndeps:\n- path: data.csv\n  {source}\n"
        f"outs:\n- {{md5: {content('good')}, size: 900, path: used.csv}}\n",
    )
    user.step("import", "Import the data")
    (gone,) = (
        item for item in ask_models(_index(user, store)).unknowns if item.subject == "repository"
    )
    assert gone.repository == "git.acme.com/team/churn"
    assert gone.reason == (
        "its last indexed commit has no DVC project, and 1 repository imports from it"
    )


def test_a_model_of_no_run_is_said_to_have_none(past: AuditRepo, store: DeltaStore) -> None:
    past.write("plain/dvc.yaml", "artifacts:\n  plain: {path: m.pkl, type: model}\n")
    past.write("plain/m.pkl", "trained by hand")
    past.step("plain", "Add a model that Git tracks")
    request = _index(past, store)
    for name in ("plain", "plain/m.pkl", _named(past, "plain")):
        with pytest.raises(InputError, match="no recorded run made plain/m"):
            ask_trace(request, name)


def test_each_format_says_that_something_is_not_known(
    past: AuditRepo, store: DeltaStore, tmp_path: Path
) -> None:
    past.write("dvc.yaml", "stages: [\n")
    past.step("broken", "Break it")
    request = _index(past, store)
    asked = ("org", "models", "--from", request.url)
    said = "1 model in 1 repository; 1 thing is not known"
    for form in ("terminal", "markdown", "html"):
        assert said in run(*asked, "--format", form, cwd=tmp_path).stdout, form
    rows = run(*asked, "--format", "csv", cwd=tmp_path)
    assert rows.stderr == (
        "lineage-diff: note: the CSV has no rows for 1 thing not known: --format json names them\n"
    )
    saved = run(*asked, "-o", "models.csv", cwd=tmp_path)
    assert saved.stderr.splitlines()[0] == said
    past.git("revert", "-n", "HEAD")
    past.step("mended", "Mend it")
    _index(past, store)
    assert run(*asked, "--format", "csv", cwd=tmp_path).stderr == ""
