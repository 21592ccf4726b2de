"""`freshness-lost`: a submodule that moved on, with an advice that fits."""

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

HELD = {"md5": f"{'1' * 32}.dir", "size": 9, "nfiles": 2}


@pytest.mark.parametrize(
    ("dep", "severity", "end"),
    [
        ("ext", "error", "; if it is intended, first merge an entry of `silence` for"),
        ("ext/data", "warning", "."),
    ],
)
def test_the_advice_is_to_run_with_the_submodule(
    git_repo: GitRepo, dep: str, severity: str, end: str
) -> None:
    write_runs(git_repo, {"train": RecordedRun({dep: HELD}, {"model.pkl": "m"})})
    git_repo.write(".gitmodules", '[submodule "ext"]\n\tpath = ext\n\turl = ../ext\n')
    for commit in ("1" * 40, "2" * 40):
        git_repo.git("add", "-A")
        git_repo.git("update-index", "--add", "--cacheinfo", f"160000,{commit},ext")
        git_repo.git("commit", "-q", "-m", f"ext at {commit[:1]}")
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (found,) = report.findings
    assert (found.rule, found.severity, found.subject) == ("freshness-lost", severity, "model.pkl")
    advice = "Run `dvc repro train` with the submodule checked out, and commit the lock file"
    assert found.hint.startswith(advice + end)
