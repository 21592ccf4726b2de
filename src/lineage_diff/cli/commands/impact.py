"""`lineage-diff impact`: which models, past and present, were made from some data or code."""

import argparse

from lineage_diff.cli.arguments import ANSWER_CODES, add_question


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = (
        "Lists the versions of all models that were made from a path, from the content with a "
        "hash, or from what a path held at a revision."
    )
    parser.epilog = ANSWER_CODES
    parser.add_argument(
        "subject",
        metavar="PATH|HASH|REV:PATH",
        help="a path that a stage knows, a hash or the start of one, or a path at a revision",
    )
    parser.add_argument(
        "--since",
        metavar="COMMIT",
        help="tell of each model whether it was made again after this commit changed PATH",
    )
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    # Not for `--help`.
    from lineage_diff.cli.audit_output import answered, request_of

    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import impact

    return answered(
        arguments, lambda step: impact(request, arguments.subject, arguments.since, step)
    )
