"""`lineage-diff history`: every version of a model, or value of a metric, and what caused each."""

import argparse

from lineage_diff.commands.audit_output import answered


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    from lineage_diff.auditing.questions import history

    return answered(
        arguments,
        lambda request, step: history(request, arguments.subject, arguments.every_line, step),
    )
