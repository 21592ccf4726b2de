"""`lineage-diff mlflow tag`: writes the lineage of a commit onto its MLflow runs."""

import argparse

from lineage_diff.cli.output import color_wanted, columns
from lineage_diff.exit_codes import PASS


def run(arguments: argparse.Namespace) -> int:
    """Write the tags, or show them with `--dry-run`. Raises `InputError` as `tag_runs` does."""
    # What speaks HTTP takes a while to import.
    from lineage_diff.app.mlflow_tag import TaggingRequest, tag_runs
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
