"""Only an import that is still there is outdated, and by what its source still has."""

from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.app.organization.answers import StoreRequest, ask_models, ask_stale
from lineage_diff.app.organization.index import index_repository
from lineage_diff.history.reader import open_history
from lineage_diff.organization.delta import DeltaStore
from tests.support.audit_repo import content
from tests.support.git_repo import GitRepo

HOST = "https://git.acme.com/team"
OUT = "outs:\n- {{md5: {hash}, size: 900, hash: md5, path: {path}}}\n"


def _new(folder: Path, name: str) -> GitRepo:
    repo = GitRepo(folder / name)
    repo.git("remote", "add", "origin", f"{HOST}/{name}.git")
    repo.write(".dvc/config", "")
    return repo


def _added(name: str) -> str:
    return OUT.format(hash=content(name), path="raw.csv")


def _imported(name: str, rev: str) -> str:
    source = f"repo: {{url: {HOST}/data.git, rev_lock: {rev}}}"
    out = OUT.format(hash=content(name), path="used.csv")
    return f"frozen: true\ndeps:\n- path: raw.csv\n  {source}\n{out}"


def _remove(repo: GitRepo, name: str) -> None:
    repo.git("rm", "-q", name)


def _remade(repo: GitRepo) -> None:
    """Have a stage that never ran make what was imported."""
    _remove(repo, "used.csv.dvc")
    repo.write("dvc.yaml", "stages:\n  make: {cmd: make, outs: [used.csv]}\n")


def _broken(repo: GitRepo) -> None:
    repo.write("raw.csv.dvc", "outs: [\n")


GONE = (
    "used.csv",
    "it may be outdated: the indexed commit there has no `raw.csv` of `git.acme.com/team/data` "
    "any more",
)
Change = Callable[[GitRepo], None]
CASES: dict[str, tuple[Change, Change, list[str], list[tuple[str, str]]]] = {
    "as it was": (lambda _: None, lambda _: None, ["used.csv"], []),
    "the import is removed": (lambda _: None, lambda user: _remove(user, "used.csv.dvc"), [], []),
    "the import is made by a stage": (lambda _: None, _remade, [], []),
    "the source is removed": (
        lambda data: _remove(data, "raw.csv.dvc"),
        lambda _: None,
        [],
        [GONE],
    ),
    # What it was, counts.
    "the source cannot be read": (_broken, lambda _: None, ["used.csv"], []),
}


@pytest.mark.parametrize("case", CASES)
def test_an_outdated_import(case: str, store: DeltaStore, tmp_path: Path) -> None:
    change_data, change_user, outdated, unknown = CASES[case]
    data, user = _new(tmp_path, "data"), _new(tmp_path, "user")
    data.write("raw.csv.dvc", _added("good"))
    first = data.commit("First")
    data.write("raw.csv.dvc", _added("better"))
    data.commit("Second")
    user.write("used.csv.dvc", _imported("good", first))
    user.commit("Import")
    for repo, change in ((data, change_data), (user, change_user)):
        repo.write("note.txt", case)
        change(repo)
        repo.commit("Change")
        index_repository(open_history(repo.path), store)
    report = ask_stale(StoreRequest(store.address.url))
    assert [item.path for item in report.outdated_imports] == outdated
    found = [
        (item.subject, item.reason)
        for item in report.unknowns
        if item.repository == "git.acme.com/team/user"
    ]
    assert found == unknown


@pytest.mark.parametrize(
    ("change", "imported_by"),
    [
        (lambda _: None, ("git.acme.com/team/user",)),
        (lambda user: _remove(user, "used.csv.dvc"), ()),
        (_remade, ()),
    ],
    ids=["as it was", "removed", "made by a stage"],
)
def test_who_imports_a_model(
    change: Change, imported_by: tuple[str, ...], store: DeltaStore, tmp_path: Path
) -> None:
    data, user = _new(tmp_path, "data"), _new(tmp_path, "user")
    data.write("dvc.yaml", "artifacts:\n  churn: {path: raw.csv, type: model}\n")
    data.write("raw.csv.dvc", _added("good"))
    user.write("used.csv.dvc", _imported("good", data.commit("First")))
    user.commit("Import")
    change(user)
    user.write("note.txt", "changed")
    user.commit("Change")
    for repo in (data, user):
        index_repository(open_history(repo.path), store)
    (model,) = ask_models(StoreRequest(store.address.url)).models
    assert (model.path, model.imported_by) == ("raw.csv", imported_by)
