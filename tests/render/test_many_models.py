"""Reports of many models keep to their budget, leave nothing out, and read as reviewed."""

import re
from collections import Counter
from pathlib import Path

import pytest
from msgspec.structs import replace

from lineage_diff.render.graph.graphviz import WIDEST, svg
from lineage_diff.render.graph.labels import wrap_name
from lineage_diff.render.graph.rows import graph_of
from lineage_diff.render.graph.view import fold
from lineage_diff.render.html.report import report_html
from lineage_diff.render.markdown import ABOVE_FOLDS, markdown
from lineage_diff.render.options import Pictures
from lineage_diff.render.summary import Summary
from lineage_diff.render.terminal import LINES, terminal
from lineage_diff.report.change import ReproAdvice, StageChange, ValueChange
from lineage_diff.report.graph import Graph, Node
from lineage_diff.report.reasons import Cause, Freshness, Reason
from tests.support.comments import above_folds, equal_rows, models_held
from tests.support.many_models import MANY
from tests.support.reports import edge, empty, model

GOLDEN = Path(__file__).parent / "golden"
PICTURES = Pictures("https://x.example/light.png", "https://x.example/dark.png")


@pytest.mark.parametrize("name", sorted(MANY))
def test_a_report_on_many_models_reads_as_reviewed(name: str) -> None:
    """The comment is the job's summary, too, unless it is longer than a comment may be."""
    report = MANY[name]()
    assert markdown(report, PICTURES) == (GOLDEN / f"{name}.md").read_text(encoding="utf-8")
    text = terminal(report, color=False, width=100)
    assert text == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(MANY))
def test_a_comment_on_many_models_keeps_to_its_budget(name: str) -> None:
    report = MANY[name]()
    text = markdown(report, PICTURES)
    above = text.partition("<details>")[0]
    assert len(above.encode()) <= ABOVE_FOLDS + 1_000
    assert 2 < above.count("\n|") <= 14
    assert above.count("<picture>") == 1
    rows = Counter(line for line in text.splitlines() if line.startswith(("| ", "- ")))
    assert not [row for row, count in rows.items() if count > 1 and not set(row) <= set("|:- ")]
    assert len(terminal(report, color=False, width=100).splitlines()) <= LINES


@pytest.mark.parametrize("name", sorted(MANY))
def test_the_folds_hold_every_model(name: str) -> None:
    report = MANY[name]()
    text = markdown(report, PICTURES)
    section = text.partition("<b>All ")[2].partition("</details>")[0]
    found = set()
    folder = ""
    for line in section.splitlines():
        if line.startswith("- "):
            folder = line.partition(": ")[0].partition(" in `")[2].partition("`")[0]
            found.add(line.partition("`")[2].partition("`")[0])
        elif line.startswith("  - "):
            found.add(folder + line.partition("`")[2].partition("`")[0])
    paths = {model.path for model in Summary(report).models}
    assert not section or paths <= found
    assert paths <= models_held(text)
    whole = terminal(report, color=False, width=200, whole=True)
    assert all(path in whole for path in paths)


def test_a_long_path_in_a_row_is_read_back() -> None:
    """The row lets the path break behind each slash."""
    path = "data_and_models/models/sentence_embedding/tf_idf"
    text = markdown(empty(models=(model(path, change="added"),)))
    assert "<wbr>" in text
    assert models_held(text) == {path}


def test_a_path_that_a_row_shortens_is_whole_below_it() -> None:
    paths = {f"results/{'of_one_long_experiment/' * 6}{name}/model.h5" for name in ("gas", "power")}
    report = empty(models=tuple(model(path, change="added") for path in sorted(paths)))
    text = markdown(report)
    assert not paths & models_held(above_folds(text))
    assert paths <= models_held(text)
    whole = "".join(terminal(report, color=False, width=200, whole=True).split())
    assert [path for path in paths if path not in whole] == []
    for short in ("a/model.h5", "b/model.h5"):
        text = markdown(empty(models=(model(short, change="added"),)))
        assert "<details>" not in text


