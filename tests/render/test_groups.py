"""Rows of models: which siblings share one, how it is named, and that none is lost."""

import re
from typing import Any

import pytest
from msgspec.structs import replace

from lineage_diff.lineage.policy import Severity
from lineage_diff.render.groups.items import finding_groups, findings_at_lines, row_words
from lineage_diff.render.groups.models import MOST_ROWS, row_names
from lineage_diff.render.groups.names import common_name, distinct_names, shared_name
from lineage_diff.render.groups.reasons import reason_groups
from lineage_diff.render.html.report import report_html
from lineage_diff.render.markdown import markdown
from lineage_diff.render.summary import Summary
from lineage_diff.render.terminal import terminal
from lineage_diff.report.change import InUse, ModelChange, ModelMetric, StageChange
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import Cause, Reason
from tests.support.reports import empty, model


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["data/a.csv", "data/b.csv"], "data/….csv"),
        (["r/sim/circles/c_x/model.h5", "r/sim/moons/c_y/model.h5"], "r/sim/…/model.h5"),
        (["d/one_train.npy", "d/two_train.npy"], "d/…_train.npy"),
        (["train@a", "train@b"], "train@…"),
        (["same", "same"], "same"),
        (["a", "b"], ""),
        (["p1", "p2"], "p…"),
        (["x/a", "x/a/b"], "x/…"),
    ],
)
def test_names_share_whole_words(names: list[str], expected: str) -> None:
    assert common_name(names) == expected
    shared = shared_name(names)
    assert [f"{shared.start}{shared.rest(name)}{shared.end}" for name in names] == names


def test_long_names_are_told_apart() -> None:
    names = [f"experiments/{'x' * 80}{middle}{'y' * 80}/model.h5" for middle in "abc"]
    short = distinct_names(names, 60)
    assert len(set(short.values())) == len(names)
    names = [f"{'deep/' * 30}{leaf}/model.h5" for leaf in ("one", "two")]
    assert list(distinct_names(names, 40).values()) == [
        "…/deep/one/model.h5",
        "…/deep/two/model.h5",
    ]


def sibling(path: str, **values: Any) -> ModelChange:
    stage = values.pop("stage", f"dvc.yaml:train@{path}")
    return model(path, affected=True, change="retrained", stage=stage, **values)


WORSE = ModelMetric("m.json", "acc", 0.9, 0.8, -0.1, better=False)
BETTER = ModelMetric("m.json", "acc", 0.8, 0.9, 0.1, better=True)
CODE = Cause("code", "a.py", "modified")


def used(number: int) -> tuple[InUse, ...]:
    return (InUse(f"v{number}.0.0", ("prod",), f"m@v{number}.0.0"),)


def at_risk(n: int) -> ModelChange:
    """One of eight: the first four are in use, and of these the first two are stale."""
    is_stale = n in (0, 1, 4, 5, 6)
    in_use = used(n) if n < 4 else ()
    return sibling(f"m{n}", freshness="stale" if is_stale else "fresh", in_use=in_use)


@pytest.mark.parametrize(
    ("models", "sizes"),
    [
        ([sibling(f"m{n}") for n in range(5)], [1] * 5),
        ([sibling(f"m{n}") for n in range(6)], [6]),
        ([*(sibling(f"m{n}") for n in range(6)), sibling("w", metrics=(WORSE,))], [1, 6]),
        ([sibling(f"m{n}", metrics=(WORSE,)) for n in range(6)], [6]),
        ([sibling(f"m{n}", in_use=used(n) if n < 3 else ()) for n in range(6)], [1, 1, 1, 3]),
        ([sibling(f"m{n}", in_use=used(n)) for n in range(6)], [6]),
        ([at_risk(n) for n in range(8)], [1, 1, 3, 3]),
        ([sibling(f"m{n}", in_use=used(n), freshness="stale") for n in range(6)], [6]),
        ([sibling(f"m{n}", freshness="stale" if n < 2 else "fresh") for n in range(6)], [1, 1, 4]),
        ([sibling(f"m{n}", stage=f"dvc.yaml:t{n}") for n in range(6)], [6]),
        ([sibling(f"{n}/m", stage=f"dvc.yaml:t{n}") for n in range(6)], [1] * 6),
        ([sibling(f"{n}/m", stage=f"dvc.yaml:t{n}") for n in range(13)], [13]),
        ([sibling(f"ner/{n}/m", stage=f"dvc.yaml:t{n}") for n in range(6)], [6]),
        ([sibling(f"p/{n}/m", stage=f"p/{n}:t", pipeline=f"p/{n}") for n in range(6)], [1] * 6),
        (
            [sibling(f"ner/{n}/m", stage=f"d:t{n}", causes=(CODE,) * (n < 3)) for n in range(6)],
            [3, 3],
        ),
        (
            [sibling(f"m{n}", stage=f"d:t{n}", causes=(CODE,) if n < 3 else ()) for n in range(6)],
            [3, 3],
        ),
    ],
)
def test_siblings_share_a_row(models: list[ModelChange], sizes: list[int]) -> None:
    rows = Summary(empty(models=tuple(models))).rows
    assert [len(row.models) for row in rows] == sizes
    assert sorted(m.path for row in rows for m in row.models) == sorted(m.path for m in models)


