"""`lineage-diff audit`: trace and history of every model, as one report."""

import argparse

from lineage_diff.cli.audit_output import answered, request_of


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code, that of the verdict on the commit."""
    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import Subjects, audit

    subjects = Subjects(tuple(arguments.models or ()), arguments.data, arguments.since)
    return answered(arguments, lambda step: audit(request, subjects, step))
