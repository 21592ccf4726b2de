"""Answer a question about the history, in the requested formats."""

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from lineage_diff.app import Step
from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.cli.output import note_configuration, write_rendered
from lineage_diff.cli.progress import progress
from lineage_diff.exit_codes import FAIL, PASS
from lineage_diff.history.reader import open_history

if TYPE_CHECKING:
    from lineage_diff.report.audit_report import AuditReport


def request_of(arguments: argparse.Namespace) -> AuditRequest:
    """Open the repository that the arguments name, and start `git log` in the background."""
    request = AuditRequest(open_history(arguments.repo), arguments.rev, arguments.config)
    request.history.prefetch_history(request.revision)
    return request


def write_answer(arguments: argparse.Namespace, ask: "Callable[[Step], AuditReport]") -> int:
    """Call `ask`, write its report as the arguments request, and return the exit code."""
    with progress() as step:
        report = ask(step)
        step("show")
    # Imported late: a question that fails earlier does not need it.
    from lineage_diff.render.rendering import audit_rendering

    def outcome() -> list[str]:
        # As above.
        from lineage_diff.render.outcome import audit_outcome

        return audit_outcome(report)

    write_rendered(arguments, audit_rendering(report), outcome)
    commit = report.revision.commit
    note_configuration(arguments, commit, commit, report.revision.rev)
    failed = report.verdict is not None and report.verdict.conclusion == "failure"
    return FAIL if failed else PASS
