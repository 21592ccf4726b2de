"""The page of an audit, as bytes: whole, bounded, the same each time, and shut to all else."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from markupsafe import Markup
from msgspec.structs import replace

from lineage_diff.render.escape.html import code, inert, linked, message, with_columns
from lineage_diff.render.graph import graphviz as render
from lineage_diff.render.html import graph_layout as html_layout
from lineage_diff.render.html.audit import audit_html
from lineage_diff.render.html.graph_svg import short_names
from lineage_diff.render.html.lineage_graph import drawing, graph_of_traces
from lineage_diff.render.html.timeline import LEFT, PANEL, WIDTH, timeline
from lineage_diff.report.answers import History, HistoryStep, MetricValue, RecordedFile
from lineage_diff.report.change import Side
from tests.support.audit_reports import HOSTILE, many_models, report_of, two_models


def test_the_same_report_gives_the_same_bytes() -> None:
    assert audit_html(two_models()) == audit_html(two_models())


def test_the_policy_lets_in_its_own_style_and_script_and_nothing_else() -> None:
    page = audit_html(report_of("x"))
    (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    hashes = {}
    for element in ("style", "script"):
        (text,) = re.findall(rf"<{element}>(.*?)</{element}>", page, re.DOTALL)
        hashes[element] = "sha256-" + b64encode(sha256(text.encode()).digest()).decode()
    assert policy.replace("&#39;", "'").split("; ") == [
        "default-src 'none'",
        f"style-src '{hashes['style']}'",
        f"script-src '{hashes['script']}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]
    assert not re.search(
        r"\sstyle=|\son\w+=|javascript:|<link|<img|<iframe|@import|url\((?!#)", page
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_what_a_repository_says_stays_text(text: str) -> None:
    page, plain = audit_html(report_of(text)), audit_html(report_of("plain"))
    tags = [re.findall(r"<(?!/?(?:bdi|wbr)\b)/?([a-z]+)", each) for each in (page, plain)]
    assert tags[0] == tags[1]
    assert not {"\x1b", "\u202e"} & set(page)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (inert("a<b>\u202e"), "a&lt;b&gt;\\u202e"),
        (inert("\u05d0 b"), "<bdi>\u05d0 b</bdi>"),
        (code(""), "<code>&#34;&#34;</code>"),
        (code("\u05d0"), "<code>\u05d0</code>"),
        (message("no `a<b>` here"), "no <code>a&lt;b&gt;</code> here"),
        (message("one ` only"), "one ` only"),
        (linked("x", "javascript:alert(1)"), "<code>x</code>"),
        (linked("x", 'https://a.example/"onclick="b'), "<code>x</code>"),
        (
            linked("x", "https://a.example/?a=1&b=2"),
            '<a href="https://a.example/?a=1&amp;b=2" rel="noopener noreferrer"><code>x</code></a>',
        ),
    ],
)
def test_escapes(shown: str, expected: str) -> None:
    assert shown == expected


def test_the_graph_holds_what_each_run_used() -> None:
    graph = graph_of_traces(two_models().traces)
    assert [(edge["from"], edge["to"]) for edge in graph.edges] == [
        ("input:raw.csv", "stage:dvc.yaml:prepare"),
        ("input:src/0.py", "stage:dvc.yaml:train-0"),
        ("input:src/1.py", "stage:dvc.yaml:train-1"),
        ("stage:dvc.yaml:prepare", "stage:dvc.yaml:train-0"),
        ("stage:dvc.yaml:prepare", "stage:dvc.yaml:train-1"),
        ("stage:dvc.yaml:train-0", "model:models/0.pkl"),
        ("stage:dvc.yaml:train-1", "model:models/1.pkl"),
    ]


@pytest.mark.parametrize(
    ("out", "dep", "linked"),
    [
        ("data", "data/part/a.csv", True),
        ("data/part/a.csv", "data", True),
        ("data", "database", False),
    ],
    ids=["inside", "around", "beside"],
)
def test_the_graph_links_runs_by_the_rule_of_dvc(out: str, dep: str, linked: bool) -> None:
    trace = two_models().traces[0]
    first, second = trace.runs
    used, made = (RecordedFile(path, Side(None)) for path in (dep, out))
    runs = (replace(first, deps=(used,)), replace(second, outs=(made,)))
    edges = graph_of_traces([replace(trace, runs=runs)]).edges
    assert ({"from": "stage:dvc.yaml:prepare", "to": f"stage:{first.stage}"} in edges) == linked


def test_every_node_is_drawn_inside_of_the_picture() -> None:
    drawn = drawing(two_models().traces, 2)
    assert drawn is not None
    assert {
        node.looks.chapter: node.looks.style
        for node in drawn.nodes
        if node.looks.chapter is not None
    } == {
        0: "stale",
        1: "fresh",
    }
    for node in drawn.nodes:
        spot = node.spot
        assert spot.width / 2 <= spot.x <= drawn.width - spot.width / 2
        assert spot.height / 2 <= spot.y <= drawn.height - spot.height / 2
    assert len(drawn.edges) == 7


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("models/churn.pkl", "models/churn.pkl"),
        ("work/of/the/team/models/region/north/model.pkl", "…/team/models/region/north/model.pkl"),
        ("a/" + "x" * 50 + ".pkl", "x" * 18 + "…" + "x" * 13 + ".pkl"),
    ],
    ids=["short", "long", "one long name"],
)
def test_a_long_path_is_drawn_by_its_end(path: str, shown: str) -> None:
    trace = replace(two_models().traces[0], path=path)
    drawn = drawing([trace], 1)
    assert drawn is not None
    (model,) = (node for node in drawn.nodes if node.looks.chapter is not None)
    assert model.name == shown
    assert model.names == (path,)


def test_a_large_graph_leaves_out_code_before_it_folds_models() -> None:
    report = many_models(205, 2)
    drawn = drawing(report.traces, 200)
    assert drawn is not None
    assert sum(node.node.kind == "model" for node in drawn.nodes) == 205
    page = audit_html(report)
    assert "205 code files are not shown." in page
    assert "similar nodes" not in page


def test_a_larger_one_is_folded_and_says_so() -> None:
    report = many_models(700, 2)
    drawn = drawing(report.traces, 200)
    assert drawn is not None
    assert len(drawn.nodes) <= 600
    assert f"{len(drawn.nodes)} nodes for 1,402 sources" in audit_html(report)


def test_without_graphviz_the_page_has_no_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render, "programs", lambda: iter(()))
    page = audit_html(two_models())
    assert 'id="viewport"' not in page
    assert "raw.csv" in page


def test_a_layout_that_takes_too_long_is_given_up(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "dot"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setattr(render, "programs", lambda: iter([str(slow)]))
    assert html_layout.lay_out({"n0": (72, 36)}, [], 0.05) is None


def history_of(*numbers: float | None) -> History:
    steps = [
        HistoryStep(
            None,
            "m",
            "retrained",
            None,
            Side(None),
            Side(None),
            metrics=() if number is None else (MetricValue("f.json", "a", number),),
        )
        for number in numbers
    ]
    return History("m", None, tuple(reversed(steps)))


def test_values_stand_at_their_height() -> None:
    plots = timeline(history_of(0.8, 0.6, None, 0.7, 1.0))
    assert plots is not None
    (panel,) = plots.panels
    assert [mark.text for mark in panel.marks] == ["0.8", "0.6", "0.7", "1"]
    shares = [(panel.bottom - mark.y) / PANEL for mark in panel.marks]
    assert shares == pytest.approx([0.5, 0, 0.25, 1], abs=0.01)
    assert [mark.x for mark in panel.marks] == [LEFT, 263.0, 597.0, 764.0]
    assert (panel.first, panel.last) == ("0.8", "1")
    assert panel.path.count("M") == 2


@pytest.mark.parametrize(
    "numbers",
    [(1e308, -1e308), (5.0, 5.0), (10**400, 1), (float("nan"), 1.0), (None, None)],
    ids=["far apart", "the same", "beyond floats", "no number", "none"],
)
def test_odd_numbers_are_drawn_in_the_panel_or_not_at_all(numbers: tuple[float, float]) -> None:
    plots = timeline(history_of(*numbers))
    assert plots is not None
    for panel in plots.panels:
        assert all(panel.top <= mark.y <= panel.bottom for mark in panel.marks)


def test_a_long_history_is_a_line_of_lowest_and_highest() -> None:
    numbers = [0.5] * 1000
    numbers[500] = 0.9
    plots = timeline(history_of(*numbers))
    assert plots is not None
    (panel,) = plots.panels
    assert not panel.marks
    assert panel.path.count("L") < 2 * 1000 / plots.each + 2
    heights = [float(point.partition(",")[2]) for point in re.split("[ML]", panel.path)[1:]]
    assert min(heights) == panel.top
    assert all(LEFT <= label.x <= WIDTH for label in plots.dates)


def test_one_version_is_no_timeline() -> None:
    assert timeline(history_of(0.5)) is None


def test_a_large_report_is_told_in_part_and_says_so() -> None:
    page = audit_html(many_models(210, 30))
    assert len(page) < 6_000_000
    assert page.count('<section class="subject"') == 200
    assert "The report's JSON has the same for 10 more models." in page
    assert page.count("… and 10 more, in the report's JSON") == 200


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("data/customers.csv", ["data/", "customers.csv"]),
        ("a//b/", ["a/", "/", "b/"]),
        ("model_checkpoint.weights.best.h5", ["model_", "checkpoint.", "weights.", "best.", "h5"]),
        ("a<b>/c&d", ["a&lt;b&gt;/", "c&amp;d"]),
        ("train.learning_rate", ["train.learning_rate"]),
    ],
)
def test_a_line_ends_between_the_parts_of_a_name(name: str, lines: list[str]) -> None:
    assert code(name) == f"<code>{'<wbr>'.join(lines)}</code>"


def test_each_cell_has_the_name_of_its_column() -> None:
    rows = Markup(
        '<tr id="a"><th scope="row">x</th><td>y</td></tr>\n<tr><td colspan="2">more</td></tr>'
    )
    assert with_columns(rows, ("One", "Two")) == (
        '<tr id="a"><th data-column="One" scope="row">x</th><td data-column="Two">y</td></tr>\n'
        '<tr><td colspan="2">more</td></tr>'
    )
    with pytest.raises(TypeError):
        with_columns("<tr><td>", ("One",))


def test_long_names_of_one_end_are_told_apart_in_the_graph() -> None:
    names = [f"results/sim/{kind}_flow_of_a_very_long_name/model_checkpoint.h5" for kind in "ab"]
    apart = short_names({*names, "models/churn.pkl"})
    assert apart["models/churn.pkl"] == "models/churn.pkl"
    assert all(f"{kind}_flow" in apart[name] for kind, name in zip("ab", names, strict=True))
    assert len(set(apart.values())) == len(apart)


def test_names_that_differ_in_a_folder_show_the_folder_around_it() -> None:
    names = {
        f"experiments/results/{name}/…/model_checkpoint.weights.h5"
        for name in ("benchmark", "simulation")
    }
    assert sorted(short_names(names).values()) == ["…/results/benchmark…", "…/results/simulation…"]


def test_long_stages_of_a_matrix_are_told_apart_in_the_graph() -> None:
    names = [
        f"train@{data}-resnet{depth}-adam-with-warmup-and-cosine-decay-and-early-stopping-v2"
        for data in ("imagenet-1k-resized", "imagenet-21k-resized")
        for depth in (18, 34)
    ]
    apart = short_names({*names, "prepare"})
    assert apart["prepare"] == "prepare"
    assert len(set(apart.values())) == len(apart)
    for name in names:
        data, depth = name.removeprefix("train@").split("-resized-resnet")
        assert data.removeprefix("imagenet") in apart[name]
        assert f"resnet{depth[:2]}" in apart[name]
