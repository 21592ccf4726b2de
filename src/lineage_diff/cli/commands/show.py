"""`lineage-diff show`: render a saved report in another format."""

import argparse
import sys
from pathlib import Path

from lineage_diff.cli.arguments import add_detail, add_output, help_epilog
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS

_OTHERS = (
    "A table of three or more revisions and the JSON of other commands have schemas of their own "
    "and cannot be rendered again: write each format at once, with one -o for each."
)
_HINT = (
    "Name a file that `lineage-diff compare` of two revisions, `status` or `lint` wrote with "
    f"`--format json`. {_OTHERS}"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Renders a report that `compare` of two revisions, `status` or `lint` wrote with --format "
        f"json. {_OTHERS}"
    )
    parser.epilog = help_epilog(
        "exit codes: 0 shown, 2 not a report",
        "lineage-diff show report.json",
        "lineage-diff show report.json -o comment.md -o graph.svg",
        "lineage-diff compare main --format json | lineage-diff show -",
    )
    parser.add_argument(
        "report", metavar="REPORT", help="file of the report, or - for standard input"
    )
    add_output(parser)
    add_detail(parser)


def run(arguments: argparse.Namespace) -> int:
    """Read the report and write it in the requested formats.

    Raises `InputError` for a file that is no report.
    """
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.output import write_outputs
    from lineage_diff.report.json_codec import MAX_BYTES, ReportError
    from lineage_diff.report.report import decode_report

    source = arguments.report
    try:
        data = _read(source, MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"cannot read the file: {error.strerror}",
            hint=_HINT,
            file=source,
        ) from error
    try:
        report = decode_report(data, source)
    except ReportError as error:
        raise InputError(
            f"this is not a report: {error}",
            hint=_HINT,
            file="standard input" if source == "-" else source,
        ) from error
    del data  # It is as large as the report.
    write_outputs(report, arguments, is_stored=True)
    return PASS


def _read(source: str, most: int) -> bytes:
    """Return the first bytes of a file or of standard input."""
    if source == "-":
        return sys.stdin.buffer.read(most)
    with Path(source).open("rb") as file:
        return file.read(most)
