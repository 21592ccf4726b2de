"""Writes a report in the formats asked for, each to a file or to standard output."""

import argparse
import os
import sys
from pathlib import Path

from lineage_diff.read.errors import InputError
from lineage_diff.report.report import Report
from lineage_diff.show.formats import FORMATS, Pictures, ShowOptions

DEFAULT_WIDTH = 100


def write_outputs(report: Report, arguments: argparse.Namespace) -> None:
    """Render every `--format` of the arguments; all are rendered before the first is written.

    Raises `InputError` for a file that cannot be written.
    """
    outputs = arguments.outputs or [("terminal", None)]
    rendered = [
        (FORMATS[name].render(report, _options(arguments, target)), target)
        for name, target in outputs
    ]
    for data, target in rendered:
        if target is None or target == "-":
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            _write(Path(target), data)


def _options(arguments: argparse.Namespace, target: str | None) -> ShowOptions:
    to_terminal = target is None and sys.stdout.isatty()
    color = arguments.color == "always" or (
        arguments.color == "auto" and to_terminal and "NO_COLOR" not in os.environ
    )
    width = os.get_terminal_size(sys.stdout.fileno()).columns if to_terminal else DEFAULT_WIDTH
    pictures = Pictures(*arguments.pictures) if arguments.pictures else None
    return ShowOptions(theme=arguments.theme, color=color, width=width, pictures=pictures)


def _write(path: Path, data: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    except OSError as error:
        raise InputError(
            f"cannot write it: {error.strerror}",
            mend="Name a file in a folder that you may write to.",
            file=str(path),
        ) from error
