"""The table of commands. Each has a file with its arguments and what it runs.

A module has `add_arguments(parser)` and `run(arguments)`, which returns the exit code. It is
imported when its command is chosen, and imports what the command needs when that runs: usage
errors and `--help` answer at once.
"""

from typing import NamedTuple


class Command(NamedTuple):
    """A command: its name, the module with its arguments and `run`, and a line of help."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command(
        "compare",
        "lineage_diff.cli.commands.compare",
        "what changed between two commits, which models are affected, and why",
    ),
    Command(
        "status",
        "lineage_diff.cli.commands.status",
        "is every model and stage fresh at one commit",
    ),
    Command(
        "lint",
        "lineage_diff.cli.commands.lint",
        "check the DVC files before they are committed",
    ),
    Command(
        "show",
        "lineage_diff.cli.commands.show",
        "a saved report in another format",
    ),
    Command(
        "rules",
        "lineage_diff.cli.commands.rules",
        "what is checked, and how to fix what is found",
    ),
    Command(
        "init",
        "lineage_diff.cli.commands.init",
        "write a configuration and a workflow for this repository",
    ),
    Command(
        "trace",
        "lineage_diff.cli.commands.trace",
        "where a model came from",
    ),
    Command(
        "history",
        "lineage_diff.cli.commands.history",
        "every version of a model, or value of a metric, and what caused each",
    ),
    Command(
        "impact",
        "lineage_diff.cli.commands.impact",
        "which models, past and present, were made from some data or code",
    ),
    Command(
        "audit",
        "lineage_diff.cli.commands.audit",
        "trace and history of every model, as one report",
    ),
    Command(
        "mlflow",
        "lineage_diff.cli.commands.mlflow",
        "write the lineage of a commit onto its MLflow runs",
    ),
    Command(
        "demo",
        "lineage_diff.cli.commands.demo",
        "make a real repository with a pull request in it, and run on it",
    ),
)
