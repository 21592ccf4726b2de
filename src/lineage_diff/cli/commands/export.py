"""`lineage-diff export`: write the lineage for a catalog or another tool."""

import argparse

from lineage_diff.catalog.formats import EXPORT_FORMATS
from lineage_diff.cli.arguments import (
    WRITTEN_CODES,
    add_config,
    add_repo,
    add_rev,
    help_epilog,
)
from lineage_diff.cli.export_arguments import add_format


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Writes which run made which version, from which data, code and params, for a catalog or "
        "another tool. Ids are the same each time, so a second export changes nothing."
    )
    parser.epilog = help_epilog(
        WRITTEN_CODES,
        "lineage-diff export --to json -o lineage.json",
        "lineage-diff export --to facts --all -o facts.jsonl",
        "lineage-diff export --to json --rev v1.2.0 --model churn",
        "lineage-diff export --to openlineage --since v1.2.0 --send",
    )
    add_format(parser)
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "-o",
        "--output",
        metavar="FILE|DIR|-",
        default="-",
        help="write to this file, or folder for a format of several (default: -, standard output)",
    )
    senders = ", ".join(name for name, item in EXPORT_FORMATS.items() if item.sender)
    target.add_argument(
        "--send",
        action="store_true",
        help=f"send it to the system that the environment names ({senders})",
    )
    add_rev(parser)
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument(
        "--since",
        metavar="COMMIT",
        help="export the runs that were recorded after this commit (default: those in force)",
    )
    scope.add_argument(
        "--all",
        action="store_true",
        dest="whole",
        help="export all runs that the history recorded",
    )
    parser.add_argument(
        "--model",
        metavar="MODEL",
        action="append",
        dest="models",
        help="only this model and what it was made from, with --all or --since each version of it; "
        "may be repeated (default: everything)",
    )
    specs = "; ".join(
        f"{name}: {' or '.join(item.specs)} (default: {item.specs[0]})"
        for name, item in EXPORT_FORMATS.items()
        if item.specs
    )
    parser.add_argument(
        "--spec", metavar="VERSION", help=f"version of the specification, for {specs}"
    )
    files = ", ".join(name for name, item in EXPORT_FORMATS.items() if item.reads_files)
    parser.add_argument(
        "--fetch",
        action="store_true",
        help=f"read the models from DVC's cache, else from the remote, for their SHA-256 ({files})",
    )
    add_repo(parser)
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the export, and return the exit code."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.audit_output import request_of
    from lineage_diff.exit_codes import PASS

    request = request_of(arguments)
    # Imported here, while `git log` runs in the background.
    from lineage_diff.app.export.facts import Scope
    from lineage_diff.cli.export_output import send_export, write_export

    models = tuple(arguments.models or ())
    scope = Scope(arguments.whole, arguments.since, models, fetch=arguments.fetch)
    if arguments.send:
        send_export(arguments.to, request, scope)
    else:
        write_export(arguments.to, request, scope, arguments.output, arguments.spec)
    return PASS
