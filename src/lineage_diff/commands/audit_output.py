"""Asks a question of the history, and writes the answer in the formats asked for."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from lineage_diff.auditing.request import AuditRequest, Step
from lineage_diff.commands.output import write_rendered
from lineage_diff.commands.progress import progress
from lineage_diff.exit_code import FAIL, PASS
from lineage_diff.read.git import open_repository

if TYPE_CHECKING:
    from lineage_diff.report.audit_report import AuditReport


def answered(
    arguments: argparse.Namespace, ask: "Callable[[AuditRequest, Step], AuditReport]"
) -> int:
    """Ask with the arguments that all questions share; return the exit code of the answer."""
    with progress() as step:
        step("open")
        request = AuditRequest(open_repository(arguments.repo), arguments.rev, arguments.config)
        request.repository.foretell_timeline(request.revision)
        report = ask(request, step)
        step("show")
    from lineage_diff.show.audit_formats import render_audit

    write_rendered(arguments, lambda name, options: render_audit(name, report, options))
    failed = report.verdict is not None and report.verdict.conclusion == "failure"
    return FAIL if failed else PASS
