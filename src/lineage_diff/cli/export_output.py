"""Write an export to a file, a folder or standard output."""

import os
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from pkgutil import resolve_name

from msgspec.structs import replace

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.app.export.facts import Scope, read_facts
from lineage_diff.catalog.facts import Fact, UnknownFact
from lineage_diff.catalog.formats import EXPORT_FORMATS, ExportFormat
from lineage_diff.catalog.writers.parts import FilePart
from lineage_diff.cli.atomic_files import filled_folder, replaced_file
from lineage_diff.cli.progress import progress
from lineage_diff.errors import InputError
from lineage_diff.text import visible

STDOUT = "-"
# Unknown parts that are named; the others are counted.
_NAMED = 5


def write_export(
    name: str, request: AuditRequest, scope: Scope, target: str, spec: str | None = None
) -> None:
    """Write the facts of a request in a format to a file, to a folder or to standard output.

    `spec` is the version of the format's specification, `None` for its first. Standard error then
    names the target, and what is unknown. Raises `InputError` for a format that cannot hold the
    scope or has no such version, and for a target that cannot be written.
    """
    wanted = EXPORT_FORMATS[name]
    _check_scope(name, wanted, scope)
    _check_fetch(name, wanted, scope)
    check_target(name, wanted, target)
    options = options_of(name, wanted, spec)
    scope = replace(scope, files=wanted.reads_files, freshness=wanted.has_freshness)
    unknown: list[UnknownFact] = []
    with progress() as step:
        facts = noting(read_facts(request, scope, step), unknown)
        parts = resolve_name(wanted.writer)(facts, **options)
        write_parts(target, parts, wanted.is_folder)
    note_unknowns(unknown)


def send_export(name: str, request: AuditRequest, scope: Scope) -> None:
    """Send the facts of a request in a format to the system that the environment names.

    Standard error then has their number. Raises `InputError` as `write_export` does, and if
    the format cannot be sent.
    """
    wanted = EXPORT_FORMATS[name]
    _check_scope(name, wanted, scope)
    _check_fetch(name, wanted, scope)
    if wanted.sender is None:
        raise InputError(f"{name} cannot be sent", hint="Write it to a file with `-o`.")
    scope = replace(scope, freshness=wanted.has_freshness)
    unknown: list[UnknownFact] = []
    with progress() as step:
        sent = resolve_name(wanted.sender)(noting(read_facts(request, scope, step), unknown))
    print(f"Sent: {sent:,} {wanted.sent}", file=sys.stderr)
    note_unknowns(unknown)


def _check_scope(name: str, wanted: ExportFormat, scope: Scope) -> None:
    if scope.whole or scope.since is not None:
        check_history(name, wanted, "Leave out --all and --since.")


def check_history(name: str, wanted: ExportFormat, hint: str) -> None:
    """Raise `InputError` with the hint for a format that cannot hold a history."""
    if "history" not in wanted.scopes:
        raise InputError(f"{name} holds one commit, not a history", hint=hint)


def _check_fetch(name: str, wanted: ExportFormat, scope: Scope) -> None:
    if scope.fetch and not wanted.reads_files:
        raise InputError(
            f"{name} holds no SHA-256, so nothing is fetched for it", hint="Leave out --fetch."
        )


def check_target(name: str, wanted: ExportFormat, target: str) -> None:
    """Raise `InputError` if standard output is the target of several files."""
    if wanted.is_folder and target == STDOUT:
        raise InputError(f"{name} is a folder of files", hint="Add `-o DIR`.")


def write_parts(target: str, parts: Iterable[FilePart], is_folder: bool) -> None:
    """Write the parts to a file, a folder or standard output. Standard error names the target.

    Raises `InputError` for a target that cannot be written.
    """
    if target == STDOUT:
        _print(parts)
    else:
        _write(Path(target), parts, is_folder)
        print(f"Written: {target}", file=sys.stderr)


def options_of(name: str, wanted: ExportFormat, spec: str | None) -> dict[str, str]:
    """Return the options of a format's writer. Raises `InputError` for an unknown version."""
    if spec is None:
        return {}
    if spec not in wanted.specs:
        known = " or ".join(wanted.specs)
        raise InputError(
            f"{name} has no version {spec} here",
            hint=f"Write {known}." if known else "Leave out --spec.",
        )
    return {"spec": spec}


def noting(facts: Iterable[Fact], unknown: list[UnknownFact]) -> Iterator[Fact]:
    """Yield facts, and add those that are unknown to a list."""
    for fact in facts:
        if isinstance(fact, UnknownFact):
            unknown.append(fact)
        yield fact


def note_unknowns(unknown: list[UnknownFact]) -> None:
    """Name on standard error what is unknown."""
    for fact in unknown[:_NAMED]:
        at = f" at {fact.commit[:7]}" if fact.commit is not None else ""
        text = visible(f"{fact.subject}{at} is left out: {fact.reason}")
        print(f"lineage-diff: note: {text}", file=sys.stderr)
    if len(unknown) > _NAMED:
        print(f"lineage-diff: note: and {len(unknown) - _NAMED} more", file=sys.stderr)


def _print(parts: Iterable[FilePart]) -> None:
    """Write to standard output. If its reader closes it (`| head`), the rest is dropped."""
    try:
        sys.stdout.buffer.writelines(part.data for part in parts)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write(target: Path, parts: Iterable[FilePart], is_folder: bool) -> None:
    if is_folder and target.is_dir() and any(target.iterdir()):
        raise InputError(
            "the folder of the export is not empty",
            hint="Name a new folder: a file of an earlier export would be taken for a part of it.",
            file=str(target),
        )
    try:
        if is_folder:
            with filled_folder(target) as folder:
                _write_files(folder, parts)
        else:
            with replaced_file(target) as file:
                file.writelines(part.data for part in parts)
    except OSError as error:
        raise InputError(
            f"cannot write the export: {error.strerror}",
            hint="Name a file, or a folder for a format of several files, that can be written.",
            file=str(target),
        ) from error


def _write_files(folder: Path, parts: Iterable[FilePart]) -> None:
    for name, group in groupby(parts, lambda part: part.file):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        # A part of another file may come in between.
        with path.open("ab") as file:
            file.writelines(part.data for part in group)
