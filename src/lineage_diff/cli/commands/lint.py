"""`lineage-diff lint`: the rules that need one commit only, before there is one."""

import argparse

from lineage_diff.app.lint import LintRequest, lint
from lineage_diff.cli.output import exit_code, write_outputs


def run(arguments: argparse.Namespace) -> int:
    """Check, write, and return the exit code; what cannot be read follows on standard error."""
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
