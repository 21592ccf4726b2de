"""`lineage-diff impact`: which models, past and present, were made from some data or code."""

import argparse

from lineage_diff.commands.audit_output import answered


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    from lineage_diff.auditing.questions import impact

    return answered(
        arguments,
        lambda request, step: impact(request, arguments.subject, arguments.since, step),
    )
