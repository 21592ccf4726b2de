"""`lineage-diff compare`: what changed between two commits."""

import argparse
import sys

from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.cli.output import exit_code, write_outputs
from lineage_diff.cli.progress import progress


def run(arguments: argparse.Namespace) -> int:
    """Compare, write, and return the verdict's exit code.

    Where part of the head cannot be read the rest is still written, then each reason follows on
    standard error, and the exit code is 2.
    """
    request = Request(
        repo=arguments.repo,
        base=arguments.base,
        head=arguments.head,
        direct=arguments.direct,
        config=arguments.config,
        fetch=arguments.fetch,
    )
    with progress() as step:
        comparison = compare_revisions(request, step)
        step("show")
    write_outputs(comparison.report, arguments)
    if comparison.same_commit and arguments.base is None:
        print(
            "lineage-diff: note: HEAD is the merge base itself, so there is nothing to compare; "
            "name a BASE, such as HEAD~1",
            file=sys.stderr,
        )
    return exit_code(comparison)
