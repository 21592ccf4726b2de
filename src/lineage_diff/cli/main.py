"""The entry point of the command line: parse arguments, run a command, return its exit code.

0 pass, 1 fail, 2 usage error or unreadable input.
"""

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pkgutil import resolve_name
from typing import Any, NoReturn

from lineage_diff import __version__
from lineage_diff.child_processes import count_work, end_children, leave_on_sigterm
from lineage_diff.cli.arguments import VERDICT_CODES
from lineage_diff.cli.commands import COMMANDS
from lineage_diff.errors import InputError, too_little_memory
from lineage_diff.exit_codes import BAD_INPUT, INTERRUPTED, PASS


class _CommandParser(argparse.ArgumentParser):
    """The parser of one command. It imports the command's module when the command is chosen."""

    def __init__(self, *, module: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self._module = module

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Import the command, add its arguments, then parse them."""
        if self._module is not None:
            command = resolve_name(self._module)
            self._module = None
            command.add_arguments(self)
            self.set_defaults(run=command.run)
        return super().parse_known_args(args, namespace)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    top = argparse.ArgumentParser(
        prog="lineage-diff",
        description="Reports which models of a DVC repository a change affects, why, and which "
        "are stale.",
        epilog=VERDICT_CODES,
    )
    top.add_argument("--version", action="version", version=f"lineage-diff {__version__}")
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_CommandParser
    )
    for command in COMMANDS:
        commands.add_parser(command.name, help=command.help, module=command.module)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Each error is one line on standard error."""
    arguments = parser().parse_args(argv)
    # A lineage is one large graph that lives until the end: searching it for garbage took a fifth
    # of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        code: int = arguments.run(arguments)
    except InputError as error:
        print(f"lineage-diff: error: {error}", file=sys.stderr)
        return BAD_INPUT
    except MemoryError:
        print(f"lineage-diff: error: {too_little_memory()}", file=sys.stderr)
        return BAD_INPUT
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader closed our output (`| head`): Python must not complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PASS
    finally:
        if collecting:
            gc.enable()
    return code


def run() -> NoReturn:
    """Run the command line and exit the process.

    The process exits without freeing its objects one by one: for a large repository that takes
    a tenth of the run time.
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
