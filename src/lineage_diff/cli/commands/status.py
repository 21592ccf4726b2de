"""`lineage-diff status`: is every model and stage fresh at one commit."""

import argparse
import os

from lineage_diff.cli.arguments import (
    VERDICT_CODES,
    add_commit,
    add_config,
    add_fetch,
    add_output,
    add_repo,
)
from lineage_diff.errors import InputError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = (
        "Tells for every model and stage of a commit whether it is fresh, stale or unknown, "
        "why, and the `dvc repro` that fixes it: no checkout, no data, no network."
    )
    parser.epilog = VERDICT_CODES
    add_commit(parser)
    parser.add_argument(
        "--pushed",
        action="store_true",
        help="in a pre-push hook of pre-commit: the commit that is pushed, not the checkout",
    )
    add_repo(parser)
    add_config(parser)
    add_fetch(parser, "nothing")
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Judge, write, and return the exit code; what cannot be read follows on standard error."""
    # Not for `--help`.
    from lineage_diff.app.status import StatusRequest, status_of
    from lineage_diff.cli.output import exit_code, write_outputs
    from lineage_diff.cli.progress import progress
    from lineage_diff.cli.pushed import pushed_rev

    if arguments.pushed and arguments.rev is not None:
        raise InputError(
            "--pushed names the commit by itself", hint="Leave out --pushed, or the revision."
        )
    request = StatusRequest(
        repo=arguments.repo,
        rev=pushed_rev(os.environ) if arguments.pushed else arguments.rev,
        config=arguments.config,
        fetch=arguments.fetch or (),
    )
    with progress() as step:
        status = status_of(request, step)
        step("show")
    write_outputs(status.report, arguments)
    return exit_code(status)
