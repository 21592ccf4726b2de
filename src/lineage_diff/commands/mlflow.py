"""`lineage-diff mlflow tag`: writes the lineage of a commit onto its MLflow runs."""

import argparse

from lineage_diff.commands.output import color_wanted, columns
from lineage_diff.exit_code import PASS


def run(arguments: argparse.Namespace) -> int:
    """Write the tags, or show them with `--dry-run`. Raises `InputError` as `tag_runs` does."""
    # What speaks HTTP takes a while to import.
    from lineage_diff.mlflow_tagging import TaggingRequest, tag_runs
    from lineage_diff.show.console import console_text
    from lineage_diff.show.templates import render

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
