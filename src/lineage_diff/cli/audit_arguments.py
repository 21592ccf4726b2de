"""The arguments of the commands that ask the history: trace, history, impact and audit."""

import argparse
from collections.abc import Callable, Sequence

AUDIT_FORMATS = ("terminal", "markdown", "json", "csv", "html")

_ANSWERED = "exit codes: 0 answered, 2 usage, unreadable input, or nothing of that name"
_MODEL = (
    "path of a model, its name in the registry (churn), or a version of it "
    "(churn@v1.2.0, churn@latest, churn#prod; models:/churn/3 of MLflow's)"
)


def add_audit_commands(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]",
    add_repo: Callable[[argparse.ArgumentParser], None],
    add_output: Callable[[argparse.ArgumentParser, Sequence[str]], None],
    codes: str,
) -> None:
    """Add the four commands; `codes` tells the exit codes of a command with a verdict."""
    trace = commands.add_parser(
        "trace",
        help="where a model came from",
        description=(
            "Tells which run made a model, and every version of code, data, imports and params "
            "that it was made from, with the commit since when each is what it is."
        ),
        epilog=_ANSWERED,
    )
    trace.add_argument("model", metavar="MODEL", help=_MODEL)

    history = commands.add_parser(
        "history",
        help="every version of a model, or value of a metric, and what caused each",
        description=(
            "Lists the versions of a model, or the values of a metric, along the first parents of "
            "a commit, the newest first, each with its causes and metrics."
        ),
        epilog=_ANSWERED,
    )
    history.add_argument(
        "subject", metavar="MODEL|METRIC", help=f"{_MODEL}; or KEY or FILE:KEY of a metric"
    )

    history.add_argument(
        "--all",
        action="store_true",
        dest="every_line",
        help="also those on other branches, and on merged ones before the merge",
    )

    impact = commands.add_parser(
        "impact",
        help="which models, past and present, were made from some data or code",
        description=(
            "Lists the versions of all models that were made from a path, from the content with a "
            "hash, or from what a path held at a revision."
        ),
        epilog=_ANSWERED,
    )
    impact.add_argument(
        "subject",
        metavar="PATH|HASH|REV:PATH",
        help="a path that a stage knows, a hash or the start of one, or a path at a revision",
    )
    impact.add_argument(
        "--since",
        metavar="COMMIT",
        help="tell of each model whether it was made again after this commit changed PATH",
    )

    audit = commands.add_parser(
        "audit",
        help="trace and history of every model, as one report",
        description="Traces every model of a commit and lists all its versions, as one report.",
        epilog=codes,
    )
    audit.add_argument(
        "--model",
        metavar="MODEL",
        action="append",
        dest="models",
        help="only this model; may be repeated (default: all); alone it may be a version",
    )
    audit.add_argument(
        "--data",
        metavar="PATH|HASH|REV:PATH",
        help="also list the models, past and present, that were made from this",
    )
    audit.add_argument(
        "--since",
        metavar="COMMIT",
        help="tell of each model whether it was made again after this commit changed the data",
    )
    for name, command in (
        ("trace", trace),
        ("history", history),
        ("impact", impact),
        ("audit", audit),
    ):
        command.add_argument(
            "--rev", metavar="REV", help="the commit (default: the one checked out)"
        )
        add_repo(command)
        command.add_argument(
            "--config",
            metavar="FILE",
            help="the configuration's path in the commit (default: .github/lineage-diff.yml)",
        )
        add_output(command, AUDIT_FORMATS)
        command.set_defaults(command=name)
