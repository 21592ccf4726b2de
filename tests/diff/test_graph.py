"""The drawn graph of small changes: each node with its look, and each arrow."""

from collections.abc import Callable, Mapping

import pytest

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.report.graph import Graph
from tests.support.edits import declared, nothing, removed, written
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


def graph_of(
    repo: GitRepo,
    edit: Edit,
    runs: Mapping[str, RecordedRun] = BASE,
    before: Edit = nothing,
) -> Graph:
    repo.write("train.py", "1\n")
    track_data(repo, "raw.csv", "r")
    write_runs(repo, runs)
    before(repo)
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


def tracked_again_and_prepared(repo: GitRepo) -> None:
    track_data(repo, "raw.csv", "r")
    text = (repo.path / "dvc.yaml").read_text(encoding="utf-8")
    repo.write("dvc.yaml", text.replace("cmd: make", "cmd: make all"))


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


def moved(repo: GitRepo) -> None:
    train = TRAIN._replace(outs={"models/m.pkl": "m"})
    write_runs(repo, {**BASE, "train": train})


def renamed(repo: GitRepo) -> None:
    repo.remove("raw.csv.dvc")
    track_data(repo, "new.csv", "r")
    declared("raw.csv", "new.csv")(repo)


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
    "another dep": (
        declared("    - train.py\n", "    - train.py\n    - more.csv\n"),
        {
            **BELOW_TRAIN,
            "file:more.csv": "data modified",
            "file:table.csv": "(data unchanged)",
            "file:train.py": "(code unchanged)",
            "params:params.yaml@dvc.yaml:train": "(params unchanged)",
            "stage:dvc.yaml:train": "stage modified stale",
        },
        ["file:more.csv > stage:dvc.yaml:train", *TRAIN_ARROWS, *REPORT_ARROWS],
        2,
    ),
    "one dep less": (
        declared("    - train.py\n", ""),
        {
            **BELOW_TRAIN,
            "file:model.pkl": "model affected fresh",
            "file:table.csv": "(data unchanged)",
            "file:train.py": "code modified",
            "params:params.yaml@dvc.yaml:train": "(params unchanged)",
            "stage:dvc.yaml:report": "stage affected fresh",
            "stage:dvc.yaml:train": "stage modified fresh",
        },
        [*TRAIN_ARROWS, *REPORT_ARROWS],
        2,
    ),
    "data under another name": (
        renamed,
        {
            **BELOW_DATA,
            "file:new.csv": "data renamed",
            "file:raw.csv": "(data unchanged)",
            "stage:dvc.yaml:prepare": "stage modified stale",
        },
        [
            "file:new.csv > stage:dvc.yaml:prepare",
            *PREPARE_ARROWS,
            *TRAIN_ARROWS,
            *REPORT_ARROWS,
        ],
        0,
    ),
    "model under another name": (
        moved,
        {
            "file:m.json": "(metrics unchanged)",
            "file:model.pkl": "(data unchanged)",
            "file:models/m.pkl": "model renamed fresh",
            "file:table.csv": "(data unchanged)",
            "file:train.py": "(code unchanged)",
            "params:params.yaml@dvc.yaml:train": "(params unchanged)",
            "stage:dvc.yaml:train": "stage modified fresh",
        },
        [*TRAIN_ARROWS, "stage:dvc.yaml:train > file:models/m.pkl"],
        4,
    ),
    "no model any more": (
        lambda repo: write_runs(repo, {"prepare": PREPARE}),
        {
            "file:m.json": "metrics removed",
            "file:model.pkl": "model removed unknown",
            "file:report.html": "data removed",
            "file:table.csv": "(data unchanged)",
            "file:train.py": "(code unchanged)",
            "params:params.yaml@dvc.yaml:train": "(params unchanged)",
            "stage:dvc.yaml:report": "stage removed unknown",
            "stage:dvc.yaml:train": "stage removed unknown",
        },
        [*TRAIN_ARROWS, *REPORT_ARROWS],
        2,
    ),
    "no lock": (
        removed("dvc.lock"),
        {
            "file:model.pkl": "model affected stale",
            "stage:dvc.yaml:train": "(stage unchanged stale)",
        },
        ["stage:dvc.yaml:train > file:model.pkl"],
        8,
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


# Params and deps that lie inside an out, or around one: each with its node, in the out's place.
TUNE = RecordedRun({"raw.csv": "r"}, {"conf": "c"}, cmd="tune")
FED = TRAIN._replace(deps={"train.py": "1\n"}, param_file="conf/p.yaml")
IN_GIT = TUNE._replace(outs={}, metrics={"p.yaml": "lr: 1\n"})
BELOW = {
    "file:m.json": "metrics affected",
    "file:model.pkl": "model affected stale",
    "stage:dvc.yaml:train": "stage affected stale",
}
MADE = [
    "stage:dvc.yaml:train > file:m.json",
    "stage:dvc.yaml:train > file:model.pkl",
]
FROM_DATA = {
    **BELOW,
    "file:raw.csv": "data modified",
    "stage:dvc.yaml:tune": "stage affected stale",
}
INSIDE: dict[str, tuple[dict[str, RecordedRun], Edit, dict[str, str], list[str], int]] = {
    "params that a stage makes": (
        {"tune": TUNE._replace(outs={"p.yaml": "c"}), "train": FED._replace(param_file="p.yaml")},
        tracked_again,
        {**FROM_DATA, "file:p.yaml": "data affected", "file:train.py": "(code unchanged)"},
        [
            "file:p.yaml > stage:dvc.yaml:train",
            "file:raw.csv > stage:dvc.yaml:tune",
            "file:train.py > stage:dvc.yaml:train",
            "stage:dvc.yaml:tune > file:p.yaml",
            *MADE,
        ],
        0,
    ),
    "params that a stage makes, edited": (
        {"tune": IN_GIT, "train": FED._replace(param_file="p.yaml")},
        written("p.yaml", "lr: 2\n"),
        {
            **BELOW,
            "file:p.yaml": "metrics modified",
            "file:train.py": "(code unchanged)",
            "stage:dvc.yaml:tune": "(stage unchanged stale)",
        },
        [
            "file:p.yaml > stage:dvc.yaml:train",
            "file:train.py > stage:dvc.yaml:train",
            "stage:dvc.yaml:tune > file:p.yaml",
            *MADE,
        ],
        1,
    ),
    "params in a folder that a stage makes": (
        {"tune": TUNE, "train": FED},
        tracked_again,
        {
            **FROM_DATA,
            "file:conf": "data affected",
            "file:conf/p.yaml": "params affected",
            "file:train.py": "(code unchanged)",
        },
        [
            "file:conf > file:conf/p.yaml",
            "file:conf/p.yaml > stage:dvc.yaml:train",
            "file:raw.csv > stage:dvc.yaml:tune",
            "file:train.py > stage:dvc.yaml:train",
            "stage:dvc.yaml:tune > file:conf",
            *MADE,
        ],
        0,
    ),
    "a file in a folder that a stage makes": (
        {"tune": TUNE, "train": TRAIN._replace(deps={"conf/t.csv": "t"}, params={})},
        tracked_again,
        {**FROM_DATA, "file:conf": "data affected", "file:conf/t.csv": "(data unchanged)"},
        [
            "file:conf > file:conf/t.csv",
            "file:conf/t.csv > stage:dvc.yaml:train",
            "file:raw.csv > stage:dvc.yaml:tune",
            "stage:dvc.yaml:tune > file:conf",
            *MADE,
        ],
        0,
    ),
    "a folder that a stage makes a file of": (
        {
            "tune": TUNE._replace(outs={"conf/t.csv": "t"}),
            "train": TRAIN._replace(deps={"conf": "t"}, params={}),
        },
        tracked_again,
        {**FROM_DATA, "file:conf": "(code unchanged)", "file:conf/t.csv": "data affected"},
        [
            "file:conf > stage:dvc.yaml:train",
            "file:conf/t.csv > file:conf",
            "file:raw.csv > stage:dvc.yaml:tune",
            "stage:dvc.yaml:tune > file:conf/t.csv",
            *MADE,
        ],
        0,
    ),
}


def tracked_by_git(repo: GitRepo) -> None:
    repo.remove("raw.csv.dvc")
    repo.write("raw.csv", "r")


def tracked_by_dvc(repo: GitRepo) -> None:
    repo.remove("raw.csv")
    track_data(repo, "raw.csv", "r")


@pytest.mark.parametrize(
    ("before", "edit", "look"),
    [
        (nothing, tracked_by_git, "data removed"),
        (tracked_by_git, tracked_by_dvc, "data added"),
    ],
)
def test_the_user_of_data_is_drawn_though_it_is_not_affected(
    git_repo: GitRepo, before: Edit, edit: Edit, look: str
) -> None:
    graph = graph_of(git_repo, edit, before=before)
    assert looks(graph) == {
        "file:raw.csv": look,
        "stage:dvc.yaml:prepare": "(stage unchanged fresh)",
    }
    assert arrows(graph) == ["file:raw.csv > stage:dvc.yaml:prepare"]


def of_dvc_2(repo: GitRepo) -> None:
    file = repo.path / "raw.csv.dvc"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(x for x in lines if "hash: md5" not in x), encoding="utf-8")


