"""`lineage-diff status`: report whether the models and stages of a commit are fresh."""

import argparse
import os

from lineage_diff.cli.arguments import (
    VERDICT_CODES,
    add_check,
    add_commit,
    add_config,
    add_detail,
    add_fetch,
    add_output,
    add_repo,
    help_epilog,
)
from lineage_diff.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Reports for every model and stage of a commit whether it is fresh, stale or unknown, with "
        "the reasons and the `dvc repro` that fixes it. Reads Git objects only: no checkout, no "
        "data; no network without --fetch or --check."
    )
    parser.epilog = help_epilog(
        VERDICT_CODES,
        "lineage-diff status",
        "lineage-diff status v1.2.0",
        "lineage-diff status -o status.html --fetch metrics",
    )
    add_commit(parser)
    parser.add_argument(
        "--pushed",
        action="store_true",
        help="in a pre-push hook of pre-commit: the commit that is pushed, not the checkout",
    )
    add_repo(parser)
    add_config(parser)
    add_fetch(parser, "nothing")
    add_check(parser, "all versions of the commit", "nothing")
    add_output(parser, "commit")
    add_detail(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check the commit, write the report, and return the exit code.

    Each unreadable input is printed to standard error.
    """
    # Imported late: `--help` does not need it.
    from lineage_diff.app.status import StatusRequest, status_of
    from lineage_diff.cli.output import exit_code, note_configuration, write_outputs
    from lineage_diff.cli.progress import progress
    from lineage_diff.cli.pushed import known_rev, pushed_rev

    if arguments.pushed and arguments.rev is not None:
        raise InputError(
            "--pushed names the commit by itself", hint="Leave out --pushed, or the revision."
        )
    request = StatusRequest(
        repo=arguments.repo,
        rev=pushed_rev(os.environ) if arguments.pushed else arguments.rev,
        config=arguments.config,
        fetch=arguments.fetch or (),
        check=arguments.check or (),
        since=known_rev(os.environ) if arguments.pushed else None,
    )
    with progress() as step:
        status = status_of(request, step)
        step("show")
    write_outputs(status.report, arguments)
    head = status.report.head
    note_configuration(arguments, head.commit, head.commit, head.rev)
    return exit_code(status)
