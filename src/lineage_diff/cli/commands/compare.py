"""`lineage-diff compare`: report what changed between two commits."""

import argparse
import sys

from lineage_diff.cli.arguments import (
    VERDICT_CODES,
    add_check,
    add_config,
    add_fetch,
    add_output,
    add_repo,
    ending,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Compares two commits of a DVC repository and reports which models are affected, why, and "
        "which are stale. Reads Git objects only: no checkout, no data; no network without --fetch "
        "or --check."
    )
    parser.epilog = ending(
        VERDICT_CODES,
        "lineage-diff compare main my-branch",
        "lineage-diff compare HEAD~1",
        "lineage-diff compare main -o report.html -o comment.md",
        "lineage-diff compare v1.0 v1.1 --direct --fetch metrics,listings",
    )
    parser.add_argument(
        "base",
        metavar="BASE",
        nargs="?",
        help="the branch or commit to compare with (default: the default branch)",
    )
    parser.add_argument(
        "head",
        metavar="HEAD",
        nargs="?",
        help="the commit with the change (default: the commit checked out)",
    )
    parser.add_argument(
        "--direct",
        action="store_true",
        help="compare with BASE itself, not with the merge base of BASE and HEAD",
    )
    add_repo(parser)
    add_config(parser, "BASE")
    add_fetch(parser, "what the configuration in BASE says")
    add_check(
        parser, "the versions that the change introduces", "what the configuration in BASE says"
    )
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, write the report, and return the exit code.

    If part of the head is unreadable, the rest is still reported. Each reason is then printed to
    standard error, and the exit code is 2.
    """
    # Imported late: `--help` does not need it.
    from lineage_diff.app.compare import Request, compare_revisions
    from lineage_diff.cli.output import exit_code, note_configuration, write_outputs
    from lineage_diff.cli.progress import progress

    request = Request(
        repo=arguments.repo,
        base=arguments.base,
        head=arguments.head,
        direct=arguments.direct,
        config=arguments.config,
        fetch=arguments.fetch,
        check=arguments.check,
    )
    with progress() as step:
        comparison = compare_revisions(request, step)
        step("show")
    report = comparison.report
    write_outputs(report, arguments)
    note_configuration(arguments, report.head.commit, report.base.rev)
    if comparison.same_commit and arguments.base is None:
        print(
            "lineage-diff: note: HEAD is the merge base, so there is nothing to compare; "
            "name a BASE, such as HEAD~1",
            file=sys.stderr,
        )
    return exit_code(comparison)
