"""`lineage-diff history`: every version of a model, or value of a metric, and what caused each."""

import argparse
from typing import TYPE_CHECKING

from lineage_diff.auditing.request import AuditRequest, Step
from lineage_diff.commands.audit_output import answered

if TYPE_CHECKING:
    from lineage_diff.report.audit_report import AuditReport


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""

    def ask(request: AuditRequest, step: Step) -> "AuditReport":
        from lineage_diff.auditing.questions import history

        return history(request, arguments.subject, arguments.every_line, step)

    return answered(arguments, ask)
