"""What a report concludes, from the findings of its commits."""

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.lint import LintRequest, lint
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.report.findings import Verdict
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

TRAIN = RecordedRun({"train.py": "1\n"}, {"model.pkl": "m"})
POLICY = ".github/lineage-diff.yml"


@pytest.mark.parametrize(
    ("script", "rules", "conclusion", "errors", "warnings"),
    [
        ("1\n", "", "success", 0, 0),
        ("2\n", "", "failure", 1, 0),
        ("2\n", "rules: {stale-model: warning}\n", "success", 0, 1),
        ("2\n", "rules: {stale-model: info}\n", "success", 0, 0),
        ("2\n", "rules: {stale-model: 'off'}\n", "success", 0, 0),
    ],
)
def test_a_status_concludes_by_its_worst_finding(
    git_repo: GitRepo, script: str, rules: str, conclusion: str, errors: int, warnings: int
) -> None:
    git_repo.write("train.py", "1\n")
    git_repo.write(POLICY, rules)
    write_runs(git_repo, {"train": TRAIN})
    git_repo.commit()
    git_repo.write("train.py", script)
    git_repo.commit("edit")
    verdict = status_of(StatusRequest(git_repo.path)).report.verdict
    assert (verdict.conclusion, verdict.errors, verdict.warnings) == (conclusion, errors, warnings)


def test_a_change_without_any_stage_is_neutral(git_repo: GitRepo) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.commit()
    git_repo.write("README.md", "x\n")
    git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", "HEAD")).report
    assert report.verdict == Verdict("neutral", 0, 0)


@pytest.mark.parametrize(
    ("pipeline", "files", "conclusion"),
    [
        ("stages: {}\n", (), "neutral"),
        ("stages: {t: {cmd: x}}\n", (), "success"),
        ("stages: {t: {cmd: x}}\n", ("dvc.yaml",), "success"),
        ("stages: {}\n", ("dvc.yaml",), "success"),
        ("stages: [\n", (), "failure"),
        ("stages: [\n", ("dvc.yaml",), "failure"),
        ("stages: [\n", ("other.yaml",), "success"),
        ("stages: [\n", (".",), "failure"),
        ("stages: [\n", ("sub",), "success"),
        ("stages: [\n", ("sub", "dvc.yaml"), "failure"),
    ],
)
def test_lint_concludes_by_the_named_files(
    git_repo: GitRepo,
    monkeypatch: pytest.MonkeyPatch,
    pipeline: str,
    files: tuple[str, ...],
    conclusion: str,
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("dvc.yaml", pipeline)
    git_repo.write("other.yaml", "")
    git_repo.write("sub/other.yaml", "")
    git_repo.commit()
    monkeypatch.chdir(git_repo.path)
    verdict = lint(LintRequest(files=files)).report.verdict
    assert (verdict.conclusion, verdict.errors) == (conclusion, int(conclusion == "failure"))
