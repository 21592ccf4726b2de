"""`lineage-diff show`: a saved report in another format."""

import argparse
import sys
from pathlib import Path

from lineage_diff.cli.output import write_outputs
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import PASS
from lineage_diff.report.json_codec import MAX_BYTES, ReportError, decode


def run(arguments: argparse.Namespace) -> int:
    """Read the report, write it in the formats asked for. Raises `InputError` if it is none."""
    source = arguments.report
    try:
        data = _read(source)
    except OSError as error:
        raise InputError(
            f"cannot read it: {error.strerror}",
            mend="Name a file that `lineage-diff compare --format json -o FILE` wrote.",
            file=source,
        ) from error
    try:
        report = decode(data, source)
    except ReportError as error:
        raise InputError(
            f"this is not a report: {error}",
            mend="Name a file that `lineage-diff compare --format json -o FILE` wrote.",
            file="standard input" if source == "-" else source,
        ) from error
    write_outputs(report, arguments)
    return PASS


def _read(source: str) -> bytes:
    """Return the bytes of a file or of standard input, and one more than are read at most."""
    if source == "-":
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    with Path(source).open("rb") as file:
        return file.read(MAX_BYTES + 1)
