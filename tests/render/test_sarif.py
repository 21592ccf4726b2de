"""Findings as SARIF, read back with the types of the standard's schema."""

import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from sarif_pydantic import Sarif

from lineage_diff import __version__
from lineage_diff.render.exports.sarif import sarif
from lineage_diff.report.findings import Finding, RelatedLine
from lineage_diff.report.report import Report, storable_report
from tests.support import reports

FINDING = Finding("cycle", "error", "dvc.yaml", "a circle", "Cut it.", "my dir/dvc.yaml", 3)


@pytest.mark.parametrize(
    "report", [reports.nothing_changed, reports.small, reports.stale, reports.hostile]
)
def test_it_is_sarif_with_a_result_a_finding(report: Callable[[], Report]) -> None:
    made = storable_report(report())
    log = Sarif.model_validate_json(sarif(made))
    results = log.runs[0].results or []
    assert [result.rule_id for result in results] == [item.rule for item in made.findings]
    rules = log.runs[0].tool.driver.rules or []
    assert [rule.id for rule in rules] == sorted({item.rule for item in made.findings})


def test_a_finding_says_where_it_is() -> None:
    run = json.loads(sarif(reports.empty(findings=(FINDING,))))["runs"][0]
    (result,) = run["results"]
    assert result["level"] == "error"
    assert result["message"]["text"] == "a circle\nCut it."
    rule = run["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert rule["id"] == "cycle"
    assert rule["helpUri"].endswith(f"/blob/v{__version__}/docs/rules/cycle.md")
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "my%20dir/dvc.yaml"
    assert place["region"] == {"startLine": 3}


def test_a_finding_without_a_file_has_no_place() -> None:
    (result,) = json.loads(
        sarif(reports.empty(findings=(Finding("future-rule", "info", "x", "why", "how"),)))
    )["runs"][0]["results"]
    assert "locations" not in result
    assert result["level"] == "note"


def test_further_lines_are_related_locations() -> None:
    item = replace(FINDING, related=(RelatedLine("my dir/p.yaml", 7, "`lr` 1 → 2"),))
    (result,) = json.loads(sarif(reports.empty(findings=(item,))))["runs"][0]["results"]
    (place,) = result["relatedLocations"]
    assert place["message"] == {"text": "`lr` 1 → 2"}
    assert place["physicalLocation"]["artifactLocation"]["uri"] == "my%20dir/p.yaml"
    assert place["physicalLocation"]["region"] == {"startLine": 7}
    Sarif.model_validate_json(sarif(reports.empty(findings=(item,))))


def test_the_fingerprint_outlives_another_line() -> None:
    def fingerprint(line: int) -> object:
        item = Finding("cycle", "error", "dvc.yaml", "a circle", "Cut it.", "dvc.yaml", line)
        log = json.loads(sarif(reports.empty(findings=(item,))))
        return log["runs"][0]["results"][0]["partialFingerprints"]

    assert fingerprint(3) == fingerprint(30)
