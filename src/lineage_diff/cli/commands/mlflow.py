"""`lineage-diff mlflow tag`: writes the lineage of a commit onto its MLflow runs."""

import argparse

from lineage_diff.cli.arguments import add_config, add_repo, add_rev
from lineage_diff.exit_codes import PASS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the command, and add what it takes."""
    parser.description = (
        "Works on the MLflow server of MLFLOW_TRACKING_URI, with MLflow's own variables to log in."
    )
    parser.epilog = "exit codes: 0 done, 2 usage, unreadable input, or the server fails"
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    tag = actions.add_parser(
        "tag",
        help="write the lineage of a commit as tags onto the runs that name it",
        description=(
            "Writes the model, its hash, its stage and the hash of each data version that it is "
            "made from as tags named lineage_diff.* onto the MLflow runs that name the commit."
        ),
        epilog="exit codes: 0 written, 2 no server, model or run to work on, or the server fails",
    )
    add_rev(tag)
    tag.add_argument(
        "--model",
        metavar="MODEL",
        help="the model that the runs made, by its path or name (default: the only one)",
    )
    tag.add_argument(
        "--run",
        metavar="ID",
        action="append",
        dest="runs",
        help="only this run; may be repeated (default: all that name the commit)",
    )
    tag.add_argument("--dry-run", action="store_true", help="show what would be written")
    add_repo(tag)
    add_config(tag)


def run(arguments: argparse.Namespace) -> int:
    """Write the tags, or show them with `--dry-run`. Raises `InputError` as `tag_runs` does."""
    # Not for `--help`.
    from lineage_diff.app.mlflow_tag import TaggingRequest, tag_runs
    from lineage_diff.cli.output import color_wanted, columns
    from lineage_diff.render.templates import render
    from lineage_diff.render.terminal import console_text

    tagging = tag_runs(
        TaggingRequest(
            repo=arguments.repo,
            rev=arguments.rev,
            model=arguments.model,
            runs=tuple(arguments.runs or ()),
            config=arguments.config,
            dry_run=arguments.dry_run,
        )
    )
    markup = render("mlflow/tag.rich.j2", tagging=tagging)
    print(console_text(markup, color=color_wanted("auto"), width=columns()), end="")
    return PASS
