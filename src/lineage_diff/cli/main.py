"""The entry point of the command line: parse arguments, run a command, return its exit code.

0 pass, 1 fail, 2 usage error or unreadable input.
"""

import argparse
import gc
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pkgutil import resolve_name
from typing import Any, NoReturn

from lineage_diff import __version__
from lineage_diff.cli.arguments import VERDICT_CODES, help_epilog
from lineage_diff.cli.commands import COMMANDS
from lineage_diff.errors import InputError, too_little_memory
from lineage_diff.exit_codes import BAD_INPUT, INTERRUPTED, PASS
from lineage_diff.text import closest_matches

_BACKPORTS = "typing_extensions"


class _Help(argparse.HelpFormatter):
    """Wraps the lines of a description or epilog one by one, and leaves indented lines alone."""

    def __init__(self, prog: str, **options: Any) -> None:
        # Else argparse imports `shutil` and three compressors to ask for it: two milliseconds.
        super().__init__(prog, **{"width": _terminal_columns() - 2, **options})

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(
            line if line.startswith(" ") else super(_Help, self)._fill_text(line, width, indent)
            for line in text.splitlines()
        )

    def _split_lines(self, text: str, width: int) -> list[str]:
        lines = [super(_Help, self)._split_lines(line, width) for line in text.splitlines()]
        return [part for parts in lines for part in parts]


class _Parser(argparse.ArgumentParser):
    """A parser with suggestions for misspelt names. `module` is the command to load, if any."""

    def __init__(self, *, module: str | None = None, **options: Any) -> None:
        # To look up the words of each help takes time: until it is loaded, a command has none.
        shown = {"formatter_class": _Help, "add_help": module is None, **options}
        # Else `index --repo X` means `--repos X`.
        super().__init__(**{**shown, "allow_abbrev": False})
        self._module = module

    def load(self) -> None:
        """Import the command of this parser, and add its arguments."""
        if self._module is not None:
            command = resolve_name(self._module)
            self._module = None
            self.add_argument("-h", "--help", action="help", help="show this help message and exit")
            command.add_arguments(self)
            self.set_defaults(run=command.run)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Load the command, then parse its arguments. Unknown ones are errors of the command."""
        self.load()
        found, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self._refuse(unknown)
        return found, unknown

    def all_actions(self) -> Iterator[argparse.Action]:
        """Load this command, or all commands, and yield their arguments."""
        self.load()
        for action in self._actions:
            yield action
            if isinstance(action, argparse._SubParsersAction):
                for parser in action.choices.values():
                    yield from parser.all_actions()

    def _refuse(self, unknown: Sequence[str]) -> NoReturn:
        known = [name for name in self._option_string_actions if name.startswith("--")]
        option = unknown[0].partition("=")[0]
        wanted = option.removeprefix("--").upper()
        if option.startswith("--") and wanted in self._positional_names():
            self.error(f"unknown argument {unknown[0]!r}. Write {wanted} without an option")
        near = closest_matches(option, known)
        self.error(f"unknown argument {unknown[0]!r}{_suggestion(near)}")

    def _positional_names(self) -> set[str]:
        return {str(item.metavar) for item in self._actions if not item.option_strings}

    # argparse calls it for every argument with `choices`, commands among them.
    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            names = [str(name) for name in action.choices]
            raise argparse.ArgumentError(
                action,
                f"unknown value {value!r}{_suggestion(closest_matches(str(value), names))}"
                f" (choose from {', '.join(names)})",
            )


def _terminal_columns() -> int:
    """Return the width of the terminal in characters, as `shutil.get_terminal_size` does."""
    columns = 0
    with suppress(KeyError, ValueError):
        columns = int(os.environ["COLUMNS"])
    if columns <= 0 and sys.__stdout__ is not None:
        # Standard output may be closed, or no terminal.
        with suppress(ValueError, OSError):
            columns = os.get_terminal_size(sys.__stdout__.fileno()).columns
    return columns if columns > 0 else 80


def _suggestion(near: Sequence[str]) -> str:
    return f". Did you mean {near[0]}?" if near else ""


def parser() -> _Parser:
    """Return the parser of the whole command line."""
    top = _Parser(
        prog="lineage-diff",
        description="Reports which models of a DVC repository a change affects, why, and which "
        "are stale.",
        epilog=help_epilog(
            VERDICT_CODES,
            "lineage-diff compare main my-branch",
            "lineage-diff status",
            "lineage-diff COMMAND --help",
        ),
    )
    top.add_argument("--version", action="version", version=f"lineage-diff {__version__}")
    commands = top.add_subparsers(
        title="commands", metavar="COMMAND", required=True, parser_class=_Parser
    )
    for command in COMMANDS:
        commands.add_parser(command.name, help=command.help, module=command.module)
    # Completion needs the parser itself.
    top.set_defaults(parser=top)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code. Each error is one line on standard error."""
    return _run(parser().parse_args(argv))


def _run(arguments: argparse.Namespace) -> int:
    try:
        _offer_shared(getattr(arguments, "extends_from", None))
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
    except OSError as error:
        _print_failed(error)
        return BAD_INPUT
    return code


def _print_failed(error: OSError) -> None:
    failed = InputError(
        f"cannot read or write: {error.strerror or error}",
        hint="Check the disk, and where the output goes.",
        file=None if error.filename is None else str(error.filename),
    )
    print(f"lineage-diff: error: {failed}", file=sys.stderr)


def _offer_shared(path: str | None) -> None:
    if path is not None:
        # Imported late: few configurations extend one.
        from lineage_diff.config.shared import offer_file

        offer_file(path, "the file of `--extends-from`")


def write_utf8(*streams: Any) -> None:
    """Have text streams write UTF-8 and Unix line ends, as the formats and logs of CI are.

    Windows gives a pipe or a file a code page that lacks most of our characters.
    """
    for stream in streams:
        stream.reconfigure(encoding="utf-8", newline="\n")


def _open_closed_streams() -> None:
    """Drop what is written to a closed stream (`>&-`), for which Python has no stream."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))


def run() -> NoReturn:
    """Run the command line and exit the process.

    The process exits without freeing its objects one by one: for a large repository that takes
    a tenth of the run time.
    """
    _open_closed_streams()
    # A lineage is one large graph that lives until the end: searching it for garbage took a fifth
    # of the time, and a twentieth once at the end.
    gc.disable()
    if os.name == "nt":
        write_utf8(sys.stdout, sys.stderr)
    # Hidden from msgspec, which then takes the same names from `typing`: a fifth of the start.
    sys.modules.setdefault(_BACKPORTS, None)  # type: ignore[arg-type]
    arguments = parser().parse_args()
    # Imported late: `--help`, which ends above, starts no process.
    from lineage_diff.child_processes import count_work, end_children, leave_on_sigterm

    if sys.modules[_BACKPORTS] is None:
        del sys.modules[_BACKPORTS]
    leave_on_sigterm()
    count_work()
    code = _run(arguments)
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        _print_failed(error)
        code = BAD_INPUT
    end_children()
    os._exit(code)


if __name__ == "__main__":
    run()
