"""A report in a terminal: its width, its colours, its words."""

import re
from typing import get_args

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from lineage_diff.lineage.policy import Severity
from lineage_diff.render.terminal import LINES, console_text, terminal
from lineage_diff.report.change import StageChange, ValueChange
from lineage_diff.report.findings import Finding
from lineage_diff.report.reasons import Reason
from lineage_diff.report.report import Report
from tests.support.reports import (
    HOSTILE,
    REPORTS,
    digest,
    empty,
    hostile,
    huge,
    nothing_changed,
    stale,
)


@pytest.mark.parametrize("name", sorted(REPORTS))
@pytest.mark.parametrize("width", [60, 100, 200])
def test_lines_fit_and_hold_no_codes_without_colour(name: str, width: int) -> None:
    text = terminal(REPORTS[name](), color=False, width=width)
    assert text.endswith("\n")
    for line in text.splitlines():
        assert cell_len(line) <= width
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)


@pytest.mark.parametrize("name", sorted(REPORTS))
def test_colour_changes_no_word(name: str) -> None:
    colored = terminal(REPORTS[name](), color=True, width=100)
    assert "\x1b[" in colored
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    plain = terminal(REPORTS[name](), color=False, width=100)
    assert [line.rstrip() for line in stripped.splitlines()] == plain.splitlines()


def test_markup_in_names_is_text() -> None:
    text = terminal(hostile(), color=False, width=200, whole=True)
    for name in HOSTILE:
        if name.isprintable():
            assert name in text


def test_it_says_what_a_reader_of_a_log_needs() -> None:
    text = terminal(stale(), color=False, width=100, whole=True)
    for words in (
        "1 model is stale, 1 retrained, 1 metric regressed",
        "data/raw.csv 14.4 → 20.1 MB  via prepare → featurize → train",
        "accuracy 0.912 → 0.897 ▼ 0.015 worse",
        "dvc.yaml:9",
        "To fix: dvc repro ranking/dvc.yaml:rank, then commit ranking/dvc.lock.",
        "kept in the cache of DVC",
        "Verdict: fail, 2 errors, 1 warning.",
    ):
        assert words in text
    assert "nothing changed" in terminal(nothing_changed(), color=False, width=100)


@pytest.mark.parametrize("report", [huge(300), hostile(), stale()])
@pytest.mark.parametrize("width", [60, 100])
def test_a_report_fits_a_screen_and_names_the_option_for_more(report: Report, width: int) -> None:
    text = terminal(report, color=False, width=width)
    assert len(text.splitlines()) <= LINES
    assert "--all" in text
    assert "Verdict" in text.splitlines()[-1]


def test_each_list_counts_what_it_leaves_out() -> None:
    text = terminal(huge(300), color=False, width=100)
    # Of 300 params, findings and unknowns, four, five and four stand above.
    assert re.findall(r"… and (\d+) more", text) == ["296", "295", "296"]


def test_the_whole_report_names_every_model_and_input() -> None:
    text = terminal(huge(300), color=False, width=200, whole=True)
    for number in range(300):
        for name in (
            f"models/{number:05}/model.onnx",
            f"data/{number:05}/raw.csv",
            f"x{number:05}",
        ):
            assert name in text
    assert "… and" not in text
    assert "dvc repro --all-pipelines" in text


def test_every_stale_stage_of_a_short_report_has_its_reason() -> None:
    names = [f"src/part{number}.py" for number in range(8)]
    stages = tuple(
        StageChange(
            f"dvc.yaml:step{number}",
            "dvc.yaml",
            "unchanged",
            (),
            "stale",
            (Reason("dep-changed", name, digest("1"), digest("2")),),
        )
        for number, name in enumerate(names)
    )
    text = terminal(empty(stages=stages), color=False, width=100)
    assert [name for name in names if name not in text] == []


def test_a_section_of_long_rows_pushes_out_no_short_ones() -> None:
    def reasons(number: int) -> tuple[Reason, ...]:
        names = [f"src/{number}/{'long/' * 20}{name}" for name in "abcde"]
        return tuple(Reason("dep-changed", name, digest("1"), digest("2")) for name in names)

    stages = tuple(
        StageChange(f"dvc.yaml:s{n}", "dvc.yaml", "unchanged", (), "stale", reasons(n))
        for n in range(9)
    )
    findings = tuple(
        Finding(f"rule-{n}", "error", f"s{n}", "long " * 60, "also " * 60, "dvc.yaml", n)
        for n in range(9)
    )
    params = {"params.yaml": {"lr": ValueChange(old=1, new=2)}}
    report = empty(stages=stages, findings=findings, params=params)
    text = terminal(report, color=False, width=100)
    assert len(text.splitlines()) <= LINES
    assert "\n  lr  1 → 2\n" in text
    assert "\n    s0  ⚠️ stale\n" in text


@pytest.mark.parametrize("color", [False, True])
@pytest.mark.parametrize("before", range(0, 40, 3))
def test_a_long_word_is_broken_without_a_space(before: int, color: bool) -> None:
    word = "".join(f"/folder{n}" for n in range(14))
    text = console_text(f"  {'x ' * before}{word}, the end", color=color, width=60)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", text).splitlines()
    assert max(map(len, lines)) <= 60
    assert f"{word}," in "".join(line.strip() for line in lines)


@pytest.mark.parametrize("severity", get_args(Severity))
def test_a_severity_has_the_name_that_the_configuration_takes(severity: Severity) -> None:
    finding = Finding("cached-metric", severity, "m.json", "message", "hint", "m.json", 1)
    lines = terminal(replace(stale(), findings=(finding,)), color=False, width=100).splitlines()
    (line,) = (line.split() for line in lines if "cached-metric  m.json:1" in line)
    assert line[1:] == [severity, "cached-metric", "m.json:1"]
