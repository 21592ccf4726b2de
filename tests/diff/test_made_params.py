"""A params file that a stage makes: causes, graph and history of the stages that use it."""

from collections.abc import Callable
from typing import Any

import pytest

from lineage_diff.app.audit.questions import history
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.history.reader import open_history
from lineage_diff.report.report import Report
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, md5_of, write_runs

Edit = Callable[[GitRepo], Any]


def best(lr: int, seed: int = 7) -> str:
    return f'{{"lr": {lr}, "seed": {seed}}}'


def tuned(grid: str, text: str) -> RecordedRun:
    return RecordedRun({"grid.py": grid}, metrics={"best.json": text}, cmd="tune")


def trained(lr: int, model: str) -> RecordedRun:
    params, file = {"lr": lr}, "best.json"
    return RecordedRun({"train.py": "1\n"}, {"model.pkl": model}, {}, params, "fit", file)


BASE = {"tune": tuned("1\n", best(1)), "train": trained(1, "m")}


def edited(repo: GitRepo) -> None:
    repo.write("grid.py", "2\n")


def tuned_again(repo: GitRepo) -> None:
    edited(repo)
    write_runs(repo, {**BASE, "tune": tuned("2\n", best(2))})


def all_again(repo: GitRepo) -> None:
    edited(repo)
    write_runs(repo, {"tune": tuned("2\n", best(2)), "train": trained(2, "n")})


def other_key(repo: GitRepo) -> None:
    edited(repo)
    write_runs(repo, {**BASE, "tune": tuned("2\n", best(1, seed=8))})


def by_hand(repo: GitRepo) -> None:
    repo.write("best.json", best(3))


def compared(repo: GitRepo, edit: Edit) -> Report:
    repo.write("grid.py", "1\n")
    repo.write("train.py", "1\n")
    write_runs(repo, BASE)
    repo.commit("base")
    edit(repo)
    repo.commit("head")
    return compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report


ARROWS = [
    "file:best.json > stage:dvc.yaml:train",
    "file:train.py > stage:dvc.yaml:train",
    "stage:dvc.yaml:train > file:model.pkl",
    "stage:dvc.yaml:tune > file:best.json",
]
GRID = [*ARROWS, "file:grid.py > stage:dvc.yaml:tune"]
CODE = (
    "code",
    "grid.py",
    f"md5:{md5_of('1' + chr(10))}",
    f"md5:{md5_of('2' + chr(10))}",
    ("dvc.yaml:tune", "dvc.yaml:train"),
)
BY_HAND = (
    "data",
    "best.json",
    f"md5:{md5_of(best(1))}",
    f"md5:{md5_of(best(3))}",
    ("dvc.yaml:train",),
)


@pytest.mark.parametrize(
    ("edit", "state", "cause", "looks", "arrows"),
    [
        (edited, ("unchanged", "stale"), CODE, ("affected", "affected", "affected"), GRID),
        (tuned_again, ("unchanged", "stale"), CODE, ("modified", "modified", "affected"), GRID),
        (all_again, ("retrained", "fresh"), CODE, ("modified", "modified", "modified"), GRID),
        (other_key, ("unchanged", "fresh"), CODE, ("modified", "modified", "affected"), GRID),
        (by_hand, ("unchanged", "stale"), BY_HAND, ("modified", "unchanged", "affected"), ARROWS),
    ],
)
def test_what_the_params_file_hands_down(
    git_repo: GitRepo,
    edit: Edit,
    state: tuple[str, str],
    cause: tuple[Any, ...],
    looks: tuple[str, ...],
    arrows: list[str],
) -> None:
    report = compared(git_repo, edit)
    (model,) = report.models
    assert (model.change, model.freshness, model.affected) == (*state, True)
    assert [(c.kind, c.subject, c.old, c.new, c.via) for c in model.causes] == [cause]
    nodes = {node.id: node.change for node in report.graph.nodes}
    drawn = ("file:best.json", "stage:dvc.yaml:tune", "stage:dvc.yaml:train")
    assert tuple(nodes[name] for name in drawn) == looks
    assert [f"{edge['from']} > {edge['to']}" for edge in report.graph.edges] == sorted(arrows)


def test_a_run_on_params_that_were_there_before_caught_up(git_repo: GitRepo) -> None:
    git_repo.write("grid.py", "1\n")
    git_repo.write("train.py", "1\n")
    tune = tuned("1\n", best(2))
    for run in (trained(1, "m"), trained(2, "n")):
        write_runs(git_repo, {"tune": tune, "train": run})
        git_repo.commit()
    report = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report
    (model,) = report.models
    assert (model.change, model.freshness) == ("retrained", "fresh")
    assert [(c.kind, c.subject, c.change, c.old, c.new, c.via) for c in model.causes] == [
        ("param", "best.json:lr", "modified", 1, 2, ("dvc.yaml:train",))
    ]


def test_the_history_goes_on_to_what_made_the_params(git_repo: GitRepo) -> None:
    compared(git_repo, all_again)
    (found,) = history(AuditRequest(open_history(git_repo.path)), "model.pkl").histories
    told = [
        (step.change, [(c.kind, c.subject, c.old, c.new, c.via) for c in step.causes])
        for step in found.steps
    ]
    assert told == [("retrained", [CODE]), ("added", [])]