@pytest.mark.parametrize("kind", ["params", "metrics"])
def test_long_keys_and_files_that_differ_in_the_middle_look_different(kind: str) -> None:
    keys = [f"{'a' * 80}.{place}.{'z' * 80}" for place in ("base_kwds", "kwds", "top_kwds")]
    files = [f"{'results/' * 12}{place}/{'long/' * 12}values.yaml" for place in ("gas", "power")]
    changes = {file: {key: ValueChange(old=1, new=2) for key in keys} for file in files}
    report = empty(**{kind: changes})
    assert equal_rows(markdown(report)) == []
    lines = Counter(terminal(report, color=False, width=500, whole=True).splitlines())
    assert [line for line, count in lines.items() if count > 1 and "→" in line] == []
    rows = re.findall(r"<th [^>]*row[^>]*>(.*?)</th>", report_html(report))
    assert len(set(rows)) == len(keys)


@pytest.mark.parametrize(
    ("models", "stage", "light"),
    [
        ((), "fresh", "green"),
        ((), "unknown", "white"),
        ((), "stale", "yellow"),
        (("m.pkl",), "unknown", "green"),
    ],
)
def test_no_light_is_green_where_all_that_is_known_is_a_stage_that_is_not(
    models: tuple[str, ...], stage: Freshness, light: str
) -> None:
    """The unknown stage beside a fresh model has nothing to do with it."""
    change = StageChange("dvc.yaml:t", "dvc.yaml", "modified", ("cmd",), stage)
    report = empty(stages=(change,), models=tuple(model(path) for path in models))
    assert Summary(report).light == light


@pytest.mark.parametrize("name", sorted(MANY))
def test_a_row_is_a_node_and_the_picture_can_be_read(name: str) -> None:
    report = MANY[name]()
    graph = graph_of(report)
    there = {node.id for node in graph.nodes}
    rows = [{f"file:{model.path}" for model in row.models} & there for row in Summary(report).rows]
    nodes = [set(n.members) for n in fold(graph).nodes if n.kind == "model"]
    rows = [row for row in rows if row]
    assert sorted(map(sorted, nodes)) == sorted(map(sorted, rows))
    width = re.search(rb'<svg width="(\d+)', svg(report))
    assert width is not None
    assert int(width[1]) <= WIDEST


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("models/churn.pkl", ("models/churn.pkl",)),
        ("results/sim/…/model_checkpoint.h5", ("results/sim/…/", "model_checkpoint.h5")),
        (
            "experiments/deep/results/benchmark/…/model_checkpoint.h5",
            ("…/deep/results/benchmark/", "…/model_checkpoint.h5"),
        ),
        ("train.learning_rate 0.0001 → 0.001", ("train.learning_rate", "0.0001 → 0.001")),
    ],
)
def test_a_long_name_has_two_lines(name: str, lines: tuple[str, ...]) -> None:
    assert wrap_name(name, 28) == lines


def test_a_few_params_keep_their_values() -> None:
    values = [("x", 1, "1"), ("v", 1.1, "1.1"), ("b", True, "true")]
    causes = tuple(
        Cause("param", f"params.yaml:{name}", "modified", old, new) for name, old, new in values
    )
    reasons = tuple(
        Reason("param-changed", f"params.yaml:{name}", new, old) for name, old, new in values
    )
    stage = StageChange("dvc.yaml:t", "dvc.yaml", "unchanged", (), "stale", reasons)
    report = empty(
        models=(model("m.pkl", freshness="stale", affected=True, causes=causes),), stages=(stage,)
    )
    for text in (markdown(report).replace("`", ""), terminal(report, color=False, width=100)):
        for name, old in (("x", "1"), ("v", "1.1"), ("b", "true")):
            assert f'{name} {old} → "{old}"' in text
            assert f'{name} is "{old}" now, last run with {old}' in text


