"""`lineage-diff evidence`: write a folder of evidence on a model, or verify one."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from lineage_diff.cli.arguments import (
    MODEL,
    add_config,
    add_repo,
    add_rev,
    help_epilog,
    repository_path,
)

if TYPE_CHECKING:
    from lineage_diff.app.evidence.subject import EvidenceSubject

_VERIFY = "verify"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Set the description, and add the arguments."""
    parser.usage = (
        "lineage-diff evidence MODEL[@VERSION] -o DIR [--gate FILE] [--rev REV] [--repo DIR] "
        "[--config FILE]\n"
        "       lineage-diff evidence verify DIR [--repo DIR]"
    )
    parser.description = (
        "Writes what Git and DVC recorded about one model for an auditor: audit, ML-BOM, "
        "provenance, model card, a skeleton of Annex IV of the AI Act, and a manifest with the "
        "SHA-256 of each file. The same commit gives the same bytes. `verify` makes the folder "
        "again from Git and names every difference."
    )
    parser.epilog = help_epilog(
        "exit codes: 0 written, or equal, 1 verify found a difference, 2 usage error, unreadable "
        "input or unknown name",
        "lineage-diff evidence churn@v1.2.0 -o evidence-churn-v1.2.0",
        "lineage-diff evidence models/churn.pkl --rev main -o evidence",
        "lineage-diff evidence verify evidence",
    )
    parser.add_argument(
        "model", metavar="MODEL", type=repository_path, help=f"{MODEL}; or the word verify"
    )
    parser.add_argument("folder", metavar="DIR", nargs="?", help="the folder to verify")
    parser.add_argument("-o", "--output", metavar="DIR", help="write the files to this folder")
    parser.add_argument(
        "--gate",
        metavar="FILE",
        help="add the record that `lineage-diff gate -o FILE.json` wrote (default: none)",
    )
    add_rev(parser)
    add_repo(parser)
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the folder, or verify one; return the exit code."""
    # Imported late: `--help` does not need it.
    from lineage_diff.errors import InputError

    if arguments.model == _VERIFY:
        if (
            arguments.folder is None
            or arguments.output
            or arguments.gate
            or arguments.rev
            or arguments.config
        ):
            raise InputError(
                "verify takes a folder, and no other option than --repo",
                hint="Write `lineage-diff evidence verify DIR`.",
            )
        return _verify(arguments)
    if arguments.folder is not None or arguments.output in (None, "-"):
        raise InputError(
            "evidence is a folder of files",
            hint="Write `lineage-diff evidence MODEL -o DIR`, or `evidence verify DIR`.",
        )
    return _write(arguments)


def _write(arguments: argparse.Namespace) -> int:
    # Imported late: `--help` does not need it.
    from lineage_diff.cli.audit_output import request_of
    from lineage_diff.cli.progress import progress
    from lineage_diff.exit_codes import PASS

    request = request_of(arguments)
    # Imported here, while `git log` runs in the background.
    from lineage_diff.app.evidence.build import build_evidence
    from lineage_diff.app.evidence.gate_record import stated_file
    from lineage_diff.app.evidence.subject import find_subject
    from lineage_diff.cli.evidence_folder import write_folder

    with progress() as step:
        subject = find_subject(request, arguments.model, step)
        given = _record(arguments.gate, subject)
        stated = tuple(stated_file(name, data, given=True) for name, data in given.items())
        files = {**build_evidence(subject, stated), **given}
    write_folder(Path(arguments.output), files)
    print(f"Written: {arguments.output}", file=sys.stderr)
    return PASS


def _record(file: str | None, subject: "EvidenceSubject") -> dict[str, bytes]:
    # Imported late: `--help` does not need it.
    from lineage_diff.app.evidence.gate_record import record_files
    from lineage_diff.errors import InputError

    if file is None:
        return {}
    try:
        data = Path(file).read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read the record: {error.strerror}",
            hint="Name a file that `lineage-diff gate MODEL -o FILE.json` wrote.",
            file=file,
        ) from error
    return record_files(data, file, subject)


def _verify(arguments: argparse.Namespace) -> int:
    # Imported late: `--help` does not need it.
    from lineage_diff.app.audit.request import AuditRequest
    from lineage_diff.app.evidence.verify import verify_evidence
    from lineage_diff.cli.output import color_wanted, columns
    from lineage_diff.cli.progress import progress
    from lineage_diff.exit_codes import FAIL, PASS
    from lineage_diff.history.reader import open_history
    from lineage_diff.render.templates import render
    from lineage_diff.render.terminal import console_text

    request = AuditRequest(open_history(arguments.repo))

    with progress() as step:
        found = verify_evidence(request, Path(arguments.folder), step)
    text = render("evidence/verified.rich.j2", found=found, folder=arguments.folder)
    print(console_text(text, color=color_wanted("auto"), width=columns()), end="")
    return FAIL if found.differences else PASS
