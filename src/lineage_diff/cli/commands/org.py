"""`lineage-diff org`: ask the tables of an organization."""

import argparse
import sys
from typing import TYPE_CHECKING

from lineage_diff.cli.arguments import (
    ANSWER_CODES,
    WRITTEN_CODES,
    add_config,
    add_output,
    add_repo,
    help_epilog,
)
from lineage_diff.cli.export_arguments import add_format

if TYPE_CHECKING:
    from lineage_diff.app import Step
    from lineage_diff.app.organization.answers import StoreRequest
    from lineage_diff.report.organization.report import OrganizationReport

_FROM = "s3://bucket/lineage"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.description = (
        "Answers from the tables that `lineage-diff index` writes, over all repositories. Needs "
        "the extra `lake`."
    )
    parser.epilog = help_epilog(ANSWER_CODES, "lineage-diff org impact --help")
    questions = parser.add_subparsers(title="questions", metavar="QUESTION", required=True)
    _add_impact(questions)
    _add_trace(questions)
    for name, about in (
        ("stale", "list the models that are stale or unknown, and outdated imports"),
        ("models", "list the models of all repositories, and outdated imports"),
    ):
        question = _add_question(
            questions,
            name,
            about,
            f"Lists{about.removeprefix('list')}, at the commits that were indexed last.",
            f"--from {_FROM}",
        )
        _add_report(question)
    _add_export(questions)
    _add_sql(questions)


def _add_question(
    questions: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    about: str,
    description: str,
    *examples: str,
) -> argparse.ArgumentParser:
    """Add a question with its help; the examples are what follows its name."""
    codes = WRITTEN_CODES if name == "export" else ANSWER_CODES
    question = questions.add_parser(
        name,
        help=about,
        description=description,
        epilog=help_epilog(codes, *(f"lineage-diff org {name} {each}" for each in examples)),
    )
    question.set_defaults(question=name)
    return question