def test_a_model_that_got_worse_within_tolerance_is_no_more_urgent() -> None:
    tolerated = replace(WORSE, tolerated=True)
    models = (sibling("a"), sibling("b", metrics=(tolerated,)), sibling("c", metrics=(WORSE,)))
    assert [shown.path for shown in Summary(empty(models=models)).models] == ["c", "a", "b"]


def test_a_row_of_siblings_says_which_are_in_use() -> None:
    models = tuple(sibling(f"m/{n}.pkl", in_use=used(n) if n < 5 else ()) for n in range(9))
    report = empty(models=models)
    texts = (
        markdown(report),
        report_html(report),
        terminal(report, color=False, width=100, whole=True),
    )
    for text in map(unmarked, texts):
        assert " · 5 in use" in text
        for n in range(5):
            assert f"in use: v{n}.0.0 in prod" in text
    assert " · 5 in use" in terminal(report, color=False, width=100)


def unmarked(text: str) -> str:
    return re.sub(r"</?code>|`", "", text)


def test_findings_on_models_in_use_come_first_of_their_severity() -> None:
    metric = replace(WORSE, file="b.json")
    models = (sibling("a"), sibling("b", in_use=used(1), metrics=(metric,)), sibling("c"))
    kinds: list[tuple[Severity, str]] = [("error", "a"), ("error", "b")]
    kinds += [("warning", "a.json:acc"), ("warning", "b.json:acc")]
    findings = tuple(Finding("rule", kind, name, name, "", "f", 1) for kind, name in kinds)
    rows = Summary(empty(models=models, findings=findings)).finding_rows
    assert [row.first.subject for row in rows] == ["b", "a", "b.json:acc", "a.json:acc"]


@pytest.mark.parametrize(
    ("subject", "files", "is_one", "message"),
    [
        # A file of values of each sibling, with its key or without.
        ("{}", ["m/a.json", "m/b.json", "m/c.json"], True, "`acc` in `m/….json`"),
        ("{}:acc", ["m/a.json", "m/b.json", "m/c.json"], True, "`acc` in `m/….json`"),
        ("{}", ["m/a.json", "m/b.json"], False, ""),
        # Stages of several pipelines are no siblings.
        ("{}:t", ["a/dvc.yaml", "b/dvc.yaml", "c/dvc.yaml"], False, ""),
    ],
)
def test_findings_on_the_files_of_siblings_share_a_row(
    subject: str, files: list[str], is_one: bool, message: str
) -> None:
    findings = [
        Finding(
            "rule", "error", subject.format(file), f"`acc` in `{file}` is gone", "Fix.", file, 1
        )
        for file in files
    ]
    rows = finding_groups(findings)
    assert len(rows) == (1 if is_one else len(files))
    if is_one:
        words = row_words(rows[0])
        assert words.message == f"{message} is gone"
        assert (words.file, words.line) == (None, None)
        report = empty(findings=tuple(findings))
        for text in (markdown(report), report_html(report)):
            assert "a.json:1" not in unmarked(text)
    # An annotation is on one line of one file.
    assert len(findings_at_lines(findings)) == len(files)


