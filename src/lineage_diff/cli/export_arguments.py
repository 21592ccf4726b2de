"""Arguments that `export` and `org export` share."""

import argparse

from lineage_diff.catalog.formats import EXPORT_FORMATS


def add_format(parser: argparse.ArgumentParser, *, reads_files: bool = True) -> None:
    """Add `--to`, the format of an export; the help says if files cannot be read."""
    kinds = {True: "needs the files of the repository"} if not reads_files else {}
    formats = (
        f"{name}: {kinds.get(item.reads_files, item.help)}" for name, item in EXPORT_FORMATS.items()
    )
    parser.add_argument(
        "--to",
        metavar="FORMAT",
        choices=tuple(EXPORT_FORMATS),
        required=True,
        help="; ".join(formats),
    )
