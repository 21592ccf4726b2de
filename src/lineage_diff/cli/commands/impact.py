"""`lineage-diff impact`: which models, past and present, were made from some data or code."""

import argparse

from lineage_diff.cli.audit_output import answered, request_of


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import impact

    return answered(
        arguments, lambda step: impact(request, arguments.subject, arguments.since, step)
    )
