"""Read the report of an untrusted run, as data from an unknown author."""

import os
import stat
from pathlib import Path

from msgspec.structs import replace

from lineage_diff.errors import InputError
from lineage_diff.github_action.images import without_untrusted_images
from lineage_diff.plain_files import open_to_read
from lineage_diff.report.json_codec import MAX_BYTES, ReportError
from lineage_diff.report.report import Report, decode_report


def read_report(workspace: Path, path: str, head_commit: str) -> Report:
    """Return the report on `head_commit` at `path`, relative to the workspace.

    It has no mentions. MLflow runs are dropped, because their links are untrusted, and so are
    images; experiments and uses in other repositories, because no run for a fork looks for them.
    Raises `InputError` for a file outside the workspace or behind a link, for a file that is no
    report, and for a report on another commit.
    """
    data = _read(workspace, path)
    try:
        report = decode_report(data, path)
    except ReportError as error:
        raise InputError(
            f"this is not a report: {error}",
            hint="Upload the `report_path` of the first workflow, of the same version.",
            file=path,
        ) from error
    if report.head.commit != head_commit:
        raise InputError(
            f"the report is for commit {report.head.commit[:7]}, but the run was for "
            f"{head_commit[:7]}",
            hint="Download the artifact of the run that the event names.",
            file=path,
        )
    cards = tuple(replace(card, mentions=()) for card in report.cards)
    return without_untrusted_images(
        replace(report, runs=(), experiments=None, elsewhere=None, cards=cards)
    )


def _read(workspace: Path, path: str) -> bytes:
    place = (workspace / path).resolve()
    if not place.is_relative_to(workspace.resolve()):
        raise _unreadable(path, "it is outside the workspace")
    try:
        # Non-blocking, because a named pipe without a writer would block forever.
        number = open_to_read(place)
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise _unreadable(path, "it is not a file")
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise _unreadable(path, str(error.strerror)) from error


def _unreadable(path: str, why: str) -> InputError:
    return InputError(
        f"input `report` cannot be read: {why}",
        hint="Name the `report.json` that actions/download-artifact put into the workspace.",
        file=path[:200],
    )
