"""Findings as GitHub workflow commands, escaped as GitHub's toolkit does."""

import pytest
from msgspec.structs import replace

from lineage_diff.render.exports.github_annotations import annotations, escape_data, escape_property
from lineage_diff.report.findings import Finding, RelatedLine
from tests.support import reports


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        (
            Finding("cycle", "error", "dvc.yaml", "a circle: 100%", "Cut it.", "dvc.yaml", 3),
            "::error file=dvc.yaml,line=3,title=cycle::a circle: 100%25%0ACut it.",
        ),
        (
            Finding("missing-dep", "warning", "x", "gone", "", "a,b:c.yaml", None),
            "::warning file=a%2Cb%3Ac.yaml,line=1,title=missing-dep::gone",
        ),
        (
            Finding("cached-metric", "info", "m", "one\r\n::error::two", "Fix."),
            "::notice title=cached-metric::one%0D%0A::error::two%0AFix.",
        ),
    ],
)
def test_a_finding_is_one_workflow_command(finding: Finding, line: str) -> None:
    assert annotations(reports.empty(findings=(finding,))) == line + "\n"


def test_further_lines_are_notices_after_all_findings() -> None:
    related = (RelatedLine("p,.yaml", 7, "one\ntwo"),)
    first = Finding("cycle", "error", "x", "a", "", "dvc.yaml", 3, related)
    second = Finding("cycle", "error", "y", "b", "", "dvc.yaml", 4)
    assert annotations(reports.empty(findings=(first, second))).splitlines()[1:] == [
        "::error file=dvc.yaml,line=4,title=cycle::b",
        "::notice file=p%2C.yaml,line=7,title=cycle::one%0Atwo",
    ]


def test_no_finding_is_no_command() -> None:
    assert annotations(reports.empty()) == ""


def test_hostile_text_adds_no_command() -> None:
    report = reports.hostile()
    lines = annotations(report).splitlines()
    assert len(lines) == len(report.findings)
    assert all(line.startswith(("::error ", "::warning ", "::notice ")) for line in lines)


def test_percent_is_escaped_before_all_else() -> None:
    assert escape_data("%0A\n") == "%250A%0A"
    assert escape_property("%3A:") == "%253A%3A"


def test_siblings_on_one_line_are_one_annotation_that_names_them() -> None:
    similar = [
        Finding(
            "stale-model",
            "error",
            f"models/{name}.pkl",
            f"`models/{name}.pkl` is stale: `dvc.yaml:train@{name}` ran on other code",
            f"Run `dvc repro train@{name}`.",
            "dvc.yaml",
            3,
        )
        for name in "abcdefg"
    ]
    elsewhere = replace(similar[0], subject="models/z.pkl", line=9)
    first, second = annotations(reports.empty(findings=(*similar, elsewhere))).splitlines()
    assert first == (
        "::error file=dvc.yaml,line=3,title=stale-model::`models/….pkl` is stale: "
        "`dvc.yaml:train@…` ran on other code%0A"
        "7 of `models/….pkl`: `a`, `b`, `c`, `d`, `e` and 2 more%0ARun `dvc repro train`."
    )
    assert second.startswith("::error file=dvc.yaml,line=9,")
