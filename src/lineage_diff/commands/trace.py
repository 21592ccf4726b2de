"""`lineage-diff trace`: where a model came from."""

import argparse
from typing import TYPE_CHECKING

from lineage_diff.auditing.request import AuditRequest, Step
from lineage_diff.commands.audit_output import answered

if TYPE_CHECKING:
    from lineage_diff.report.audit_report import AuditReport


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""

    def ask(request: AuditRequest, step: Step) -> "AuditReport":
        from lineage_diff.auditing.questions import trace

        return trace(request, arguments.model, step)

    return answered(arguments, ask)
