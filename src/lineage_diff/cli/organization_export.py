"""Write an export of the tables of an organization: one file, or a folder for each repository."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pkgutil import resolve_name
from urllib.parse import quote

from msgspec.structs import replace

from lineage_diff.app.organization.answers import StoreRequest
from lineage_diff.app.organization.export import StoredExport, StoredExports, read_exports
from lineage_diff.catalog.facts import UnknownFact
from lineage_diff.catalog.formats import EXPORT_FORMATS, ExportFormat
from lineage_diff.catalog.writers.parts import FilePart
from lineage_diff.cli.export_output import (
    STDOUT,
    check_history,
    check_target,
    note_unknowns,
    noting,
    write_parts,
)
from lineage_diff.cli.progress import progress
from lineage_diff.errors import InputError
from lineage_diff.text import visible

_WITHDRAWN = "its last indexed commit has no DVC project"


def write_organization(
    name: str,
    request: StoreRequest,
    repositories: Sequence[str],
    target: str,
    *,
    whole: bool = False,
) -> None:
    """Write the named repositories of the tables, or all, in a format.

    With `whole`, all runs of their histories. One file has all of them in a format of lines, and
    the only one that is named; else each repository has a folder in `target`. Raises `InputError`
    for what a format cannot hold, or the tables do not have, and if the target cannot be written.
    """
    wanted = EXPORT_FORMATS[name]
    _check(name, wanted, whole)
    check_target(name, wanted, target)
    in_folders = not wanted.has_lines and len(repositories) != 1
    if in_folders and target == STDOUT:
        raise InputError(
            f"{name} is one document for each repository",
            hint="Add `-o DIR`, or name one --repository.",
        )
    unknown: list[UnknownFact] = []
    with progress() as step:
        found = read_exports(request, repositories, "history" if whole else "commit", step)
        step("show")

        def parts() -> Iterator[FilePart]:
            for export in found.items:
                facts = noting(export.facts, unknown)
                written = resolve_name(wanted.writer)(facts)
                yield from _inside(export, written) if in_folders else written

        write_parts(target, parts(), in_folders or wanted.is_folder)
    _note(found, unknown)


def _check(name: str, wanted: ExportFormat, whole: bool) -> None:
    if wanted.reads_files:
        raise InputError(
            f"{name} has the SHA-256 of files, which the tables do not have",
            hint=f"Run `lineage-diff export --to {name}` in the repository.",
        )
    if whole:
        check_history(name, wanted, "Leave out --all.")


def _inside(export: StoredExport, parts: Iterable[FilePart]) -> Iterator[FilePart]:
    """Yield the files in the folder of a repository, of which no segment leads elsewhere."""
    segments = (quote(part, safe=" @+") for part in export.repository.split("/"))
    folder = "/".join("%2E" * len(part) if part in (".", "..") else part for part in segments)
    for part in parts:
        yield replace(part, file=f"{folder}/{part.file}")


def _note(found: StoredExports, unknown: Iterable[UnknownFact]) -> None:
    note_unknowns([replace(fact, subject=f"{fact.repository}: {fact.subject}") for fact in unknown])
    for name in found.without_head:
        text = visible(f"{name} is left out: {_WITHDRAWN}")
        print(f"lineage-diff: note: {text}", file=sys.stderr)