def _add_impact(questions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    impact = _add_question(
        questions,
        "impact",
        "list the models of all repositories that were made from some data",
        "Lists the model versions that were made from the content with a hash, or from a path "
        "of a repository, in all repositories: through `dvc import`, the same address with "
        "the same version, or the same content.",
        f"9b1d3f2c --from {_FROM}",
        f"github.com/team/data:raw/customers.csv --from {_FROM}",
        f"team/data:raw/customers.csv@v1.2.0 --from {_FROM}",
    )
    impact.add_argument(
        "subject",
        metavar="HASH|REPO:PATH[@REV]",
        help="a hash or its first digits, 7 or more, or a path of a repository; REV is a commit "
        "that recorded a run, a registered version, or a date (default: every version of the path)",
    )
    _add_report(impact)


def _add_trace(questions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    trace = _add_question(
        questions,
        "trace",
        "show what a version of a model was made from, in all repositories",
        "Shows every version behind a version of a model, in its repository and in those it "
        "imports from.",
        f"churn@v1.2.0 --from {_FROM}",
        f"team/churn:models/churn.pkl --from {_FROM}",
    )
    trace.add_argument(
        "subject",
        metavar="[REPO:]MODEL[@VERSION|#STAGE]",
        help="path or name of a model; VERSION is a registered version, a commit or a hash "
        "(default: the last one)",
    )
    _add_report(trace)


def _add_export(questions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    export = _add_question(
        questions,
        "export",
        "write the lineage of all repositories for a catalog or another tool",
        "Writes what `lineage-diff export` writes in each repository, at the commits that were "
        "indexed last. openlineage and facts give one file for all repositories; the other formats "
        "give one folder or file for each.",
        f"--to openlineage --all -o events.ndjson --from {_FROM}",
        f"--to datahub -o datahub --from {_FROM}",
        f"--to json --repository team/churn --from {_FROM}",
    )
    add_format(export, reads_files=False)
    export.add_argument(
        "-o",
        "--output",
        metavar="FILE|DIR|-",
        default="-",
        help="write to this file, or folder (default: -, standard output)",
    )
    export.add_argument(
        "--repository",
        metavar="REPO",
        action="append",
        dest="repositories",
        help="only this repository, by its name or the end of it; may be repeated (default: all)",
    )
    export.add_argument(
        "--all",
        action="store_true",
        dest="whole",
        help="export all runs that the histories recorded (default: those in force)",
    )
    _add_store(export)


def _add_sql(questions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    sql = _add_question(
        questions,
        "sql",
        "run a query on the tables, read-only",
        "Runs one query on the tables and views, which docs/organization.md describes, and prints "
        "its rows. A query cannot change the tables.",
        '"SELECT * FROM stale_models" --from s3://bucket/lineage',
        "--views",
    )
    sql.add_argument("query", metavar="QUERY", nargs="?", help="one SELECT, in DataFusion's SQL")
    sql.add_argument(
        "--views",
        action="store_true",
        help="print the statements of all views, for DuckDB, Spark and DataFusion",
    )
    sql.add_argument(
        "--format",
        choices=("csv", "json"),
        default="csv",
        metavar="FORMAT",
        help="csv, or json: one object a line (default: csv)",
    )
    sql.add_argument(
        "-o", "--output", metavar="FILE", help="write to FILE (default: standard output)"
    )
    _add_store(sql)


def _add_report(question: argparse.ArgumentParser) -> None:
    """Add the arguments of a question whose answer is a report."""
    _add_store(question)
    add_output(question, "organization")


def _add_store(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--from",
        metavar="URL",
        dest="store",
        help="folder or s3://, gs://, az:// address of the tables (default: `organization` of the "
        "configuration)",
    )
    parser.add_argument(
        "--as-of",
        metavar="VERSION|DATE",
        help="answer from the tables as they were: a version of the store, or a date in UTC "
        "(default: the newest)",
    )
    add_repo(parser)
    add_config(parser, "the commit checked out")


def run(arguments: argparse.Namespace) -> int:
    """Answer the question, write the report, and return the exit code."""
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.output import write_rendered
    from lineage_diff.cli.progress import progress
    from lineage_diff.exit_codes import PASS

    if arguments.question == "sql":
        return _run_sql(arguments)
    if arguments.question == "export":
        return _run_export(arguments)
    with progress() as step:
        report = _ask(arguments, step)
        step("show")
    # Imported late: a question that fails earlier does not need it.
    from lineage_diff.render.organization.rendering import csv_note, outcome, render_organization

    write_rendered(
        arguments,
        lambda name, options: (render_organization(name, report, options),),
        lambda: [outcome(report)],
    )
    note = csv_note(report) if "csv" in dict(arguments.outputs or ()) else ""
    if note:
        print(f"lineage-diff: note: {note}", file=sys.stderr)
    return PASS


def _ask(arguments: argparse.Namespace, step: "Step") -> "OrganizationReport":
    from lineage_diff.app.organization import answers

    request = _request(arguments)
    match arguments.question:
        case "impact":
            return answers.ask_impact(request, arguments.subject, step)
        case "trace":
            return answers.ask_trace(request, arguments.subject, step)
        case "stale":
            return answers.ask_stale(request, step)
        case _:
            return answers.ask_models(request, step)


def _request(arguments: argparse.Namespace) -> "StoreRequest":
    from lineage_diff.app.organization.answers import StoreRequest, configured_store

    url = arguments.store or configured_store(arguments.repo, arguments.config)
    return StoreRequest(url, arguments.as_of)


def _run_export(arguments: argparse.Namespace) -> int:
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.organization_export import write_organization
    from lineage_diff.exit_codes import PASS

    write_organization(
        arguments.to,
        _request(arguments),
        arguments.repositories or (),
        arguments.output,
        whole=arguments.whole,
    )
    return PASS


def _run_sql(arguments: argparse.Namespace) -> int:
    # Imported late: `--help` does not need it.
    from lineage_diff.app.organization.answers import run_sql
    from lineage_diff.cli.query_output import write_answer
    from lineage_diff.errors import InputError
    from lineage_diff.exit_codes import PASS
    from lineage_diff.organization.views import all_statements

    if arguments.views:
        if arguments.query or arguments.output:
            raise InputError(
                "--views prints the statements, and takes no query and no -o",
                hint="Write `lineage-diff org sql --views > views.sql`.",
            )
        print("\n\n".join(all_statements()))
        return PASS
    if not arguments.query:
        raise InputError("no query", hint="Write it as an argument, or use --views.")
    write_answer(run_sql(_request(arguments), arguments.query), arguments.format, arguments.output)
    return PASS
