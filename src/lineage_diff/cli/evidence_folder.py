"""Write a folder of evidence."""

from collections.abc import Mapping
from pathlib import Path

from lineage_diff.app.evidence.manifest import MANIFEST
from lineage_diff.app.evidence.verify import unexpected_files
from lineage_diff.cli.atomic_files import filled_folder
from lineage_diff.errors import InputError
from lineage_diff.text import join_some

_NAMED = 5


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files to a folder, whole or not at all; the manifest of an earlier one goes last.

    Raises `InputError` for a folder with other files in it, and one that cannot be written.
    """
    try:
        others = unexpected_files(folder, frozenset(files))
        if others:
            raise InputError(
                f"the folder has other files: {join_some(others, _NAMED)}",
                hint="Name a new folder.",
                file=str(folder),
            )
        with filled_folder(folder, last=MANIFEST) as filled:
            for name, data in files.items():
                (filled / name).write_bytes(data)
    except OSError as error:
        raise InputError(
            f"cannot write the folder: {error.strerror}",
            hint="Name a folder that can be written.",
            file=str(folder),
        ) from error
