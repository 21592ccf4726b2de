"""`lineage-diff history`: list the versions of a model, or values of a metric, and causes."""

import argparse

from lineage_diff.cli.arguments import (
    ANSWER_CODES,
    MODEL,
    add_question,
    help_epilog,
    repository_path,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Lists the versions of a model, or the values of a metric, along the first parents of a "
        "commit, newest first, each with its causes and metrics."
    )
    parser.epilog = help_epilog(
        ANSWER_CODES,
        "lineage-diff history models/churn.pkl",
        "lineage-diff history metrics.json:accuracy --all",
        "lineage-diff history churn -o history.html",
    )
    parser.add_argument(
        "subject",
        metavar="MODEL|METRIC",
        type=repository_path,
        help=f"{MODEL}; or a metric as KEY or FILE:KEY",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        dest="every_line",
        help="include other branches, and merged branches before their merge",
    )
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer the question, write the report, and return the exit code."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.audit_output import request_of, write_answer

    request = request_of(arguments)
    # Imported here, while `git log` runs in the background.
    from lineage_diff.app.audit.questions import history

    return write_answer(
        arguments, lambda step: history(request, arguments.subject, arguments.every_line, step)
    )