def test_data_with_another_name_of_its_hash_is_drawn_unchanged(git_repo: GitRepo) -> None:
    nodes = looks(graph_of(git_repo, tracked_again_and_prepared, before=of_dvc_2))
    assert {key: nodes[key] for key in ("file:raw.csv", "file:table.csv")} == {
        "file:raw.csv": "(data unchanged)",
        "file:table.csv": "data affected",
    }
    assert nodes["stage:dvc.yaml:prepare"] == "stage modified stale"


@pytest.mark.parametrize("case", INSIDE.values(), ids=INSIDE)
def test_what_lies_inside_an_out_is_drawn_beside_it(
    git_repo: GitRepo,
    case: tuple[dict[str, RecordedRun], Edit, dict[str, str], list[str], int],
) -> None:
    runs, edit, nodes, edges, hidden = case
    graph = graph_of(git_repo, edit, runs)
    assert looks(graph) == dict(sorted(nodes.items()))
    assert arrows(graph) == sorted(edges)
    assert graph.hidden == hidden


@pytest.mark.parametrize(
    ("after", "label"),
    [
        ("lr: 2\nb: 2\nc: 3\n", "lr 1 → 2"),
        ("lr: 1\nb: 2\n", "c 3 → –"),
        ("lr: 1\nb: 2\nc: null\n", "c 3 → null"),
        ("lr: 2\nb: 3\nc: 3\n", "b, lr"),
        ("lr: 2\nb: 3\nc: 4\n", "b, c and 1 more"),
        (f"lr: {'x' * 30}\nb: 2\nc: 3\n", f"lr 1 → {'x' * 15}…{'x' * 8}"),
    ],
)
def test_params_are_named_by_the_keys_that_changed(
    git_repo: GitRepo, after: str, label: str
) -> None:
    train = TRAIN._replace(params={"lr": 1, "b": 2, "c": 3})
    graph = graph_of(git_repo, written("params.yaml", after), {**BASE, "train": train})
    assert labels(graph)["params:params.yaml@dvc.yaml:train"] == label


