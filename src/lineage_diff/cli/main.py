"""The command line: arguments in, one of the commands run, an exit code out.

0 pass, 1 the verdict fails, 2 usage or unreadable input. What only one command needs is imported
when it runs, so that `--help` answers at once.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from lineage_diff import __version__
from lineage_diff.child_processes import count_work, end_children, leave_on_sigterm
from lineage_diff.cli.audit_arguments import add_audit_commands
from lineage_diff.errors import InputError, too_little_memory
from lineage_diff.exit_codes import BAD_INPUT, INTERRUPTED, PASS

FORMATS = (
    "terminal",
    "markdown",
    "json",
    "html",
    "svg",
    "png",
    "dot",
    "mermaid",
    "plots",
    "sarif",
    "annotations",
)
SUFFIXES = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".csv": "csv",
    ".html": "html",
    ".svg": "svg",
    ".png": "png",
    ".dot": "dot",
    ".gv": "dot",
    ".mmd": "mermaid",
    ".mermaid": "mermaid",
    ".sarif": "sarif",
    ".txt": "terminal",
}

FETCHED = ("metrics", "plots", "listings")

_CODES = "exit codes: 0 pass, 1 the verdict fails, 2 usage or unreadable input"


class _Output(argparse.Action):
    """Pairs each `--format` with the `-o` that follows it."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        outputs: list[tuple[str | None, str | None]] = list(namespace.outputs or [])
        value = str(values)
        if self.const == "format":
            outputs.append((value, None))
        elif outputs and outputs[-1][1] is None:
            outputs[-1] = (outputs[-1][0], value)
        else:
            suffix = os.path.splitext(value)[1].lower()
            offered = {end for end, name in SUFFIXES.items() if name in namespace.formats}
            if suffix not in offered:
                known = ", ".join(sorted(offered))
                parser.error(
                    f"cannot tell the format of {value!r} from its name: "
                    f"put --format before -o, or end the name in one of {known}"
                )
            outputs.append((SUFFIXES[suffix], value))
        namespace.outputs = outputs


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="lineage-diff",
        description="Tells what a change does to the models of a DVC repository.",
        epilog=_CODES,
    )
    top.add_argument("--version", action="version", version=f"lineage-diff {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    compare = commands.add_parser(
        "compare",
        help="what changed between two commits, which models are affected, and why",
        description=(
            "Compares two commits of a DVC repository by their Git objects: "
            "no checkout, no data, no network."
        ),
        epilog=_CODES,
    )
    compare.add_argument(
        "base",
        metavar="BASE",
        nargs="?",
        help="where the change starts from (default: the default branch)",
    )
    compare.add_argument(
        "head",
        metavar="HEAD",
        nargs="?",
        help="the commit with the change (default: the commit checked out)",
    )
    compare.add_argument(
        "--direct",
        action="store_true",
        help="compare with BASE itself, not with the merge base of BASE and HEAD",
    )
    _add_repo(compare)
    compare.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration's path in BASE (default: .github/lineage-diff.yml)",
    )
    _add_fetch(compare, "what the configuration in BASE says")
    _add_output(compare)
    compare.set_defaults(command="compare")

    status = commands.add_parser(
        "status",
        help="is every model and stage fresh at one commit",
        description=(
            "Tells for every model and stage of a commit whether it is fresh, stale or unknown, "
            "why, and the `dvc repro` that mends it: no checkout, no data, no network."
        ),
        epilog=_CODES,
    )
    status.add_argument(
        "rev", metavar="REV", nargs="?", help="the commit (default: the one checked out)"
    )
    _add_repo(status)
    status.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration's path in the commit (default: .github/lineage-diff.yml)",
    )
    _add_fetch(status, "nothing")
    _add_output(status)
    status.set_defaults(command="status")

    lint = commands.add_parser(
        "lint",
        help="check the DVC files before they are committed",
        description=(
            "Runs the rules that need one commit only, on the files on disk that Git tracks or "
            "would track, or on what is staged."
        ),
        epilog=_CODES,
    )
    lint.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        help="report only what is found in these files (default: all)",
    )
    lint.add_argument(
        "--staged",
        "--cached",
        action="store_true",
        help="check what is staged for the next commit, not the files on disk",
    )
    _add_repo(lint)
    lint.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration's path in the repository (default: .github/lineage-diff.yml)",
    )
    _add_output(lint)
    lint.set_defaults(command="lint")

    show = commands.add_parser(
        "show",
        help="a saved report in another format",
        description="Renders a report that `compare --format json` wrote.",
        epilog="exit codes: 0 shown, 2 not a report",
    )
    show.add_argument("report", metavar="REPORT", help="the report's file, - for standard input")
    _add_output(show)
    show.set_defaults(command="show")

    rules = commands.add_parser(
        "rules",
        help="what is checked, and how to mend what is found",
        description="Lists the rules, or explains one.",
        epilog="exit codes: 0 shown, 2 no such rule",
    )
    rules.add_argument("name", metavar="NAME", nargs="?", help="explain this rule")
    rules.set_defaults(command="rules")

    init = commands.add_parser(
        "init",
        help="write a configuration and a workflow for this repository",
        description=(
            "Writes .github/lineage-diff.yml, with the models and metrics that it finds, and "
            ".github/workflows/lineage-diff.yml."
        ),
        epilog="exit codes: 0 written, 2 no DVC project, or a file is there already",
    )
    _add_repo(init)
    init.add_argument("--force", action="store_true", help="overwrite what is there")
    init.set_defaults(command="init")

    add_audit_commands(commands, _add_repo, _add_output, _CODES)
    _add_mlflow(commands)

    demo = commands.add_parser(
        "demo",
        help="make a real repository with a pull request in it, and run on it",
        description=(
            "Makes a Git and DVC repository, really trains two models in it, changes data, a param "
            "and two scripts on a branch, compares the branch, and writes comment, pictures and "
            "report. Needs no network; takes some seconds."
        ),
        epilog="exit codes: 0 made, 2 the folder is in use or a tool failed",
    )
    demo.add_argument(
        "folder",
        metavar="DIR",
        nargs="?",
        default="lineage-diff-demo",
        help="where to make it (default: lineage-diff-demo); must be empty or absent",
    )
    demo.set_defaults(command="demo")
    return top


