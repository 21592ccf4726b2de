"""`lineage-diff status`: is every model and stage fresh at one commit."""

import argparse

from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.cli.output import exit_code, write_outputs
from lineage_diff.cli.progress import progress


def run(arguments: argparse.Namespace) -> int:
    """Judge, write, and return the exit code; what cannot be read follows on standard error."""
    request = StatusRequest(
        repo=arguments.repo,
        rev=arguments.rev,
        config=arguments.config,
        fetch=arguments.fetch or (),
    )
    with progress() as step:
        status = status_of(request, step)
        step("show")
    write_outputs(status.report, arguments)
    return exit_code(status)