def test_a_command_with_many_stages_is_behind_a_fold() -> None:
    targets = tuple(f"pipelines/{number}/dvc.yaml:train-the-model" for number in range(100))
    stage = StageChange("dvc.yaml:t", "dvc.yaml", "modified", ("cmd",), "stale")
    report = replace(empty(stages=(stage,)), repro=ReproAdvice(targets))
    command = f"dvc repro {' '.join(targets)}"
    above, _, folded = markdown(report).partition("<details>")
    assert "`dvc repro` with 100 stages, then commit" in above
    assert f"`{command}`" in folded
    short = terminal(report, color=False, width=100)
    assert len(short.splitlines()) <= LINES
    assert "dvc repro with 100 stages, then commit" in short
    whole = " ".join(terminal(report, color=False, width=100, whole=True).split())
    assert f"To fix: {command}, then commit" in whole


def test_the_rows_of_models_are_nodes_among_many_pipelines() -> None:
    """Hundred pipelines of five stages are folded, and two models stay nodes of their own."""
    nodes = [
        Node(f"stage:{n}/dvc.yaml:s{i}", "stage", f"{n}/dvc.yaml:s{i}", "modified", "stale")
        for n in range(100)
        for i in range(5)
    ]
    nodes = [replace(node, pipeline=node.label.partition(":")[0]) for node in nodes]
    models = (model("7/a.pkl", change="added"), model("8/b.pkl", freshness="stale", affected=True))
    for item in models:
        id_ = f"file:{item.path}"
        pipeline = f"{item.path[0]}/dvc.yaml"
        nodes.append(Node(id_, "model", item.path, "modified", item.freshness, pipeline))
    report = empty(models=models)
    report = replace(report, graph=Graph(tuple(nodes), ()))
    drawn = [node for node in fold(graph_of(report)).nodes if node.kind == "model"]
    assert [node.name for node in drawn] == ["7/a.pkl", "8/b.pkl"]


def _trained_and_evaluated(entry: str) -> Graph:
    """Three siblings of two entries: each trains a model of a long name, and evaluates it."""
    nodes: dict[str, Node] = {}
    edges = []
    code = f"experiments/scripts/evaluate_{entry}.py"
    nodes["code"] = Node(f"file:{code}", "code", code, "modified")
    for n in range(3):
        train, evaluate = (f"dvc.yaml:{what}-{entry}@{n}" for what in ("train", "eval"))
        group, after = f"train-{entry}", f"eval-{entry}"
        path, scores = (
            f"experiments/results/{entry}/{n}/{name}"
            for name in ("model_checkpoint.weights.h5", "scores.yaml")
        )
        params = f"params:params.yaml@{train}"
        for node in (
            Node(f"stage:{train}", "stage", train, "modified", "stale", "dvc.yaml", group),
            Node(f"stage:{evaluate}", "stage", evaluate, "modified", "stale", "dvc.yaml", after),
            Node(f"file:{path}", "model", path, "modified", "stale", "dvc.yaml", group),
            Node(f"file:{scores}", "metrics", scores, "modified", None, "dvc.yaml", after),
            Node(params, "params", "train.epochs 10 → 20", "modified", None, "dvc.yaml", group),
        ):
            nodes[node.id] = node
        edges += [
            edge(params, f"stage:{train}"),
            edge(f"stage:{train}", f"file:{path}"),
            edge(f"file:{path}", f"stage:{evaluate}"),
            edge(f"file:{code}", f"stage:{evaluate}"),
            edge(f"stage:{evaluate}", f"file:{scores}"),
        ]
    return Graph(tuple(nodes.values()), tuple(edges))


def test_a_picture_of_five_ranks_of_long_names_is_not_folded_into_one_node() -> None:
    parts = [_trained_and_evaluated(entry) for entry in ("benchmark", "malnutrition", "simulated")]
    nodes = tuple(node for part in parts for node in part.nodes)
    drawn = svg(empty(graph=Graph(nodes, tuple(one for part in parts for one in part.edges))))
    assert drawn.count(b'class="node"') == 18
    assert drawn.count(b"params of 3 stages") == 3
    assert drawn.count("train.epochs 10 → 20".encode()) == 3
