"""`lineage-diff lint`: the rules that need one commit only, before there is one."""

import argparse

from lineage_diff.cli.arguments import VERDICT_CODES, add_config, add_output, add_repo


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = (
        "Runs the rules that need one commit only, on the files on disk that Git tracks or "
        "would track, or on what is staged."
    )
    parser.epilog = VERDICT_CODES
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="report only what is found in these files (default: all)",
    )
    parser.add_argument(
        "--staged",
        "--cached",
        action="store_true",
        help="check what is staged for the next commit, not the files on disk",
    )
    add_repo(parser)
    add_config(parser, "the repository")
    add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check, write, and return the exit code; what cannot be read follows on standard error."""
    # Not for `--help`.
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
    return exit_code(done)