def _add_mlflow(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    mlflow = commands.add_parser(
        "mlflow",
        help="write the lineage of a commit onto its MLflow runs",
        description=(
            "Works on the MLflow server of MLFLOW_TRACKING_URI, with MLflow's own variables to log "
            "in."
        ),
        epilog="exit codes: 0 done, 2 usage, unreadable input, or the server fails",
    )
    actions = mlflow.add_subparsers(title="actions", metavar="ACTION", required=True)
    tag = actions.add_parser(
        "tag",
        help="write the lineage of a commit as tags onto the runs that name it",
        description=(
            "Writes the model, its hash, its stage and the hash of each data version that it is "
            "made from as tags named lineage_diff.* onto the MLflow runs that name the commit."
        ),
        epilog="exit codes: 0 written, 2 no server, model or run to work on, or the server fails",
    )
    tag.add_argument("--rev", metavar="REV", help="the commit (default: the one checked out)")
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
    _add_repo(tag)
    tag.add_argument(
        "--config",
        metavar="FILE",
        help="the configuration's path in the commit (default: .github/lineage-diff.yml)",
    )
    tag.set_defaults(command="mlflow")


def _add_repo(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--repo", metavar="DIR", default=".", help="the Git repository (default: this folder)"
    )


def _fetched(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.split(",")))
    if names == ("nothing",):
        return ()
    for name in names:
        if name not in FETCHED:
            known = ", ".join(FETCHED)
            raise argparse.ArgumentTypeError(f"{name!r} is none of {known}, nothing")
    return names


def _add_fetch(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--fetch",
        metavar="WHAT",
        type=_fetched,
        help=(
            "read small files that Git does not hold from DVC's cache and remote: metrics, plots, "
            f"listings, with commas between, or nothing (default: {default})"
        ),
    )


def _add_output(command: argparse.ArgumentParser, formats: Sequence[str] = FORMATS) -> None:
    group = command.add_argument_group("output")
    group.add_argument(
        "--format",
        action=_Output,
        const="format",
        dest="outputs",
        choices=formats,
        metavar="FORMAT",
        help=f"{', '.join(formats[:-1])} or {formats[-1]} (default: terminal); may be repeated",
    )
    group.add_argument(
        "-o",
        "--output",
        action=_Output,
        const="file",
        dest="outputs",
        metavar="FILE",
        help="where the format before it goes (default: standard output)",
    )
    group.add_argument(
        "--theme", choices=("light", "dark"), default="light", help="of pictures (default: light)"
    )
    group.add_argument(
        "--pictures",
        nargs=2,
        metavar=("LIGHT", "DARK"),
        help="addresses of the graph's pictures, for Markdown (default: the graph as Mermaid)",
    )
    group.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="of the terminal format (default: auto)",
    )
    command.set_defaults(outputs=None, formats=formats)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Errors go to standard error, in one line."""
    arguments = parser().parse_args(argv)
    # A lineage is one large graph that lives until the end: a fifth of the time went into looking
    # for garbage in it.
    collecting = gc.isenabled()
    gc.disable()
    try:
        from importlib import import_module

        command = import_module(f"lineage_diff.cli.commands.{arguments.command}")
        code: int = command.run(arguments)
    except InputError as error:
        print(f"lineage-diff: error: {error}", file=sys.stderr)
        return BAD_INPUT
    except MemoryError:
        print(f"lineage-diff: error: {too_little_memory()}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output left (`| head`): Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PASS
    finally:
        if collecting:
            gc.enable()
    return code


def run() -> NoReturn:
    """Run the command line as a program, and end it.

    What was read is not taken apart again, object by object: for a large repository that takes
    as long as a tenth of the work.
    """
    leave_on_sigterm()
    count_work()
    code = main()
    with suppress(BrokenPipeError):
        sys.stdout.flush()
        sys.stderr.flush()
    end_children()
    os._exit(code)


if __name__ == "__main__":
    run()
