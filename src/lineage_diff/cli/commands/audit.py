"""`lineage-diff audit`: trace and history of every model, as one report."""

import argparse

from lineage_diff.cli.arguments import VERDICT_CODES, add_question


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = "Traces every model of a commit and lists all its versions, as one report."
    parser.epilog = VERDICT_CODES
    parser.add_argument(
        "--model",
        metavar="MODEL",
        action="append",
        dest="models",
        help="only this model; may be repeated (default: all); alone it may be a version",
    )
    parser.add_argument(
        "--data",
        metavar="PATH|HASH|REV:PATH",
        help="also list the models, past and present, that were made from this",
    )
    parser.add_argument(
        "--since",
        metavar="COMMIT",
        help="tell of each model whether it was made again after this commit changed the data",
    )
    add_question(parser)


def run(arguments: argparse.Namespace) -> int:
    """Answer, write, and return the exit code, that of the verdict on the commit."""
    # Not for `--help`.
    from lineage_diff.cli.audit_output import answered, request_of

    request = request_of(arguments)
    # This takes a while: Git works meanwhile.
    from lineage_diff.app.audit.questions import Subjects, audit

    subjects = Subjects(tuple(arguments.models or ()), arguments.data, arguments.since)
    return answered(arguments, lambda step: audit(request, subjects, step))
