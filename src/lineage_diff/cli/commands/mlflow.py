"""`lineage-diff mlflow tag`: write the lineage of a commit to its MLflow runs."""

import argparse

from lineage_diff.cli.arguments import add_config, add_repo, add_rev, help_epilog
from lineage_diff.exit_codes import PASS


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Uses the MLflow server named by MLFLOW_TRACKING_URI, and MLflow's own variables to log in."
    )
    parser.epilog = help_epilog(
        "exit codes: 0 done, 2 usage error, unreadable input or server failure",
        "lineage-diff mlflow tag --help",
    )
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    tag = actions.add_parser(
        "tag",
        help="write the lineage of a commit as tags to the runs that name it",
        description=(
            "Writes tags named lineage_diff.* to the MLflow runs that name the commit: the model, "
            "its hash, its stage, and the hash of each data version that it was made from."
        ),
        epilog=help_epilog(
            "exit codes: 0 written, 2 no server, model or run found, or server failure",
            "lineage-diff mlflow tag --dry-run",
            "lineage-diff mlflow tag --rev v1.2.0 --model churn",
        ),
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
    tag.add_argument("--dry-run", action="store_true", help="show the tags without writing them")
    add_repo(tag)
    add_config(tag)


def run(arguments: argparse.Namespace) -> int:
    """Write the tags, or show them with `--dry-run`. Raises `InputError` as `tag_runs` does."""
    # Imported late: `--help` does not need it.
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
