"""`lineage-diff index`: write the lineage of repositories into the tables of an organization."""

import argparse

from lineage_diff.cli.arguments import add_config, help_epilog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Writes the lineage of repositories into Delta Lake tables: the whole history at first, "
        "then only what new commits recorded. Each repository is a separate part, so many jobs may "
        "write at once. A reader sees the old part or the whole new one."
    )
    parser.epilog = help_epilog(
        "exit codes: 0 all are indexed, or have no DVC project, 2 usage error, or a repository "
        "failed",
        "lineage-diff index --to s3://acme-lineage/tables",
        "lineage-diff index ../churn https://github.com/acme/fraud --to ./tables",
        "lineage-diff index --repos repositories.txt --jobs 8 --to az://lineage/tables",
    )
    parser.add_argument(
        "repositories",
        metavar="REPOSITORY",
        nargs="*",
        help="path or address of a repository (default: the current folder, unless --repos)",
    )
    parser.add_argument(
        "--to",
        metavar="URL",
        required=True,
        help="the tables: a folder, or a URL that begins with s3://, gs:// or az://",
    )
    parser.add_argument(
        "--repos",
        metavar="FILE",
        help="file with more repositories, one a line; - for standard input (default: none)",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--jobs",
        metavar="N",
        type=_parse_jobs,
        default=1,
        help="repositories to index at once (default: 1)",
    )
    where.add_argument(
        "--dask",
        metavar="SCHEDULER",
        help="run on the Dask cluster of this scheduler, such as tcp://host:8786 (default: here)",
    )
    parser.add_argument(
        "--cache",
        metavar="DIR",
        help="folder for the clones of addresses (default: a folder in the user's cache)",
    )
    add_config(parser, "each repository's commit")


def _parse_jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 to 256")
    return int(text)


def run(arguments: argparse.Namespace) -> int:
    """Index the repositories, and return the exit code."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.index_output import index_all

    return index_all(arguments)
