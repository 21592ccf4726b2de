"""Plots that cannot be drawn say why; nothing outside of the two commits is read for them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lineage_diff import limits
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.dvc.plots.plots import read_plots
from lineage_diff.dvc.plots.source import PlotSide
from lineage_diff.git.repository import open_repository
from lineage_diff.report.change import Unknown
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import decode_report, encode_report
from tests.support.git_repo import GitRepo

ROWS = ("step,loss\n0,1\n1,0.5\n", "step,loss\n0,1\n1,0.4\n")
Files = Mapping[str, str | bytes | None]


def repo(path: Path, plots: Any, before: Files, after: Files) -> GitRepo:
    """A repository in which a `dvc.yaml` holds these plots; `None` removes a file."""
    made = GitRepo(path)
    made.write(".dvc/config", "")
    made.symlink(".dvc/plots/linked.json", "/etc/passwd")
    made.write("dvc.yaml", json.dumps({"plots": plots}))
    for name, files in (("before", before), ("after", after)):
        for file, content in files.items():
            if content is None:
                made.remove(file)
            else:
                made.write(file, content)
        made.commit(name)
        made.git("tag", name)
    return made


def drawings(made: GitRepo) -> tuple[Drawing, ...]:
    return compare_revisions(Request(made.path, "before", "after", direct=True)).report.drawings


def both(before: str | bytes, after: str | bytes, file: str = "a.csv") -> tuple[Files, Files]:
    return {file: before}, {file: after}


PLOTS: dict[str, tuple[Any, tuple[Files, Files], str]] = {
    "a file of the machine": (
        [{"a.csv": {"template": "/etc/passwd"}}],
        both(*ROWS),
        "its template `/etc/passwd` is none of DVC's",
    ),
    "a file above the templates": (
        [{"a.csv": {"template": "../../secret.json"}}],
        ({**both(*ROWS)[0], "secret.json": "{}"}, both(*ROWS)[1]),
        "is none of DVC's",
    ),
    "a template of the head alone": (
        [{"a.csv": {"template": "mine"}}],
        (both(*ROWS)[0], {**both(*ROWS)[1], ".dvc/plots/mine.json": "{}"}),
        "not in `.dvc/plots` of the base",
    ),
    "a template that is a list": (
        [{"a.csv": {"template": "mine"}}],
        ({**both(*ROWS)[0], ".dvc/plots/mine.json": "[]"}, both(*ROWS)[1]),
        "is no JSON object",
    ),
    "a template behind a link": (
        [{"a.csv": {"template": "linked"}}],
        both(*ROWS),
        "is none of DVC's",
    ),
    "no such column": ([{"a.csv": {"y": "nothing"}}], both(*ROWS), "Could not find provided field"),
    "text that is no table": (["a.json"], both("{}", "{", "a.json"), "does not parse"),
    "no list of points": (["a.json"], both('{"a": 1}', '{"a": 2}', "a.json"), "no points"),
    "no text": (["a.csv"], both(ROWS[0], b"\xff\xfe\x00"), "a.csv"),
    "another format": (["a.txt"], both("1", "2", "a.txt"), "no format that DVC plots"),
    "an unknown tag": (["a.yaml"], both("[]", "- !evil x", "a.yaml"), "a.yaml"),
    "too deep": (["a.json"], both("[]", "[" * 5000 + "]" * 5000, "a.json"), "a.json"),
    "lengths that differ": (
        [{"two": {"x": {"b.csv": "step"}, "y": {"a.csv": "loss"}}}],
        ({"a.csv": ROWS[0], "b.csv": "step\n0\n"}, {"a.csv": ROWS[1]}),
        "same length",
    ),
}


@pytest.mark.parametrize("case", PLOTS.values(), ids=PLOTS)
def test_what_cannot_be_drawn_says_why(
    case: tuple[Any, tuple[Files, Files], str], tmp_path: Path
) -> None:
    plots, (before, after), why = case
    made = repo(tmp_path, plots, before, after)
    report = compare_revisions(Request(made.path, "before", "after", direct=True)).report
    (drawing,) = report.drawings
    assert drawing.unknown is not None
    assert Unknown(drawing.id, drawing.unknown) in report.unknowns
    assert why in drawing.unknown
    assert not drawing.rows


@pytest.mark.parametrize("limit", ["PLOT_CELLS", "PLOTS_CELLS", "PLOTS_PARSED"])
def test_files_past_the_limits_are_not_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """The second file does not parse, which the plot would say."""
    monkeypatch.setattr(limits, limit, 3)
    plots = [{"two": {"x": "step", "y": {"a.csv": "loss", "b.json": "loss"}}}]
    made = repo(tmp_path, plots, {"a.csv": ROWS[0]}, {"a.csv": ROWS[1], "b.json": "{"})
    (drawing,) = compare_revisions(
        Request(made.path, "before", "after", direct=True)
    ).report.drawings
    assert drawing.unknown == "too large to draw"


@pytest.mark.parametrize("kept", [1, 1_000])
def test_plots_of_the_same_content_share_what_is_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    """Ten files have two contents, of four values each; the limit allows a third."""
    monkeypatch.setattr(limits, "PLOTS_KEPT", kept)
    monkeypatch.setattr(limits, "PLOTS_PARSED", 9)
    files = [f"{number}.csv" for number in range(5)]
    made = repo(tmp_path, files, dict.fromkeys(files, ROWS[0]), dict.fromkeys(files, ROWS[1]))
    found = drawings(made)
    assert [drawing.id for drawing in found] == files
    drawn = sum(drawing.unknown is None for drawing in found)
    # What is not kept is parsed again.
    assert drawn == (len(files) if kept > 1 else 1)
    assert all(len(drawing.rows) == 4 for drawing in found if drawing.unknown is None)


@pytest.mark.parametrize(
    ("limit", "value", "file", "contents"),
    [
        ("PLOT_BYTES", 10, "a.csv", ROWS),
        ("PLOT_CELLS", 3, "a.csv", ROWS),
        ("PLOTS_CELLS", 3, "a.csv", ROWS),
        ("PLOT_IMAGE_BYTES", 3, "a.png", ("1234", "12345")),
    ],
)
def test_nothing_larger_than_the_limits_is_drawn(
    limit: str,
    value: int,
    file: str,
    contents: tuple[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = repo(tmp_path, [file], *both(*contents, file))
    monkeypatch.setattr(limits, limit, value)
    (drawing,) = drawings(made)
    assert drawing.unknown
    assert not drawing.rows
    assert not drawing.images


def test_the_base_s_template_draws_even_where_the_head_has_another(tmp_path: Path) -> None:
    template = '{"data": {"values": "<DVC_METRIC_DATA>"}, "mark": "%s"}'
    made = repo(
        tmp_path,
        [{"a.csv": {"template": "mine"}}],
        {"a.csv": ROWS[0], ".dvc/plots/mine.json": template % "bar"},
        {"a.csv": ROWS[1], ".dvc/plots/mine.json": template % "point"},
    )
    (drawing,) = drawings(made)
    assert drawing.content is not None
    assert drawing.content["mark"] == "bar"


def test_only_what_changed_is_drawn_and_of_a_folder_its_files(tmp_path: Path) -> None:
    folder = {"plots/a.csv": ROWS[0], "plots/b.csv": ROWS[0], "plots/deep/c.csv": ROWS[0]}
    made = repo(
        tmp_path,
        [
            "plots",
            {"plots/deep": {"template": "simple"}},
            {"named": {"y": {"plots/b.csv": "loss"}}},
        ],
        folder,
        {"plots/a.csv": ROWS[1], "plots/deep/c.csv": ROWS[1]},
    )
    found = {drawing.id: drawing.template for drawing in drawings(made)}
    assert found == {"plots/a.csv": "linear", "plots/deep/c.csv": "simple"}


def test_a_name_of_two_pipelines_is_told_apart_as_dvc_does(tmp_path: Path) -> None:
    made = repo(tmp_path, [{"loss": {"y": {"a.csv": "loss"}}}], *both(*ROWS))
    made.git("checkout", "-q", "before")
    other = json.dumps({"plots": [{"loss": {"y": {"../a.csv": "loss"}}}]})
    made.write("b/dvc.yaml", other)
    made.commit("two")
    made.git("tag", "-f", "before")
    made.write("a.csv", ROWS[1])
    made.commit("changed")
    made.git("tag", "-f", "after")
    assert [drawing.id for drawing in drawings(made)] == ["b/dvc.yaml::loss", "dvc.yaml::loss"]


def test_what_the_cache_holds_is_asked_for_by_its_path(tmp_path: Path) -> None:
    stage = {"cmd": "x", "plots": [{"curve.csv": {"x": "step"}}]}
    made = GitRepo(tmp_path)
    made.write(".dvc/config", "")
    made.write("dvc.yaml", json.dumps({"stages": {"train": stage}}))
    commits = []
    for number in "12":
        out = {"path": "curve.csv", "md5": number * 32, "size": 9}
        lock = {"schema": "2.0", "stages": {"train": {"cmd": "x", "outs": [out]}}}
        made.write("dvc.lock", json.dumps(lock))
        commits.append(made.commit(number))
        made.git("tag", {"1": "before", "2": "after"}[number])
    (drawing,) = drawings(made)
    assert drawing.unknown == "`curve.csv`: kept in DVC's cache, not in Git"
    repository = open_repository(made.path)
    reader = LineageReader(repository)
    sides = [
        PlotSide(repository.snapshot(commit), reader.read(commit), {"curve.csv": rows.encode()}.get)
        for commit, rows in zip(commits, ROWS, strict=True)
    ]
    (drawing,) = read_plots(sides[0], sides[1], ["curve.csv"])
    assert (drawing.x, drawing.y, len(drawing.rows)) == ("step", "loss", 4)


def test_values_that_json_has_not_are_stored_as_text(tmp_path: Path) -> None:
    made = repo(
        tmp_path,
        [{"a.yaml": {"x": "at", "y": "loss"}}],
        *both("- {at: 2024-01-01, loss: 1}", "- {at: 2024-01-02, loss: .nan}", "a.yaml"),
    )
    report = compare_revisions(Request(made.path, "before", "after", direct=True)).report
    (drawing,) = decode_report(encode_report(report), "report").drawings
    assert [row[drawing.columns.index("at")] for row in drawing.rows] == [
        "2024-01-01",
        "2024-01-02",
    ]
    assert [row[drawing.columns.index("loss")] for row in drawing.rows] == [1, "NaN"]


@pytest.mark.parametrize("direct", [False, True])
def test_a_template_is_that_of_the_base_branch(tmp_path: Path, direct: bool) -> None:
    theirs = {**both(*ROWS)[0], ".dvc/plots/mine.json": '{"of": "the merge base"}'}
    made = repo(tmp_path, [{"a.csv": {"template": "mine"}}], theirs, both(*ROWS)[1])
    made.git("checkout", "-q", "-b", "moved-on", "before")
    made.write(".dvc/plots/mine.json", '{"of": "the base branch"}')
    made.commit("moved on")
    (drawing,) = compare_revisions(Request(made.path, "moved-on", "after", direct)).report.drawings
    assert drawing.content == {"of": "the base branch"}
