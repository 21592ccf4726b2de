"""Findings as GitHub workflow commands, which annotate the lines of the change."""

from collections.abc import Iterable

from msgspec.structs import replace

from lineage_diff.render.groups.items import ItemGroup, findings_at_lines, row_words
from lineage_diff.render.templates import render
from lineage_diff.report.findings import Finding
from lineage_diff.report.report import Report
from lineage_diff.text import visible_lines

_COMMANDS = {"error": "error", "warning": "warning", "info": "notice"}


def annotations(report: Report) -> str:
    """Return one line for each annotation, as `::error file=dvc.yaml,line=3,title=cycle::…`."""
    return "".join(f"{_command(finding)}\n" for finding in annotated(report.findings))


def annotated(findings: Iterable[Finding]) -> list[Finding]:
    """Return what to annotate: siblings on one line of a file are one finding that names them.

    The related lines of all findings are notices at the end: GitHub shows the first ten of a kind.
    """
    findings = tuple(findings)
    related = dict.fromkeys(
        (finding.rule, item.file, item.line, item.message)
        for finding in findings
        for item in finding.related
    )
    notices = [
        Finding(rule, "info", "", text, "", file, line) for rule, file, line, text in related
    ]
    return [*map(_as_one, findings_at_lines(findings)), *notices]


def _as_one(row: ItemGroup[Finding]) -> Finding:
    if len(row.items) == 1:
        return row.first
    words = row_words(row)
    names = render("words/annotation.j2", group=row)
    return replace(row.first, message=f"{words.message}\n{names}", hint=words.hint)


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
