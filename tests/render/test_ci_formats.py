"""Findings as GitLab's code quality and as JUnit XML, read back by what their readers require."""

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as Xml

import jsonschema_rs
import pytest
from msgspec.structs import replace

from lineage_diff.render.exports.codeclimate import codeclimate
from lineage_diff.render.exports.junit import junit
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.report import Report, storable_report
from lineage_diff.text import visible
from tests.support import reports

EVERY = pytest.mark.parametrize(
    "report", [reports.nothing_changed, reports.small, reports.stale, reports.hostile]
)
ERROR = Finding("cycle", "error", "dvc.yaml", "a circle", "Cut it.", "my dir/dvc.yaml", 3)
WARNING = Finding("data-shrank", "warning", "a.csv", "smaller", "Look.", "a.csv.dvc")
NOTE = Finding("same-result", "info", "m.pkl", "the same", "")
HOSTILE = Finding(
    "cycle", "error", "]]><x>&\x00\x1b\ud800\ufffe", '"><script>\r\n\u202e', "a\x08", "<&>\n", 1
)

# https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format and
# https://github.com/codeclimate/platform/blob/master/spec/analyzers/SPEC.md#issues
ISSUES = {
    "type": "array",
    "items": {
        "type": "object",
        "required": [
            *("type", "check_name", "description", "categories", "location"),
            *("fingerprint", "severity"),
        ],
        "properties": {
            "type": {"const": "issue"},
            "check_name": {"type": "string", "minLength": 1},
            "description": {"type": "string", "pattern": "^[^\\n]+$"},
            "categories": {"type": "array", "minItems": 1, "items": {"enum": ["Bug Risk"]}},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./)."},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
        "additionalProperties": False,
    },
}

# As it is at
# https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
JUNIT = Path(__file__).with_name("junit-10.xsd")


def issues(*findings: Finding) -> list[dict[str, object]]:
    made: list[dict[str, object]] = json.loads(codeclimate(reports.empty(findings=findings)))
    jsonschema_rs.validate(ISSUES, made)
    return made


def cases(report: Report) -> list[Xml.Element]:
    root = Xml.fromstring(junit(report))  # noqa: S314 (our own)
    (suite,) = root
    found = list(suite)
    assert int(suite.get("tests", "")) == len(found)
    for tag, count in (("failure", "failures"), ("skipped", "skipped")):
        assert int(suite.get(count, "")) == sum(case.find(tag) is not None for case in found)
    return found


@EVERY
def test_each_finding_is_an_issue_of_its_own(report: Callable[[], Report]) -> None:
    made = storable_report(report())
    found = json.loads(codeclimate(made))
    jsonschema_rs.validate(ISSUES, found)
    assert [issue["check_name"] for issue in found] == [
        visible(item.rule) for item in made.findings
    ]
    assert len({issue["fingerprint"] for issue in found}) == len(found)


@EVERY
def test_each_finding_is_a_case_beside_the_verdict(report: Callable[[], Report]) -> None:
    made = storable_report(report())
    verdict, *found = cases(made)
    assert [case.get("classname") for case in found] == [
        f"lineage-diff.{visible(item.rule)}" for item in made.findings
    ]
    failed = made.verdict.conclusion == "failure"
    assert (verdict.find("failure") is not None) == failed


@EVERY
def test_the_suite_is_valid_by_the_schema_of_jenkins(report: Callable[[], Report]) -> None:
    import xmlschema

    schema = xmlschema.XMLSchema(str(JUNIT))
    made = storable_report(report())
    for each in (made, replace(made, findings=(*made.findings, ERROR, WARNING, NOTE, HOSTILE))):
        assert [str(error) for error in schema.iter_errors(junit(each).decode())] == []
    broken = junit(made).decode().replace("<testcase ", "<testcase file='x' ", 1)
    assert not schema.is_valid(broken)


def test_an_issue_says_what_is_wrong_where_and_how_bad() -> None:
    first, second, third = issues(ERROR, WARNING, NOTE)
    assert first["description"] == "a circle Cut it."
    assert first["location"] == {"path": "my dir/dvc.yaml", "lines": {"begin": 3}}
    assert second["location"] == {"path": "a.csv.dvc", "lines": {"begin": 1}}
    assert third["location"] == {"path": "dvc.yaml", "lines": {"begin": 1}}
    assert [one["severity"] for one in (first, second, third)] == ["critical", "major", "info"]


def test_equal_findings_have_fingerprints_of_their_own_in_every_run() -> None:
    made = [issue["fingerprint"] for issue in issues(ERROR, ERROR, ERROR)]
    assert len(set(made)) == 3
    assert made == [issue["fingerprint"] for issue in issues(ERROR, ERROR, ERROR)]
    assert made[0] == issues(ERROR)[0]["fingerprint"]


def test_an_error_fails_a_warning_is_skipped_and_a_note_passes() -> None:
    report = reports.empty(findings=(ERROR, WARNING, NOTE), verdict=Verdict("failure", 1, 1))
    verdict, error, warning, note = cases(report)
    assert verdict.find("failure") is not None
    failure, skipped = error.find("failure"), warning.find("skipped")
    assert failure is not None
    assert skipped is not None
    assert (failure.get("type"), failure.text) == ("cycle", "my dir/dvc.yaml:3\na circle\nCut it.")
    assert skipped.get("message") == "a.csv.dvc:1 smaller Look."
    assert [child.tag for child in note] == ["system-out"]
    assert error.get("name") == "cycle: dvc.yaml"


def test_names_that_no_xml_may_hold_are_escaped() -> None:
    _, case = cases(reports.empty(findings=(HOSTILE,)))
    text = "".join((case.get("name", ""), *case.itertext()))
    assert case.get("name", "").startswith("cycle: ]]><x>&\\x00")
    assert not set(text) & set("\x00\x1b\x08\r\u202e\ufffe")
    (issue,) = issues(HOSTILE)
    assert "\u202e" not in str(issue)
