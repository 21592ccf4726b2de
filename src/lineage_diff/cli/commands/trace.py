"""`lineage-diff trace`: where a model came from."""

import argparse

from lineage_diff.cli.arguments import ANSWER_CODES, MODEL, add_question


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = (
        "Tells which run made a model, and every version of code, data, imports and params "
        "that it was made from, with the commit since when each is what it is."
    )
    parser.epilog = ANSWER_CODES
    parser.add_argument("model", metavar="MODEL", help=MODEL)
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    # Not for `--help`.
    from lineage_diff.cli.audit_output import answered, request_of

    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import trace

    return answered(arguments, lambda step: trace(request, arguments.model, step))
