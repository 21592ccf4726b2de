"""A comment at a stage suppresses what is said of the stage, of its outs and of its parts."""

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, write_runs

SCRIPT = "import helper\nimport yaml\nprint(yaml.safe_load(open('params.yaml'))['lr'])\n"


def commit_stages(repo: GitRepo, comment: str = "", params: tuple[str, ...] = ()) -> None:
    """Commit two stages, the comment above the first; `params` are what both of them declare.

    Without params, they ran on scripts that no commit has.
    """
    runs = {
        name: RecordedRun(
            {f"{name}.py": SCRIPT if params else "older\n"},
            {f"models/{name}": name},
            params=dict.fromkeys(params, 1),
            cmd=f"python {name}.py",
        )
        for name in ("train", "tune")
    }
    write_runs(repo, runs)
    repo.write("params.yaml", "lr: 1\n")
    repo.write("helper.py", "x = 1\n")
    for name in runs:
        repo.write(f"{name}.py", SCRIPT)
    text = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
    above = f"  # lineage-diff: ignore[{comment}] by hand\n" if comment else ""
    repo.write("dvc.yaml", text.replace("  train:\n", f"{above}  train:\n"))
    repo.commit()


def findings(repo: GitRepo) -> dict[str, str]:
    """Return the place of each finding of the head, by its rule and subject."""
    report = compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report
    return {
        f"{item.rule} {item.subject}": f"{item.file}:{item.line}"
        for item in report.findings
        if item.rule != "policy-changed"
    }


# By subject: what is told without a comment.
TOLD = {
    "stale-model models/train": "dvc.yaml:2",
    "stale-model models/tune": "dvc.yaml:8",
    "undeclared-dependency dvc.yaml:train:helper.py": "dvc.yaml:2",
    "undeclared-param dvc.yaml:train:params.yaml:lr": "dvc.yaml:2",
    "undeclared-param dvc.yaml:tune:params.yaml:lr": "dvc.yaml:8",
    "unreachable-code dvc.yaml:train:train.py": "dvc.lock:3",
    "unreachable-code dvc.yaml:tune:tune.py": "dvc.lock:15",
}


@pytest.mark.parametrize(
    ("comment", "gone", "more"),
    [
        ("", set(), set()),
        ("unreachable-code", {"unreachable-code dvc.yaml:train:train.py"}, set()),
        ("undeclared-param", {"undeclared-param dvc.yaml:train:params.yaml:lr"}, set()),
        (
            "undeclared-dependency",
            {"undeclared-dependency dvc.yaml:train:helper.py"},
            {"undeclared-dependency dvc.yaml:tune:helper.py"},
        ),
        (
            "undeclared-param, unreachable-code",
            {
                "undeclared-param dvc.yaml:train:params.yaml:lr",
                "unreachable-code dvc.yaml:train:train.py",
            },
            set(),
        ),
        # A new comment suppresses no error.
        ("stale-model", set(), set()),
    ],
)
def test_a_comment_at_a_stage_suppresses_findings_on_its_parts(
    git_repo: GitRepo, comment: str, gone: set[str], more: set[str]
) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.commit()
    commit_stages(git_repo, comment)
    found = findings(git_repo)
    assert found.keys() == (TOLD.keys() - gone) | more
    if not comment:
        assert found == TOLD


@pytest.mark.parametrize(
    ("comment", "told"),
    [
        ("", {"stale-model models/train": "params.yaml:1"}),
        ("cycle", {"stale-model models/train": "params.yaml:1"}),
        ("stale-model", {}),
    ],
)
def test_a_comment_at_a_stage_suppresses_a_finding_placed_elsewhere(
    git_repo: GitRepo, comment: str, told: dict[str, str]
) -> None:
    commit_stages(git_repo, comment, ("lr",))
    git_repo.write("params.yaml", "lr: 2\n")
    git_repo.commit()
    assert findings(git_repo) == {**told, "stale-model models/tune": "params.yaml:1"}
