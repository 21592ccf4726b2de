"""Which files of a directory changed, where the `.dvc` file lists them itself."""

from typing import Any

import pytest
import yaml

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.change import DataChange, FilesChange
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, track_data, write_runs

Files = dict[str, str]


def write_listed(repo: GitRepo, folder: str, files: Files | None) -> None:
    """Write the `.dvc` file of a folder with its files; without files, with its hash alone."""
    if files is None:
        out: dict[str, Any] = {"md5": f"{'1' * 32}.dir", "nfiles": 2}
    else:
        items = sorted(files.items())
        listed = [{"relpath": name, "md5": md5_of(text), "size": 1} for name, text in items]
        out = {"files": listed}
    outs = [{"path": folder, "hash": "md5", **out}]
    repo.write(f"{folder}.dvc", yaml.safe_dump({"outs": outs}))


def compared(repo: GitRepo, before: Files | None, after: Files | None) -> dict[str, DataChange]:
    for files in (before, after):
        write_listed(repo, "data", files)
        repo.commit()
    report = compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report
    return {item.path: item for item in report.data}


def changes(found: FilesChange) -> tuple[list[str], tuple[int, int, int, int]]:
    examples = [
        f"{item.change} {item.renamed_from} {item.path}"
        if item.renamed_from
        else f"{item.change} {item.path}"
        for item in found.examples
    ]
    return examples, (found.added, found.removed, found.modified, found.renamed)


MANY = {f"{number}.csv": f"{number}" for number in range(6)}


@pytest.mark.parametrize(
    ("before", "after", "examples", "counts"),
    [
        ({"a": "1"}, {"a": "2"}, ["modified data/a"], (0, 0, 1, 0)),
        ({"a": "1"}, {"a": "1", "b": "2"}, ["added data/b"], (1, 0, 0, 0)),
        ({"a": "1", "b": "2"}, {"a": "1"}, ["removed data/b"], (0, 1, 0, 0)),
        ({"a": "1"}, {"b": "1"}, ["renamed data/a data/b"], (0, 0, 0, 1)),
        ({"a": "1", "c": "3"}, {"a": "1", "in/c": "3"}, ["renamed data/c data/in/c"], (0, 0, 0, 1)),
        ({"a": "1"}, {"a": "1", "b": "1"}, ["added data/b"], (1, 0, 0, 0)),
        (
            {"a": "1", "b": "1"},
            {"c": "1", "d": "1"},
            ["renamed data/a data/c", "renamed data/b data/d"],
            (0, 0, 0, 2),
        ),
        (
            {"a": "1", "b": "2", "c": "3"},
            {"a": "4", "d": "2", "e": "5"},
            ["modified data/a", "removed data/c", "renamed data/b data/d", "added data/e"],
            (1, 1, 1, 1),
        ),
        (
            {"a": "1"},
            {"a": "1", **MANY},
            ["added data/0.csv", "added data/1.csv", "added data/2.csv"],
            (6, 0, 0, 0),
        ),
    ],
)
def test_the_changed_files(
    git_repo: GitRepo,
    before: Files,
    after: Files,
    examples: list[str],
    counts: tuple[int, int, int, int],
) -> None:
    data = compared(git_repo, before, after)["data"]
    assert data.change == "modified"
    assert data.files is not None
    assert changes(data.files) == (examples, counts)
    assert data.files.unknown is None


@pytest.mark.parametrize(
    ("before", "after"), [(None, {"a": "1"}), ({"a": "1"}, None)], ids=["base", "head"]
)
def test_files_of_a_folder_need_a_list_at_both_commits(
    git_repo: GitRepo, before: Files | None, after: Files | None
) -> None:
    assert compared(git_repo, before, after)["data"].files is None


@pytest.mark.parametrize(
    ("after", "affected"),
    [
        ({"in/a": "1", "b": "2"}, []),
        ({"in/a": "1"}, []),
        ({"in/a": "1", "b": "1", "c": "3"}, []),
        ({"in/a": "2", "b": "1"}, [("model.pkl", ["data"])]),
        ({"b": "1"}, [("model.pkl", ["data"])]),
    ],
    ids=["other file", "other removed", "added", "that file", "it is gone"],
)
def test_a_model_from_one_file_is_not_affected_by_the_others(
    git_repo: GitRepo, after: Files, affected: list[tuple[str, list[str]]]
) -> None:
    run = RecordedRun(deps={"data/in/a": "1"}, outs={"model.pkl": "m"})
    for files in ({"in/a": "1", "b": "1"}, after):
        write_listed(git_repo, "data", files)
        write_runs(git_repo, {"train": run})
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    found = [
        (model.path, [cause.subject for cause in model.causes])
        for model in report.models
        if model.affected
    ]
    assert found == affected


def test_a_file_that_moves_out_of_a_folder_is_renamed(git_repo: GitRepo) -> None:
    write_listed(git_repo, "data", {"a": "1", "b": "2"})
    track_data(git_repo, "single.csv", "3")
    git_repo.commit()
    write_listed(git_repo, "data", {"b": "2", "c": "3"})
    git_repo.remove("single.csv.dvc")
    track_data(git_repo, "other.csv", "1")
    git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    found = {item.path: item for item in report.data}
    assert {path: item.change for path, item in found.items()} == {
        "data": "modified",
        "other.csv": "added",
        "single.csv": "removed",
    }
    assert found["data"].files is not None
    assert changes(found["data"].files) == (
        ["renamed single.csv data/c", "renamed data/a other.csv"],
        (0, 0, 0, 2),
    )


def test_an_added_and_a_removed_folder(git_repo: GitRepo) -> None:
    write_listed(git_repo, "old", {"a": "1", "b": "2"})
    git_repo.commit()
    git_repo.remove("old.dvc")
    write_listed(git_repo, "new", {"c": "3"})
    git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    found = {item.path: item for item in report.data}
    told = {
        path: (item.change, changes(item.files) if item.files else None)
        for path, item in found.items()
    }
    assert told == {
        "new": ("added", (["added new/c"], (1, 0, 0, 0))),
        "old": ("removed", (["removed old/a", "removed old/b"], (0, 2, 0, 0))),
    }
