"""`lineage-diff trace`: show the run, code, data and params that a model was made from."""

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
        "Shows which run made a model, and the versions of code, data, imports and params that it "
        "was made from, each with the commit that recorded it first."
    )
    parser.epilog = help_epilog(
        ANSWER_CODES,
        "lineage-diff trace models/churn.pkl",
        "lineage-diff trace churn#prod",
        "lineage-diff trace churn@v1.2.0 -o trace.html",
    )
    parser.add_argument("model", metavar="MODEL", type=repository_path, help=MODEL)
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer the question, write the report, and return the exit code."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.audit_output import request_of, write_answer

    request = request_of(arguments)
    # Imported here, while `git log` runs in the background.
    from lineage_diff.app.audit.questions import trace

    return write_answer(arguments, lambda step: trace(request, arguments.model, step))
