"""`lineage-diff audit`: report the trace and history of every model."""

import argparse

from lineage_diff.cli.arguments import VERDICT_CODES, add_check, add_question, help_epilog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Writes one report with the trace and all versions of every model of a commit."
    )
    parser.epilog = help_epilog(
        VERDICT_CODES,
        "lineage-diff audit -o audit.html",
        "lineage-diff audit --model churn@v1.2.0 --rev v1.2.0",
        "lineage-diff audit --data data/customers.csv --since 1a2b3c4 --format csv",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        action="append",
        dest="models",
        help="only this model; may be repeated (default: all); a single one may be a version",
    )
    parser.add_argument(
        "--data",
        metavar="PATH|HASH|REV:PATH",
        help="also list the models, past and present, that were made from this",
    )
    parser.add_argument(
        "--since",
        metavar="COMMIT",
        help="report for each model whether it was made again after this commit changed the data",
    )
    add_check(parser, "the versions in use and their sources: can they be made again?", "nothing")
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the report, and return the exit code of the verdict on the commit."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.audit_output import request_of, write_answer

    request = request_of(arguments)
    # Imported here, while `git log` runs in the background.
    from lineage_diff.app.audit.questions import Subjects, audit

    subjects = Subjects(
        tuple(arguments.models or ()), arguments.data, arguments.since, arguments.check or ()
    )
    return write_answer(arguments, lambda step: audit(request, subjects, step))
