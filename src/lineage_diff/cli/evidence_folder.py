"""Write a folder of evidence."""

from collections.abc import Mapping
from pathlib import Path

from lineage_diff.app.evidence.manifest import MANIFEST
from lineage_diff.app.evidence.verify import unexpected_files
from lineage_diff.errors import InputError
from lineage_diff.text import join_some

_NAMED = 5


def write_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files to a folder, the manifest last.

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
        folder.mkdir(parents=True, exist_ok=True)
        for name in sorted(files, key=lambda name: (name == MANIFEST, name)):
            path = folder / name
            # A link may lead out of the folder.
            if path.is_symlink():
                path.unlink()
            path.write_bytes(files[name])
    except OSError as error:
        raise InputError(
            f"cannot write the folder: {error.strerror}",
            hint="Name a folder that can be written.",
            file=str(folder),
        ) from error
