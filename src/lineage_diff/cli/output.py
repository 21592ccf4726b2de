"""Write a report in the requested formats, each to a file or to standard output."""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_diff.dvc.problems import as_error
from lineage_diff.errors import InputError
from lineage_diff.exit_codes import BAD_INPUT, FAIL, PASS
from lineage_diff.render.formats import FORMATS
from lineage_diff.render.options import DEFAULT_WIDTH, ShowOptions

if TYPE_CHECKING:
    from lineage_diff.app.result import Comparison
    from lineage_diff.report.report import Report


_STDOUT = (None, "-")


def write_outputs(report: "Report", arguments: argparse.Namespace, is_stored: bool = False) -> None:
    """Render and write every `--format` of the arguments. All are rendered before the first write.

    `is_stored` if the report was read from a file. Raises `InputError` for a file that cannot be
    written.
    """
    # Imported late: a command that fails earlier does not need it.
    from lineage_diff.render.rendering import report_rendering

    write_rendered(
        arguments,
        report_rendering(report, is_stored),
        lambda: _outcome(report)[-1:] if _is_quiet(arguments) else _outcome(report),
    )


def _outcome(report: "Report") -> list[str]:
    # Imported late: it needs Jinja, which JSON to standard output does not.
    from lineage_diff.render.outcome import report_outcome

    return report_outcome(report)


def write_rendered(
    arguments: argparse.Namespace,
    render: Callable[[str, ShowOptions], Iterable[bytes]],
    outcome: Callable[[], list[str]],
) -> None:
    """Call `render` for each `--format` and write its parts, as `write_outputs` does.

    Standard error then names the files, below the `outcome` unless that is on standard output.
    """
    outputs = arguments.outputs or [("terminal", None)]
    _keep_binary_off_terminals(outputs)
    rendered = [
        (render(name, _options(arguments, target)), target) for name, target in _one_by_one(outputs)
    ]
    for parts, target in rendered:
        if target in _STDOUT:
            _print(parts)
        else:
            write_file(Path(target), parts)
    files = [target for _, target in outputs if target not in (*_STDOUT, os.devnull)]
    if files:
        is_seen = any(name == "terminal" and target in _STDOUT for name, target in outputs)
        lines = [] if is_seen else outcome()
        written = [] if _is_quiet(arguments) else [f"Written: {file}" for file in files]
        for line in (*lines, *written):
            print(line, file=sys.stderr)


def _one_by_one(outputs: Sequence[tuple[str, str | None]]) -> Iterator[tuple[str, str | None]]:
    """Yield the outputs; before each further one, free what the last format left.

    A template holds all that it was given until it is freed, and `run` disabled that.
    """
    is_disabled = not gc.isenabled()
    for number, output in enumerate(outputs):
        if is_disabled:
            if number:
                gc.collect()
            # To look through a large report for garbage would take long.
            gc.freeze()
        yield output


def _print(parts: Iterable[bytes]) -> None:
    """Write to standard output. If its reader closes it (`| head`), the rest is dropped."""
    try:
        sys.stdout.buffer.writelines(parts)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # The files are still written, and the exit code is still the verdict.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _keep_binary_off_terminals(outputs: Sequence[tuple[str, str | None]]) -> None:
    """Raise `InputError` for a binary format to a terminal. `-o -` writes it there, as curl's."""
    for name, target in outputs:
        if target is None and FORMATS[name].binary and sys.stdout.isatty():
            raise InputError(
                f"{name} is binary, and a terminal cannot show it",
                hint="Add `-o FILE`, or `-o -` to write it to the terminal anyway.",
            )


def note_configuration(arguments: argparse.Namespace, head: str, trusted: str, name: str) -> None:
    """Print a note if the configuration on disk differs from that of the commit `trusted`.

    With `--quiet` there is none.
    `head` is the commit that was reported, which the disk only belongs to if it is checked out.
    `name` is how the user named the commit `trusted`.
    """
    if _is_quiet(arguments):
        return
    # Imported late: a command that fails earlier needs none of it.
    from lineage_diff.config.loader import PATHS, file_in_commit, file_on_disk
    from lineage_diff.git.repository import open_repository

    config = arguments.config
    repository = open_repository(arguments.repo)
    root = repository.work_tree
    on_disk = file_on_disk(Path(root), config) if root is not None else None
    if on_disk is None or repository.head() != head:
        return
    files = repository.files_at(trusted, PATHS if config is None else (config,))
    path, text = on_disk
    committed = file_in_commit(files, config)
    if committed is None or text != committed[1]:
        print(
            f"lineage-diff: note: {path} on disk differs from that of {name}, which counts: "
            "commit it there to use it",
            file=sys.stderr,
        )


def exit_code(done: "Comparison", is_shown: bool = False) -> int:
    """Print each unreadable input to standard error, and return the exit code of the run.

    Unless it `is_shown` as a finding already.
    """
    for problem in () if is_shown else done.unreadable:
        print(f"lineage-diff: error: {as_error(problem)}", file=sys.stderr)
    if done.unreadable:
        return BAD_INPUT
    return FAIL if done.report.verdict.conclusion == "failure" else PASS


def color_wanted(choice: str, target: str | None = None) -> bool:
    """Decide whether to use color. `auto` means: on a terminal, unless `NO_COLOR` is set."""
    terminal = target is None and sys.stdout.isatty() and "NO_COLOR" not in os.environ
    return choice == "always" or (choice == "auto" and terminal)


def columns(target: str | None = None) -> int:
    """Return the width of the terminal in characters, or the default width without a terminal."""
    if target is None and sys.stdout.isatty():
        return os.get_terminal_size(sys.stdout.fileno()).columns or DEFAULT_WIDTH
    return DEFAULT_WIDTH


def _is_quiet(arguments: argparse.Namespace) -> bool:
    return bool(getattr(arguments, "quiet", False))


def _options(arguments: argparse.Namespace, target: str | None) -> ShowOptions:
    pictures = None
    if arguments.pictures:
        from lineage_diff.render.options import Pictures

        pictures = Pictures(*arguments.pictures)
    return ShowOptions(
        theme=arguments.theme,
        color=color_wanted(arguments.color, target),
        width=columns(target),
        whole=getattr(arguments, "whole", False),
        quiet=_is_quiet(arguments),
        pictures=pictures,
    )


def write_file(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file whole or not at all, and the folders above it. Raises `InputError`."""
    # Imported late: a command that prints to standard output does not need it.
    from lineage_diff.cli.atomic_files import replaced_file

    try:
        with replaced_file(path) as file:
            file.writelines(parts)
    except OSError as error:
        raise InputError(
            f"cannot write the file: {error.strerror}",
            hint="Name a file in a writable folder.",
            file=str(path),
        ) from error
