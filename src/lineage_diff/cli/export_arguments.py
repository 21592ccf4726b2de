"""Arguments that `export` and `org export` share."""

import argparse

from lineage_diff.catalog.formats import EXPORT_FORMATS, ExportFormat


def add_format(parser: argparse.ArgumentParser, *, reads_files: bool = True) -> None:
    """Add `--to`, the format of an export; the help says if files cannot be read."""
    parser.add_argument(
        "--to",
        metavar="FORMAT",
        choices=tuple(EXPORT_FORMATS),
        required=True,
        help="the format\n"
        + "\n".join(f"{name}: {_help(item, reads_files)}" for name, item in EXPORT_FORMATS.items()),
    )


def _help(item: ExportFormat, reads_files: bool) -> str:
    if item.reads_files and not reads_files:
        return "not available: needs the files of the repository"
    return item.help
