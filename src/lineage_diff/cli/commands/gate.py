"""`lineage-diff gate`: decide whether a version of a model may be promoted."""

import argparse

from lineage_diff.cli.arguments import (
    VERDICT_CODES,
    add_config,
    add_fetch,
    add_output,
    add_repo,
    add_rev,
    help_epilog,
    repository_path,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Checks the conditions of a promotion, one line each: registered, fresh when it was made, "
        "inputs in Git or DVC, lock entries written by runs, on a branch that may promote, stages "
        "in order, metrics within their limits, not worse than the version in use, nothing "
        "silenced. The configuration (`promotion`) is that of the default branch. Reads Git "
        "objects only. Uses the network only for --fetch, if that configuration has `fetch`, and "
        "to ask the MLflow server of MLFLOW_TRACKING_URI for versions in use."
    )
    parser.epilog = help_epilog(
        VERDICT_CODES,
        "lineage-diff gate churn@v1.2.0 --to prod",
        "lineage-diff gate churn#prod",
        "lineage-diff gate churn#prod#3 -o record.md -o record.json",
        "lineage-diff gate models/churn.pkl --rev my-branch",
    )
    parser.add_argument(
        "subject",
        metavar="MODEL",
        type=repository_path,
        help="a version of a model (churn@v1.2.0, churn@latest), the one in a stage (churn#prod), "
        "a tag of the registry (churn#prod#3), a version in MLflow (models:/churn/3), or a model "
        "by path or name, at --rev",
    )
    parser.add_argument(
        "--to",
        metavar="STAGE",
        dest="stage",
        help="the stage to promote to, before a tag assigns it",
    )
    add_rev(parser)
    add_repo(parser)
    add_config(parser, "the default branch")
    add_fetch(parser, "what the configuration in the default branch says")
    add_output(parser, "promotion")


def run(arguments: argparse.Namespace) -> int:
    """Check the promotion, write the report, and return the exit code of the verdict."""
    # Imported late: `--help` does not need it.
    from lineage_diff.app.gate.gate import gate
    from lineage_diff.app.gate.request import GateRequest
    from lineage_diff.cli.output import note_configuration, write_rendered
    from lineage_diff.cli.progress import progress
    from lineage_diff.exit_codes import FAIL, PASS
    from lineage_diff.render.promotion.text import promotion_title, render_promotion

    request = GateRequest(
        arguments.subject,
        arguments.repo,
        arguments.rev,
        arguments.stage,
        config=arguments.config,
        fetch=arguments.fetch,
    )
    with progress() as step:
        report = gate(request, step)
        step("show")

    write_rendered(
        arguments,
        lambda name, options: (render_promotion(name, report, options),),
        lambda: [promotion_title(report)],
    )
    note_configuration(arguments, report.revision.commit, report.policy.commit, report.policy.rev)
    return PASS if report.conclusion == "success" else FAIL
