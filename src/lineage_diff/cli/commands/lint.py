"""`lineage-diff lint`: run the rules that need one commit only, before a commit."""

import argparse

from lineage_diff.cli.arguments import (
    VERDICT_CODES,
    add_config,
    add_detail,
    add_output,
    add_repo,
    help_epilog,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Runs the rules that need one commit only, on the files on disk that Git does not ignore, "
        "or on the staged files."
    )
    parser.epilog = help_epilog(
        VERDICT_CODES,
        "lineage-diff lint",
        "lineage-diff lint --staged",
        "lineage-diff lint dvc.yaml params.yaml --format sarif",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="report findings in these files and folders only (default: all files)",
    )
    parser.add_argument(
        "--staged",
        "--cached",
        action="store_true",
        help="check the files staged for the next commit, not those on disk",
    )
    add_repo(parser)
    add_config(parser, "the repository")
    add_output(parser, "commit")
    add_detail(parser, bounded=False)


def run(arguments: argparse.Namespace) -> int:
    """Check the files, write the report, and return the exit code.

    Each unreadable input is printed to standard error, unless the terminal shows it as a finding.
    """
    # Imported late: `--help` does not need it.
    from lineage_diff.app.lint import LintRequest, lint
    from lineage_diff.cli.output import exit_code, write_outputs

    done = lint(
        LintRequest(
            repo=arguments.repo,
            files=tuple(arguments.files),
            staged=arguments.staged,
            config=arguments.config,
        )
    )
    write_outputs(done.report, arguments)
    return exit_code(done, is_shown=not arguments.outputs)
