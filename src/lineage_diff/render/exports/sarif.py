"""Findings as SARIF 2.1.0 (OASIS), the format of code scanning."""

from hashlib import sha256
from typing import Any
from urllib.parse import quote

import msgspec

from lineage_diff.project import ADDRESS
from lineage_diff.render.links import rule_page
from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report
from lineage_diff.rules.rule import Rule
from lineage_diff.text import visible_lines

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def sarif(report: Report) -> bytes:
    """Return a log with one run; it lists only the rules with findings."""
    # Imported late: other formats of a saved report do not need the rules.
    from lineage_diff.rules.registry import all_rules

    known = {rule.name: rule for rule in all_rules()}
    names = sorted({finding.rule for finding in report.findings})
    run = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "informationUri": ADDRESS,
                "rules": [_rule(name, known.get(name)) for name in names],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(finding, names) for finding in report.findings],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log), indent=2) + b"\n"


def _rule(name: str, rule: Rule | None) -> dict[str, Any]:
    # A saved report may name a rule from another version of lineage-diff.
    if rule is None:
        return {"id": name}
    return {
        "id": name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": rule.hint},
        "helpUri": rule_page(name),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, names: list[str]) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "ruleIndex": names.index(finding.rule),
        "level": _LEVELS[finding.severity],
        "message": {"text": visible_lines(f"{finding.message}\n{finding.hint}".rstrip("\n"))},
        "partialFingerprints": {"lineageDiff/v1": fingerprint(finding)},
    }
    if finding.file:
        result["locations"] = [{"physicalLocation": _place(finding.file, finding.line)}]
    if finding.related:
        result["relatedLocations"] = [
            {
                "physicalLocation": _place(item.file, item.line),
                "message": {"text": visible_lines(item.message)},
            }
            for item in finding.related
        ]
    return result


def _place(file: str, line: int | None) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(file), "uriBaseId": "%SRCROOT%"}}
    return place | {"region": {"startLine": line}} if line else place


def fingerprint(finding: Finding) -> str:
    """Return a fingerprint without line and message, so that it survives changes of both."""
    parts = "\0".join((finding.rule, finding.file or "", finding.subject))
    return sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:32]
