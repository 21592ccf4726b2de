"""`lineage-diff mcp`: answer an assistant's questions by the Model Context Protocol."""

import argparse
import os

from lineage_diff.cli.arguments import add_repo, help_epilog
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS

SECONDS = 120.0
_MOST_SECONDS = 3600


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Serves the Model Context Protocol on standard input and output: an assistant starts this "
        "command, and asks what affected, status, trace, history, impact, metrics and rules answer "
        "about this repository. Reads Git objects only: no checkout, no data, no network, and "
        "writes nothing."
    )
    parser.epilog = help_epilog(
        "exit codes: 0 the client closed the input, 2 usage error or no repository",
        "lineage-diff mcp",
        "lineage-diff mcp --repo ~/churn --timeout 60",
    )
    add_repo(parser)
    parser.add_argument(
        "--timeout",
        metavar="SECONDS",
        type=_parse_seconds,
        default=SECONDS,
        help=f"seconds until a question ends without an answer (default: {SECONDS:g})",
    )


def _parse_seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= _MOST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a number of seconds above 0 and up to {_MOST_SECONDS}"
        )
    return seconds


def run(arguments: argparse.Namespace) -> int:
    """Serve until the client closes the input. Raises `InputError` without a repository."""
    # Imported late: `--help` does not need it.
    from lineage_diff.git.repository import open_repository

    open_repository(arguments.repo)
    try:
        from lineage_diff.cli.assistant.server import serve
    except ImportError as error:
        raise InputError(
            "the package of the Model Context Protocol is not installed",
            hint="Install lineage-diff[mcp].",
        ) from error
    serve(os.path.abspath(arguments.repo), arguments.timeout)
    return PASS