@pytest.mark.parametrize(
    ("one_commit", "order"),
    [(False, ["used", "stale", "unknown", "new"]), (True, ["stale", "unknown", "used"])],
)
def test_what_decides_comes_first(one_commit: bool, order: list[str]) -> None:
    models = (
        model("new", affected=True, change="added"),
        model("used", affected=True, in_use=used(1)),
        model("unknown", affected=True, freshness="unknown"),
        model("stale", affected=True, freshness="stale"),
    )
    report = empty(models=tuple(item for item in models if item.path in order))
    if one_commit:
        report = replace(report, base=report.head, comparison="direct")
    assert [item.path for item in Summary(report).models] == order


def test_a_terminal_without_room_for_causes_says_what_got_worse() -> None:
    lost = replace(WORSE, new=0.4, diff=-0.5)
    models = tuple(
        sibling(
            f"p{n}/m",
            stage=f"p{n}/dvc.yaml:t",
            causes=tuple(Cause("code", f"{n}{name}.py", "modified") for name in "abcd"),
            metrics=(lost if n == 7 else BETTER,),
        )
        for n in range(12)
    )
    text = terminal(empty(models=models), color=False, width=100)
    assert "acc 0.9 → 0.4 ▼ 0.5 worse" in text
    assert "7a.py" not in text


def test_many_pipelines_have_few_rows() -> None:
    models = tuple(
        sibling(
            f"p{n % 20:02}/models/{n:03}.pkl",
            stage=f"p{n % 20:02}/dvc.yaml:train{n}",
            pipeline=f"p{n % 20:02}/dvc.yaml",
            metrics=(WORSE,) if n == 77 else (BETTER,),
        )
        for n in range(500)
    )
    rows = Summary(empty(models=models)).rows
    assert len(rows) <= MOST_ROWS
    assert [m.path for m in rows[0].models] == ["p17/models/077.pkl"]
    assert len(set(row_names(rows, 60))) == len(rows)


def test_a_row_says_what_all_share_and_what_some_have() -> None:
    causes = [
        (CODE, Cause("data", f"data/{n}.npy", "added", size_new=10), *((extra,) if n == 3 else ()))
        for n, extra in enumerate([Cause("param", "params.yaml:lr", "modified", 1, 2)] * 6)
    ]
    models = tuple(sibling(f"m/{n}.pkl", causes=causes[n]) for n in range(6))
    (row,) = Summary(empty(models=models)).rows
    assert [(g.name, len(g.causes), g.only) for g in row.causes] == [
        ("a.py", 1, ()),
        ("data/….npy", 6, ()),
        ("params.yaml:lr", 1, (3,)),
    ]
    assert [cause.subject for cause in row.shared_causes] == ["a.py"]
    assert [cause.subject for cause in row.own_causes(3)] == ["data/3.npy", "params.yaml:lr"]


@pytest.mark.parametrize(
    ("folders", "command"),
    [
        ("abc", "`dvc repro a/dvc.yaml:train b/dvc.yaml:train c/dvc.yaml:train`"),
        ("abcdef", "`dvc repro …`"),
    ],
)
def test_the_command_of_a_row_has_targets_that_dvc_takes(folders: str, command: str) -> None:
    found = [
        Finding(
            "unlocked-stage",
            "warning",
            f"{name}/dvc.yaml:train",
            f"`{name}/dvc.yaml:train` never ran",
            f"Run `dvc repro {name}/dvc.yaml:train` and commit the lock file.",
        )
        for name in folders
    ]
    (row,) = finding_groups(found)
    assert row_words(row).hint == f"Run {command} and commit the lock file."


def test_siblings_that_each_have_a_file_of_one_name_share_the_reason() -> None:
    stages = tuple(
        StageChange(
            f"dvc.yaml:score@{n}",
            "dvc.yaml",
            "unchanged",
            (),
            "stale",
            (Reason("dep-added", f"out/{n}/result.json"), Reason("outdated-by", f"dvc.yaml:t@{n}")),
        )
        for n in range(4)
    )
    (row,) = Summary(empty(stages=stages)).stage_rows
    found = [(group.name, len(group.reasons), group.stages) for group in reason_groups(row.items)]
    assert found == [("out/…/result.json", 4, 4), ("dvc.yaml:t", 4, 4)]
    text = terminal(empty(stages=stages), color=False, width=100)
    assert "4 deps out/…/result.json added since the last run\n" in text
