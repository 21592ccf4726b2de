"""The table of commands. Each command has its own module.

The module has `add_arguments(parser)` and `run(arguments)`, which returns the exit code. It is
imported when its command is chosen. `run` imports what it needs when it is called, so that usage
errors and `--help` need no other import.
"""

from typing import NamedTuple


class Command(NamedTuple):
    """A command: its name, its module, and its line of help."""

    name: str
    module: str
    help: str


COMMANDS = (
    Command(
        "compare",
        "lineage_diff.cli.commands.compare",
        "report what changed between two commits, which models are affected, and why",
    ),
    Command(
        "status",
        "lineage_diff.cli.commands.status",
        "report whether the models and stages of a commit are fresh or stale",
    ),
    Command(
        "gate",
        "lineage_diff.cli.commands.gate",
        "decide whether a version of a model may be promoted",
    ),
    Command(
        "lint",
        "lineage_diff.cli.commands.lint",
        "check DVC files before a commit",
    ),
    Command(
        "show",
        "lineage_diff.cli.commands.show",
        "render a saved report in another format",
    ),
    Command(
        "rules",
        "lineage_diff.cli.commands.rules",
        "list the rules, or explain one",
    ),
    Command(
        "init",
        "lineage_diff.cli.commands.init",
        "write a configuration and a workflow for this repository",
    ),
    Command(
        "trace",
        "lineage_diff.cli.commands.questions.trace",
        "show the run, code, data and params that a model was made from",
    ),
    Command(
        "history",
        "lineage_diff.cli.commands.questions.history",
        "list the versions of a model, or the values of a metric, with their causes",
    ),
    Command(
        "impact",
        "lineage_diff.cli.commands.questions.impact",
        "list the models, past and present, that were made from some data or code",
    ),
    Command(
        "audit",
        "lineage_diff.cli.commands.questions.audit",
        "report the trace and history of every model",
    ),
    Command(
        "export",
        "lineage_diff.cli.commands.export",
        "write the lineage for a catalog or another tool",
    ),
    Command(
        "evidence",
        "lineage_diff.cli.commands.evidence",
        "write the folder of evidence on a model for an auditor, or verify one",
    ),
    Command(
        "index",
        "lineage_diff.cli.commands.index",
        "write the lineage of repositories into tables for an organization",
    ),
    Command(
        "org",
        "lineage_diff.cli.commands.org",
        "ask the tables of many repositories: impact, trace, stale, models, SQL, export",
    ),
    Command(
        "mlflow",
        "lineage_diff.cli.commands.mlflow",
        "write the lineage of a commit to its MLflow runs",
    ),
    Command(
        "mcp",
        "lineage_diff.cli.commands.mcp",
        "answer an assistant's questions by the Model Context Protocol",
    ),
    Command(
        "demo",
        "lineage_diff.cli.commands.demo",
        "create an example repository with a pull request, and compare it",
    ),
    Command(
        "completion",
        "lineage_diff.cli.commands.completion",
        "print the completion script of bash, zsh or fish",
    ),
)
