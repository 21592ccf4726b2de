"""`lineage-diff trace`: where a model came from."""

import argparse

from lineage_diff.cli.audit_output import answered, request_of


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import trace

    return answered(arguments, lambda step: trace(request, arguments.model, step))
