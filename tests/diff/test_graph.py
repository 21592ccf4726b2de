"""The drawn graph of small changes: each node with its look, and each arrow."""

from collections.abc import Callable

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.graph import Graph
from tests.support.git_repo import GitRepo
from tests.support.recorded_runs import RecordedRun, track_data, write_runs

PREPARE = RecordedRun({"raw.csv": "r"}, {"table.csv": "t"}, cmd="make")
TRAIN = RecordedRun(
    {"table.csv": "t", "train.py": "1\n"},
    {"model.pkl": "m"},
    {"m.json": '{"accuracy": 0.9}'},
    {"lr": 1},
    cmd="fit",
)
REPORT = RecordedRun({"m.json": TRAIN.metrics["m.json"]}, {"report.html": "h"}, cmd="draw")
BASE = {"prepare": PREPARE, "train": TRAIN, "report": REPORT}
Edit = Callable[[GitRepo], object]


def graph_of(repo: GitRepo, edit: Edit) -> Graph:
    repo.write("train.py", "1\n")
    track_data(repo, "raw.csv", "r")
    write_runs(repo, BASE)
    repo.commit("base")
    edit(repo)
    repo.commit("head")
    return compare_revisions(Request(repo.path, "HEAD~1", direct=True)).report.graph


def looks(graph: Graph) -> dict[str, str]:
    """Return kind, change and freshness of each node, in brackets if it is context."""
    found = {}
    for node in graph.nodes:
        words = " ".join(word for word in (node.kind, node.change, node.freshness) if word)
        found[node.id] = f"({words})" if node.context else words
    return found


def arrows(graph: Graph) -> list[str]:
    return [f"{edge['from']} > {edge['to']}" for edge in graph.edges]


def tracked_again(repo: GitRepo) -> None:
    track_data(repo, "raw.csv", "s")


def imported(repo: GitRepo) -> None:
    source = {"path": "raw.csv", "repo": {"url": "https://example.org/r", "rev_lock": "1" * 40}}
    track_data(repo, "raw.csv", "s", deps=[source])


def edited(repo: GitRepo) -> None:
    repo.write("train.py", "2\n")


def other_rate(repo: GitRepo) -> None:
    repo.write("params.yaml", "lr: 2\n")


def trained_again(repo: GitRepo) -> None:
    train = TRAIN._replace(params={"lr": 2}, outs={"model.pkl": "n"})
    write_runs(repo, {**BASE, "train": train})


def without_report(repo: GitRepo) -> None:
    write_runs(repo, {"prepare": PREPARE, "train": TRAIN})


TRAIN_ARROWS = [
    "file:table.csv > stage:dvc.yaml:train",
    "file:train.py > stage:dvc.yaml:train",
    "params:params.yaml@dvc.yaml:train > stage:dvc.yaml:train",
    "stage:dvc.yaml:train > file:m.json",
    "stage:dvc.yaml:train > file:model.pkl",
]
REPORT_ARROWS = [
    "file:m.json > stage:dvc.yaml:report",
    "stage:dvc.yaml:report > file:report.html",
]
BELOW_TRAIN = {
    "file:m.json": "metrics affected",
    "file:model.pkl": "model affected stale",
    "file:report.html": "data affected",
    "stage:dvc.yaml:report": "stage affected stale",
    "stage:dvc.yaml:train": "stage affected stale",
}
BELOW_DATA = {
    **BELOW_TRAIN,
    "file:raw.csv": "data modified",
    "file:table.csv": "data affected",
    "file:train.py": "(code unchanged)",
    "params:params.yaml@dvc.yaml:train": "(params unchanged)",
    "stage:dvc.yaml:prepare": "stage affected stale",
}
PREPARE_ARROWS = [
    "file:raw.csv > stage:dvc.yaml:prepare",
    "stage:dvc.yaml:prepare > file:table.csv",
]
CASES: dict[str, tuple[Edit, dict[str, str], list[str], int]] = {
    "data": (tracked_again, BELOW_DATA, [*PREPARE_ARROWS, *TRAIN_ARROWS, *REPORT_ARROWS], 0),
    "import": (
        imported,
        {**BELOW_DATA, "file:raw.csv": "import modified"},
        [*PREPARE_ARROWS, *TRAIN_ARROWS, *REPORT_ARROWS],
        0,
    ),
    "code": (
        edited,
        {
            **BELOW_TRAIN,
            "file:table.csv": "(data unchanged)",
            "file:train.py": "code modified",
            "params:params.yaml@dvc.yaml:train": "(params unchanged)",
        },
        [*TRAIN_ARROWS, *REPORT_ARROWS],
        2,
    ),
    "param": (
        other_rate,
        {
            **BELOW_TRAIN,
            "file:table.csv": "(data unchanged)",
            "file:train.py": "(code unchanged)",
            "params:params.yaml@dvc.yaml:train": "params modified",
        },
        [*TRAIN_ARROWS, *REPORT_ARROWS],
        2,
    ),
    "run": (
        trained_again,
        {
            **BELOW_TRAIN,
            "file:model.pkl": "model modified fresh",
            "file:table.csv": "(data unchanged)",
            "file:train.py": "(code unchanged)",
            "params:params.yaml@dvc.yaml:train": "params modified",
            "stage:dvc.yaml:report": "stage affected fresh",
            "stage:dvc.yaml:train": "stage modified fresh",
        },
        [*TRAIN_ARROWS, *REPORT_ARROWS],
        2,
    ),
    "removed stage": (
        without_report,
        {
            "file:m.json": "(metrics unchanged)",
            "file:report.html": "data removed",
            "stage:dvc.yaml:report": "stage removed unknown",
        },
        REPORT_ARROWS,
        7,
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_each_node_and_arrow(
    git_repo: GitRepo, case: tuple[Edit, dict[str, str], list[str], int]
) -> None:
    edit, nodes, edges, hidden = case
    graph = graph_of(git_repo, edit)
    assert looks(graph) == dict(sorted(nodes.items()))
    assert arrows(graph) == sorted(edges)
    assert graph.hidden == hidden


FOREACH = """\
stages:
  fit:
    foreach: [a, b]
    do:
      cmd: fit ${item}
      deps: [train.py]
      outs: ["o-${item}"]
"""


def test_nodes_of_a_foreach_are_of_its_group(git_repo: GitRepo) -> None:
    git_repo.write(".dvc/config", "")
    git_repo.write("train.py", "1\n")
    for command in ("fit", "fit --fast"):
        git_repo.write("dvc.yaml", FOREACH.replace("cmd: fit", f"cmd: {command}"))
        git_repo.commit()
    graph = compare_revisions(Request(git_repo.path, "HEAD~1", direct=True)).report.graph
    assert {node.id: (node.group, node.pipeline) for node in graph.nodes} == {
        "file:train.py": (None, None),
        **dict.fromkeys(
            ("file:o-a", "file:o-b", "stage:dvc.yaml:fit@a", "stage:dvc.yaml:fit@b"),
            ("fit", "dvc.yaml"),
        ),
    }
