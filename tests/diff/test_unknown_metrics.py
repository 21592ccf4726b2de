"""Metrics of which Git has no values: told once, where they changed or may have."""

from typing import Any

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.report import Report
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

RUN = RecordedRun({"train.py": "1\n"}, {"model.pkl": "m"}, cmd="fit")


def compared(repo: GitRepo, before: Any, after: Any) -> Report:
    """Compare two commits of a stage, each with the outs and the `metrics` of `dvc.yaml`."""
    for outs, metrics in (before, after):
        run = RUN._replace(outs={**RUN.outs, **outs})
        repo.write("train.py", "1\n")
        write_runs(repo, {"train": run}, metrics=metrics)
        repo.commit()
    return compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report


HELD = "kept in DVC's cache, not in Git"
ONE, TWO = ({"m.json": "1"}, ["m.json"]), ({"m.json": "2"}, ["m.json"])
NONE: Any = ({}, [])
INSIDE = ({"eval": "1"}, ["eval/m.json"])


@pytest.mark.parametrize(
    ("before", "after", "reason"),
    [
        (ONE, ONE, None),
        (ONE, TWO, HELD),
        (ONE, NONE, HELD),
        (NONE, ONE, HELD),
        (NONE, ({}, ["m.json"]), "not in this commit"),
        (({}, ["m.json"]), NONE, "not in this commit"),
        (NONE, NONE, None),
        # A file in a folder that DVC keeps: the folder has the version.
        (INSIDE, INSIDE, None),
    ],
    ids=["same", "changed", "gone", "new", "absent", "was absent", "none", "inside"],
)
def test_a_metric_that_git_does_not_hold(
    git_repo: GitRepo, before: Any, after: Any, reason: str | None
) -> None:
    report = compared(git_repo, before, after)
    told = [(item.subject, item.reason) for item in report.unknowns]
    assert told == ([("m.json", reason)] if reason else [])
    notes = [(note.file, note.key, note.note, note.reason) for note in report.metric_notes]
    assert notes == ([("m.json", None, "unknown", reason)] if reason else [])
    assert report.metrics == {}
