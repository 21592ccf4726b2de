"""`lineage-diff impact`: list the models, past and present, made from some data or code."""

import argparse

from lineage_diff.cli.arguments import ANSWER_CODES, add_question, help_epilog, repository_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Lists the model versions that were made from a path, from the content with a hash, or "
        "from the content of a path at a revision."
    )
    parser.epilog = help_epilog(
        ANSWER_CODES,
        "lineage-diff impact data/customers.csv",
        "lineage-diff impact main:data/customers.csv",
        "lineage-diff impact data/customers.csv --since 1a2b3c4",
    )
    parser.add_argument(
        "subject",
        metavar="PATH|HASH|REV:PATH",
        type=repository_path,
        help="a path that a stage uses, a hash or its first digits, or a path at a revision",
    )
    parser.add_argument(
        "--since",
        metavar="COMMIT",
        help="report for each model whether it was made again after this commit changed PATH",
    )
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer the question, write the report, and return the exit code."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.audit_output import request_of, write_answer

    request = request_of(arguments)
    # Imported here, while `git log` runs in the background.
    from lineage_diff.app.audit.questions import impact

    return write_answer(
        arguments, lambda step: impact(request, arguments.subject, arguments.since, step)
    )
