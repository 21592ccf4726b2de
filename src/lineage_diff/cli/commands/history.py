"""`lineage-diff history`: every version of a model, or value of a metric, and what caused each."""

import argparse

from lineage_diff.cli.arguments import ANSWER_CODES, MODEL, add_question


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = (
        "Lists the versions of a model, or the values of a metric, along the first parents of "
        "a commit, the newest first, each with its causes and metrics."
    )
    parser.epilog = ANSWER_CODES
    parser.add_argument(
        "subject", metavar="MODEL|METRIC", help=f"{MODEL}; or KEY or FILE:KEY of a metric"
    )
    parser.add_argument(
        "--all",
        action="store_true",
        dest="every_line",
        help="also those on other branches, and on merged ones before the merge",
    )
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code."""
    # Not for `--help`.
    from lineage_diff.cli.audit_output import answered, request_of

    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import history

    return answered(
        arguments, lambda step: history(request, arguments.subject, arguments.every_line, step)
    )
