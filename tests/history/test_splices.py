"""Lock entries that a merge put together: real merges of what the real DVC ran, case by case."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lineage_diff.app.audit.questions import audit, trace
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.lint import LintRequest, lint
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.history.reader import open_history
from lineage_diff.report.report import Report
from tests.support.dvc_repo import DvcRepo, DvcShell, dvc_environment

PIPELINE = """\
stages:
  p1:
    cmd: cp d1 o1
    deps: [d1]
    outs: [o1]
  p2:
    cmd: cp d2 o2
    deps: [d2]
    outs: [o2]
  train:
    cmd: cat o1 o2 > model.pkl
    deps: [o1, o2, train.py]
    params: [depth, lr]
    outs: [model.pkl]
  alone:
    cmd: cp d3 alone.txt && cp d4 beside.txt
    deps: [d3, d4]
    outs: [alone.txt, beside.txt]
"""
RENAMED = PIPELINE.replace("  train:", "  fit:")
BRANCHES: dict[str, dict[str, str]] = {
    "x": {"d1": "2\n"},
    "y": {"d2": "3\n"},
    "code": {"train.py": "# better\n"},
    "three": {"d3": "3\n"},
    "four": {"d4": "4\n"},
    "renamed": {"dvc.yaml": RENAMED, "d1": "2\n"},
    "depth": {"params.yaml": "depth: 9\nlr: 1\n", "d1": "9\n"},
    "rate": {"params.yaml": "depth: 1\nlr: 9\n", "d2": "9\n"},
}


class Project:
    """A copy of the repository whose branches were run, each on an input of its own."""

    def __init__(self, repo: DvcRepo) -> None:
        self.repo = repo
        self.git = repo.git

    def on(self, branch: str) -> None:
        self.git("checkout", "-q", "-f", branch)
        self.repo.dvc("checkout", "-q", "--force")

    def merge(self, *branches: str, to: str = "y", by: str = "ours") -> None:
        self.on(to)
        self.git("merge", "-q", "--no-ff", "-X", by, "-m", "Merge", *branches)

    def run(self, *options: str) -> None:
        self.repo.dvc("checkout", "-q", "--force")
        self.repo.dvc("repro", "-q", *options)

    def save(self) -> None:
        self.repo.save("Change")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shell: DvcShell) -> DvcRepo:
    repo = DvcRepo(tmp_path_factory.mktemp("splices") / "repo", shell)
    repo.files({"dvc.yaml": PIPELINE, "params.yaml": "depth: 1\nlr: 1\n", "train.py": "#\n"})
    repo.files({f"d{number}": "1\n" for number in range(1, 5)})
    repo.repro("Run")
    for branch, files in BRANCHES.items():
        repo.git("checkout", "-q", "-b", branch, "main")
        repo.files(files)
        if branch == "renamed":
            repo.edit("dvc.lock", "  train:", "  fit:")
        repo.repro(f"Run {branch}")
        repo.git("checkout", "-q", "main")
        repo.dvc("checkout", "-q", "--force")
    return repo


@pytest.fixture
def project(made: DvcRepo, tmp_path: Path) -> Project:
    shutil.copytree(made.path, tmp_path / "copy", symlinks=True)
    return Project(made.copied(tmp_path / "copy"))


def spelled_otherwise(project: Project) -> None:
    """Write the hashes of the merged lock with an escape, as DVC may read and never writes them."""
    spliced(project)
    lock = project.repo.path / "dvc.lock"
    escaped = re.sub(
        r"md5: ([0-9a-f])([0-9a-f]+)\n",
        lambda found: f'md5: "\\x{ord(found[1]):x}{found[2]}"\n',
        lock.read_text(),
    )
    project.repo.write("dvc.lock", escaped)
    project.git("commit", "-q", "-a", "--amend", "--no-edit")


def clean_merge(project: Project) -> None:
    project.merge("three")


def spliced(project: Project) -> None:
    project.merge("x")


def took_one_side(project: Project) -> None:
    project.on("y")
    project.git("merge", "-q", "-s", "ours", "--no-commit", "x")
    project.git("checkout", "-q", "x", "--", "dvc.lock", "d1")
    project.save()


def ran_in_the_merge(project: Project) -> None:
    project.on("y")
    project.git("merge", "-q", "-s", "ours", "--no-commit", "x")
    project.git("checkout", "-q", "x", "--", "d1")
    project.run()
    project.save()


def ran_after_it(project: Project) -> None:
    spliced(project)
    project.run("--force", "train")
    project.save()


def edited_after_it(project: Project) -> None:
    spliced(project)
    project.repo.files({"d3": "9\n"})
    project.run()
    project.save()


def reverted(project: Project) -> None:
    spliced(project)
    project.git("revert", "--no-edit", "-m", "1", "HEAD")


def reverted_twice(project: Project) -> None:
    reverted(project)
    project.git("revert", "--no-edit", "HEAD")


def ran_and_reverted(project: Project) -> None:
    ran_after_it(project)
    project.git("revert", "--no-edit", "HEAD")


def cherry_picked(project: Project) -> None:
    project.on("y")
    project.git("cherry-pick", "-X", "ours", "x")


def squashed(project: Project) -> None:
    project.on("y")
    project.git("merge", "-q", "--squash", "-X", "ours", "x")
    project.save()


def renamed(project: Project) -> None:
    project.merge("renamed")


def renamed_whole(project: Project) -> None:
    project.on("y")
    project.git("merge", "-q", "-s", "ours", "--no-commit", "renamed")
    for file in ("dvc.yaml", "dvc.lock"):
        text = (project.repo.path / file).read_text()
        project.repo.write(file, text.replace("  train:", "  fit:"))
    project.save()


def merged_into_it(project: Project) -> None:
    spliced(project)
    project.git("checkout", "-q", "-b", "topic", "main")
    project.repo.write("README.md", "new\n")
    project.save()
    project.git("merge", "-q", "-m", "Merge", "y")


def octopus(project: Project) -> None:
    spliced(project)
    tree = project.git("rev-parse", "HEAD^{tree}")
    parents = [part for branch in ("y~1", "x", "three") for part in ("-p", branch)]
    merge = project.git("commit-tree", tree, *parents, "-m", "Three at once")
    project.git("reset", "-q", "--hard", merge)


def took_theirs(project: Project) -> None:
    project.merge("x", by="theirs")


def ran_without_force(project: Project) -> None:
    """DVC takes the entry for a run, and runs nothing."""
    spliced(project)
    project.run()
    assert project.git("status", "--porcelain") == ""


def kept_our_lock(project: Project) -> None:
    project.on("y")
    project.git("merge", "-q", "-s", "ours", "--no-commit", "x")
    project.git("checkout", "-q", "x", "--", "d1")
    project.save()


def kept_our_lock_and_ran(project: Project) -> None:
    kept_our_lock(project)
    project.run()
    project.save()


def rebased(project: Project) -> None:
    project.on("y")
    project.git("rebase", "-q", "-X", "theirs", "x")


def rebased_and_ran(project: Project) -> None:
    rebased(project)
    project.run("--force", "train")
    project.save()


def rebased_with_its_merge(project: Project) -> None:
    spliced(project)
    project.git("checkout", "-q", "-b", "moved", "main")
    project.repo.write("README.md", "new\n")
    project.save()
    project.git("checkout", "-q", "y")
    project.git("rebase", "-q", "--rebase-merges", "-X", "ours", "moved")


def merged_back_after_a_run(project: Project) -> None:
    """A branch from before the run is merged after it."""
    spliced(project)
    project.git("checkout", "-q", "-b", "late")
    project.repo.write("README.md", "new\n")
    project.save()
    project.on("y")
    project.run("--force", "train")
    project.save()
    project.git("merge", "-q", "--no-ff", "-m", "Merge", "late")


def removed_on_one_side(project: Project) -> None:
    project.git("checkout", "-q", "-b", "without", "main")
    for file in ("dvc.yaml", "dvc.lock"):
        text = (project.repo.path / file).read_text()
        kept = re.sub(r"^  alone:\n(?:   .*\n)+", "", text, flags=re.MULTILINE)
        project.repo.write(file, kept)
    project.save()
    project.merge("without", to="x")


def mixed_params(project: Project) -> None:
    project.merge("depth", to="rate")


def only_code(project: Project) -> None:
    project.merge("code")


def results_of_both(project: Project) -> None:
    project.merge("three", to="four")


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (clean_merge, []),
        (spliced, [("dvc.yaml:train", "error")]),
        (spelled_otherwise, [("dvc.yaml:train", "error")]),
        (took_one_side, []),
        (ran_in_the_merge, []),
        (ran_after_it, []),
        (edited_after_it, [("dvc.yaml:train", "error")]),
        (reverted, []),
        (reverted_twice, [("dvc.yaml:train", "error")]),
        (ran_and_reverted, [("dvc.yaml:train", "error")]),
        (cherry_picked, []),
        (squashed, []),
        (renamed, [("dvc.yaml:fit", "error")]),
        (renamed_whole, []),
        (merged_into_it, [("dvc.yaml:train", "error")]),
        (octopus, [("dvc.yaml:train", "error")]),
        (took_theirs, [("dvc.yaml:train", "error")]),
        (ran_without_force, [("dvc.yaml:train", "error")]),
        (kept_our_lock, []),
        (kept_our_lock_and_ran, []),
        (rebased, []),
        (rebased_and_ran, []),
        (rebased_with_its_merge, [("dvc.yaml:train", "error")]),
        (merged_back_after_a_run, []),
        (removed_on_one_side, []),
        (mixed_params, [("dvc.yaml:train", "error")]),
        (only_code, [("dvc.yaml:train", "warning")]),
        (results_of_both, [("dvc.yaml:alone", "warning")]),
    ],
)
def test_what_a_merge_put_together(
    project: Project, make: Callable[[Project], None], expected: list[tuple[str, str]]
) -> None:
    make(project)
    head = status_of(StatusRequest(project.repo.path)).report
    assert found(head) == expected
    states = {stage.name: stage.freshness for stage in head.stages}
    assert all(states[name] != "fresh" for name, _ in expected)
    since_main = compare_revisions(Request(project.repo.path, "main", direct=True)).report
    assert found(since_main) == expected
    assert "freshness-lost" not in {finding.rule for finding in since_main.findings}


@pytest.mark.parametrize(("branch", "stage"), [("x", "train"), ("renamed", "fit")])
def test_what_a_union_merge_leaves_is_refused(project: Project, branch: str, stage: str) -> None:
    """Both sides in one entry: DVC refuses the lock, and no entry of it counts as a run."""
    attributes = project.repo.path / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("dvc.lock merge=union\n")
    project.merge(branch)
    head = status_of(StatusRequest(project.repo.path)).report
    assert {finding.rule for finding in head.findings} & {"duplicate-key", "invalid-pipeline"}
    states = {item.name: item.freshness for item in head.stages}
    assert states[f"dvc.yaml:{stage}"] != "fresh"
    since_main = compare_revisions(Request(project.repo.path, "main", direct=True)).report
    assert any(finding.severity == "error" for finding in since_main.findings)
    assert not found(head) + found(since_main)
    with pytest.raises(AssertionError, match=r"dvc\.lock"):
        project.repo.dvc("status")


def test_dvc_takes_a_spliced_entry_for_a_run(project: Project) -> None:
    spliced(project)
    project.repo.dvc("checkout", "-q", "--force")
    dvc = (str(Path(sys.executable).with_name("dvc")), "status")
    run = subprocess.run(
        dvc, cwd=project.repo.path, env=dvc_environment(), capture_output=True, check=True
    )
    assert b"up to date" in run.stdout


def test_only_merges_of_the_change_are_its_own(project: Project) -> None:
    spliced(project)
    project.git("checkout", "-q", "-b", "topic")
    project.repo.write("README.md", "new\n")
    project.save()
    assert found(compare_revisions(Request(project.repo.path, "y")).report) == []
    merged = compare_revisions(Request(project.repo.path, "y~1")).report
    assert found(merged) == [("dvc.yaml:train", "error")]


def test_lint_sees_the_merge_that_is_being_made(project: Project) -> None:
    project.on("y")
    project.git("merge", "-q", "--no-commit", "--no-ff", "-X", "ours", "x")
    for staged in (True, False):
        report = lint(LintRequest(project.repo.path, staged=staged)).report
        assert found(report) == [("dvc.yaml:train", "error")]
    project.git("commit", "-q", "--no-verify", "-m", "Merge")
    assert found(lint(LintRequest(project.repo.path)).report) == []


def test_trace_tells_what_the_run_recorded(project: Project) -> None:
    spliced(project)
    repository = open_history(project.repo.path)
    (merged,) = trace(AuditRequest(repository), "model.pkl").traces
    (ran,) = trace(AuditRequest(repository, rev="y~1"), "model.pkl").traces
    assert merged.inputs == ran.inputs
    assert merged.made == ran.made
    assert merged.freshness == "unknown"
    assert [reason.kind for reason in merged.reasons] == ["spliced"]


def test_a_spliced_model_was_not_fresh_when_it_was_made(project: Project) -> None:
    project.merge("x", by="theirs")
    states = [_states(project)]
    project.repo.write("README.md", "new\n")
    project.save()
    states.append(_states(project))
    # Of one model by the history, and of all models by the commit alone.
    assert states == [[("unknown", "unknown")] * 2] * 2


def _states(project: Project) -> list[tuple[str, str | None]]:
    request = AuditRequest(open_history(project.repo.path))
    traces = [trace(request, "model.pkl").traces[0], audit(request).traces[0]]
    return [(item.freshness, item.freshness_then) for item in traces]


def found(report: Report) -> list[tuple[str, str]]:
    return [
        (finding.subject, finding.severity)
        for finding in report.findings
        if finding.rule == "spliced-lock"
    ]
