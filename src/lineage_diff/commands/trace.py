"""`lineage-diff trace`: where a model came from."""

import argparse

from lineage_diff.commands.audit_output import answered


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    from lineage_diff.auditing.questions import trace

    return answered(arguments, lambda request, step: trace(request, arguments.model, step))