def test_a_new_key_of_a_whole_params_file_has_no_value_before(git_repo: GitRepo) -> None:
    whole = declared("params:\n    - lr", "params:\n    - params.yaml:")
    graph = graph_of(git_repo, written("params.yaml", "lr: 1\nseed: 7\n"), before=whole)
    assert labels(graph)["params:params.yaml@dvc.yaml:train"] == "seed – → 7"


def test_other_nodes_are_named_by_stage_path_or_artifact(git_repo: GitRepo) -> None:
    def named(repo: GitRepo) -> None:
        write_runs(repo, BASE, artifacts={"churn": {"path": "model.pkl", "type": "model"}})
        declared("params:\n    - lr", "params:\n    - params.yaml:")(repo)

    graph = graph_of(git_repo, edited, before=named)
    assert labels(graph) == {
        "file:m.json": "m.json",
        "file:model.pkl": "churn",
        "file:report.html": "report.html",
        "file:table.csv": "table.csv",
        "file:train.py": "train.py",
        "params:params.yaml@dvc.yaml:train": "params.yaml",
        "stage:dvc.yaml:report": "report",
        "stage:dvc.yaml:train": "train",
    }


def labels(graph: Graph) -> dict[str, str]:
    return {node.id: node.label for node in graph.nodes}


FOREACH = """\
stages:
  fit:
    foreach: [a, b]
    do:
      cmd: fit ${item}
      deps: [train.py]
      params: [lr]
      outs: ["o-${item}"]
"""


GENERATED = ("file:o-", "params:params.yaml@dvc.yaml:fit@", "stage:dvc.yaml:fit@")


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
            [f"{node}{item}" for node in GENERATED for item in "ab"],
            ("fit", "dvc.yaml"),
        ),
    }


OTHER = {
    "one": RecordedRun({"o.csv": "o"}, {"o.bin": "p"}),
    "two": RecordedRun({"o.bin": "p"}, {"x": "y"}),
}


def test_what_has_nothing_to_do_with_the_change_is_counted_and_not_drawn(git_repo: GitRepo) -> None:
    graph = graph_of(git_repo, written("train.py", "2\n"), {**BASE, **OTHER})
    drawn = {node.id for node in graph.nodes}
    assert drawn.isdisjoint({"dvc.yaml:one", "dvc.yaml:two", "file:o.csv", "file:o.bin", "file:x"})
    alone = graph_of(git_repo, written("train.py", "3\n"))
    assert drawn == {node.id for node in alone.nodes}
    assert (graph.hidden, alone.hidden) == (5 + alone.hidden, alone.hidden)
