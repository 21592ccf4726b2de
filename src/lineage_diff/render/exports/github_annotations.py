"""Findings as GitHub workflow commands, which annotate the lines of the change."""

from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report
from lineage_diff.text import visible_lines

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def annotations(report: Report) -> str:
    """Return one line for each finding, such as `::error file=dvc.yaml,line=3,title=cycle::…`.

    The related lines of all findings are notices at the end: GitHub shows the first ten of a kind.
    """
    related = (
        Finding(finding.rule, "info", finding.subject, item.message, "", item.file, item.line)
        for finding in report.findings
        for item in finding.related
    )
    return "".join(f"{_command(finding)}\n" for finding in (*report.findings, *related))


def _command(finding: Finding) -> str:
    properties = {"title": finding.rule}
    if finding.file:
        properties = {"file": finding.file, "line": str(finding.line or 1), **properties}
    named = ",".join(f"{name}={escape_property(text)}" for name, text in properties.items())
    message = f"{finding.message}\n{finding.hint}".rstrip("\n")
    return f"::{_COMMANDS[finding.severity]} {named}::{escape_data(message)}"


def escape_data(text: str) -> str:
    """Escape a message as `escapeData` of @actions/core's `command.ts` does.

    Control characters other than line ends are escaped visibly.
    """
    return visible_lines(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape a property as `escapeProperty` of @actions/core's `command.ts` does."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")
