"""`lineage-diff audit`: trace and history of every model, as one report."""

import argparse
from typing import TYPE_CHECKING

from lineage_diff.auditing.request import AuditRequest, Step
from lineage_diff.commands.audit_output import answered

if TYPE_CHECKING:
    from lineage_diff.report.audit_report import AuditReport


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code, that of the verdict on the commit."""

    def ask(request: AuditRequest, step: Step) -> "AuditReport":
        from lineage_diff.auditing.questions import Subjects, audit

        subjects = Subjects(tuple(arguments.models or ()), arguments.data, arguments.since)
        return audit(request, subjects, step)

    return answered(arguments, ask)
