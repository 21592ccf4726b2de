"""`lineage-diff history`: every version of a model, or value of a metric, and what caused each."""

import argparse

from lineage_diff.cli.audit_output import answered, request_of


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import history

    return answered(
        arguments, lambda step: history(request, arguments.subject, arguments.every_line, step)
    )
