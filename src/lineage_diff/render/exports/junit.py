"""A report as JUnit XML, which Jenkins, GitLab, Azure and Bitbucket show as results of tests.

The schema is that of Jenkins:
https://github.com/jenkinsci/xunit-plugin/blob/master/src/main/resources/org/jenkinsci/plugins/xunit/types/model/xsd/junit-10.xsd
"""

from xml.etree import ElementTree as Xml

from lineage_diff.render.outcome import report_outcome
from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report
from lineage_diff.text import visible, visible_lines

_SUITE = "lineage-diff"
_TIME = "0"


def junit(report: Report) -> bytes:
    """Return one suite: a case for the verdict, and one for each finding.

    An error is a failure, a warning a skipped case, a note a case that passes.
    """
    failed = report.verdict.conclusion == "failure"
    errors = sum(finding.severity == "error" for finding in report.findings)
    skipped = sum(finding.severity == "warning" for finding in report.findings)
    counts = {
        "name": _SUITE,
        "tests": str(1 + len(report.findings)),
        "failures": str(failed + errors),
        "errors": "0",
        "time": _TIME,
    }
    suites = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(suites, "testsuite", counts, skipped=str(skipped))
    _add_verdict(suite, report, failed)
    for finding in report.findings:
        _add_finding(suite, finding)
    Xml.indent(suites)
    text: bytes = Xml.tostring(suites, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def _add_verdict(suite: Xml.Element, report: Report, failed: bool) -> None:
    case = Xml.SubElement(suite, "testcase", classname=_SUITE, name="verdict", time=_TIME)
    text = "\n".join(map(visible, report_outcome(report)))
    if failed:
        _add_result(case, "failure", text)
    else:
        Xml.SubElement(case, "system-out").text = text


def _add_finding(suite: Xml.Element, finding: Finding) -> None:
    # A saved report may name any rule.
    rule = visible(finding.rule)
    name = f"{rule}: {visible(finding.subject)}"
    case = Xml.SubElement(suite, "testcase", classname=f"{_SUITE}.{rule}", name=name, time=_TIME)
    place = f"{visible(finding.file)}:{finding.line or 1}" if finding.file else ""
    text = visible_lines("\n".join(filter(None, (finding.message, finding.hint)))).replace("\r", "")
    lines = "\n".join(filter(None, (place, text)))
    if finding.severity == "error":
        _add_result(case, "failure", lines, rule)
    elif finding.severity == "warning":
        _add_result(case, "skipped", lines, rule)
    else:
        Xml.SubElement(case, "system-out").text = lines


def _add_result(case: Xml.Element, tag: str, text: str, rule: str = "verdict") -> None:
    result = Xml.SubElement(case, tag, type=rule, message=" ".join(text.split()))
    result.text = text
