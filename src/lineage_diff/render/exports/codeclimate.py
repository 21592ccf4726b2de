"""Findings as a code quality report of GitLab, which is a JSON array of Code Climate's issues.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from collections import Counter
from hashlib import sha256
from typing import Any

import msgspec

from lineage_diff.render.exports.sarif import fingerprint
from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report
from lineage_diff.text import visible

_SEVERITIES = {"error": "critical", "warning": "major", "info": "info"}
# An issue without a file is not shown: one of the whole repository stands at the root's pipeline.
_NO_FILE = "dvc.yaml"


def codeclimate(report: Report) -> bytes:
    """Return an array with one issue for each finding; GitLab shows one of each fingerprint."""
    seen: Counter[str] = Counter()
    issues = []
    for finding in report.findings:
        name = fingerprint(finding)
        seen[name] += 1
        issues.append(_issue(finding, name if seen[name] == 1 else _other(name, seen[name])))
    return msgspec.json.format(msgspec.json.encode(issues), indent=2) + b"\n"


def _issue(finding: Finding, name: str) -> dict[str, Any]:
    text = " ".join(f"{finding.message} {finding.hint}".split())
    return {
        "type": "issue",
        "check_name": visible(finding.rule),
        "description": visible(text),
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": name,
        "location": {
            "path": visible(finding.file or _NO_FILE),
            "lines": {"begin": finding.line or 1},
        },
    }


def _other(name: str, number: int) -> str:
    return sha256(f"{name}\0{number}".encode()).hexdigest()[: len(name)]
