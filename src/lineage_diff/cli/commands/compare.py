"""`lineage-diff compare`: report what changed between two commits."""

import argparse
import os
import sys

from lineage_diff.cli.arguments import (
    VERDICT_CODES,
    add_check,
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
        "Compares two commits of a DVC repository and reports which models are affected, why, and "
        "which are stale. Reads Git objects only: no checkout, no data. Uses the network only for "
        "--fetch, for --check, if the configuration in BASE has `fetch` or `check`, and if "
        "MLFLOW_TRACKING_URI is set."
    )
    parser.epilog = help_epilog(
        VERDICT_CODES,
        "lineage-diff compare main my-branch",
        "lineage-diff compare HEAD~1",
        "lineage-diff compare main -o report.html -o comment.md",
        "lineage-diff compare v1.0 v1.1 --direct --fetch metrics,listings",
        "lineage-diff compare main exp-a exp-b exp-c",
    )
    parser.add_argument(
        "base",
        metavar="BASE",
        nargs="?",
        help="the branch, commit, experiment or version of a model (churn@v1.2.0, churn#prod) to "
        "compare with (default: the target of the change that a CI system reviews, or else the "
        "default branch); BASE...HEAD and BASE..HEAD as in Git",
    )
    parser.add_argument(
        "head",
        metavar="HEAD",
        nargs="?",
        help="the commit with the change (default: the commit checked out)",
    )
    parser.add_argument(
        "more",
        metavar="REV",
        nargs="*",
        help="further revisions: one table then compares each of them, and HEAD, with BASE itself",
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
    add_detail(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare, write the report, and return the exit code.

    If part of the head is unreadable, the rest is still reported. Each reason is then printed to
    standard error, and the exit code is 2.
    """
    if arguments.more:
        return _run_table(arguments)
    # Imported late: `--help` does not need it.
    from lineage_diff.app.compare import Request, compare_revisions
    from lineage_diff.app.result import SAME_COMMIT
    from lineage_diff.cli.output import exit_code, note_configuration, write_outputs
    from lineage_diff.cli.progress import progress

    base, head, direct = _ends(arguments)
    request = Request(
        repo=arguments.repo,
        base=base,
        head=head,
        direct=direct,
        config=arguments.config,
        fetch=arguments.fetch,
        check=arguments.check,
    )
    with progress() as step:
        comparison = compare_revisions(request, step)
        step("show")
    report = comparison.report
    write_outputs(report, arguments)
    note_configuration(arguments, report.head.commit, comparison.trusted, report.base.rev)
    if comparison.same_commit and arguments.base is None and not arguments.quiet:
        print(f"lineage-diff: note: {SAME_COMMIT}", file=sys.stderr)
    return exit_code(comparison)


def _run_table(arguments: argparse.Namespace) -> int:
    """Compare three or more revisions in one table."""
    # Imported late: a comparison of two needs none of it.
    from lineage_diff.app.experiments.compare import ExperimentsRequest, compare_experiments
    from lineage_diff.cli.output import note_configuration, write_rendered
    from lineage_diff.cli.progress import progress
    from lineage_diff.exit_codes import FAIL, PASS
    from lineage_diff.render.experiments.rendering import render_experiments
    from lineage_diff.render.experiments.text import experiments_outcome

    _check_formats(arguments)
    revs = (arguments.base, arguments.head, *arguments.more)
    request = ExperimentsRequest(revs, arguments.repo, arguments.config, arguments.fetch)
    with progress() as step:
        report, trusted = compare_experiments(request, step)
        step("show")
    write_rendered(
        arguments,
        lambda name, options: (render_experiments(name, report, options),),
        lambda: experiments_outcome(report),
    )
    note_configuration(arguments, report.table.revisions[-1].commit, trusted, arguments.base)
    return FAIL if report.verdict.conclusion == "failure" else PASS


def _check_formats(arguments: argparse.Namespace) -> None:
    """Raise `InputError` for a format that shows one change alone."""
    # Imported late, as above.
    from lineage_diff.render.formats import format_names

    known = format_names("experiments")
    for name, _ in arguments.outputs or ():
        if name not in known:
            raise InputError(
                f"{name} shows one change, and there are more than two revisions",
                hint=f"Use {', '.join(known[:-1])} or {known[-1]}.",
            )


def _ends(arguments: argparse.Namespace) -> tuple[str | None, str | None, bool]:
    """Return base, head and whether they are compared directly; BASE may be a range.

    Without BASE, those of the change that a CI system reviews.
    """
    if arguments.base is None:
        return (*_reviewed(arguments.repo), arguments.direct)
    # Imported late: `--help` does not need it.
    from lineage_diff.app.names import range_ends

    ends = range_ends(arguments.base)
    if ends is None:
        return arguments.base, arguments.head, arguments.direct
    if arguments.head is not None:
        raise InputError(
            f"{arguments.base} names both commits", hint=f"Leave out {arguments.head}."
        )
    base, head, direct = ends
    return base, head, direct or arguments.direct


def _reviewed(repo: str) -> tuple[str | None, str | None]:
    """Return base and head of the change under review; `None` for both outside of CI."""
    # Imported late: with BASE it is not needed.
    from lineage_diff.cli.ci import change_under_review, find_ends

    change = change_under_review(os.environ)
    if change is None:
        return None, None
    base, head = find_ends(change, repo)
    print(
        f"lineage-diff: note: comparing with {change.target}, the target of this "
        f"{change.system} change",
        file=sys.stderr,
    )
    if base == change.merge_base:
        print(
            f"lineage-diff: note: {change.target} is not in the clone, so the rules come from "
            f"the merge base, which the author of the change chooses. {change.fetch}",
            file=sys.stderr,
        )
    return base, head
