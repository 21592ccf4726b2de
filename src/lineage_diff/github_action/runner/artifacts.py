"""Write the files of a run into the workspace, for actions/upload-artifact.

The workspace contains files of the pull request, so no file is written through a link.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from lineage_diff.errors import InputError
from lineage_diff.plain_files import open_to_create

REPORT = "report.json"
SUMMARY = "summary.md"
COMMENT = "comment.md"
# Git ignores the folder, so that the checkout stays clean for later steps.
IGNORE = "*\n"


class Folder(Struct, frozen=True):
    """A folder below the workspace; `path` is relative to the workspace."""

    workspace: Path
    path: str

    def named(self, name: str) -> str:
        """Return the path of a file in it, relative to the workspace, with `/`."""
        return f"{self.path}/{name}" if self.path != "." else name


def output_folder(workspace: Path, path: str) -> Folder:
    """Return the folder at `path`, without creating it. Raises `InputError` if it is outside."""
    normal = os.path.normpath(path)
    outside = normal == os.pardir or normal.startswith(os.pardir + os.sep)
    if Path(path).is_absolute() or outside or not normal.isprintable():
        raise InputError(
            f"input `output_dir` is {path[:80]!r}",
            hint="Name a folder below the workspace, such as `reports/lineage`.",
        )
    return Folder(workspace, normal.replace(os.sep, "/"))


def write_files(folder: Folder, files: Mapping[str, bytes]) -> None:
    """Write files by name, replacing existing ones. Raises `InputError` on failure."""
    try:
        place, made = _make(folder)
        if made:
            files = {".gitignore": IGNORE.encode(), **files}
        for name, data in files.items():
            path = place / name
            path.unlink(missing_ok=True)
            with os.fdopen(open_to_create(path, 0o644), "wb") as file:
                file.write(data)
            _give(path, folder.workspace)
    except OSError as error:
        raise InputError(
            f"cannot write to the folder: {error.strerror}",
            hint="Set `output_dir` to a writable folder.",
            file=folder.path,
        ) from error


def write_nested(folder: Folder, files: Mapping[str, bytes]) -> None:
    """Write files by their paths in the folder, as `write_files` does in each inner folder."""
    inner: dict[str, dict[str, bytes]] = {}
    for path, data in files.items():
        place, _, name = path.rpartition("/")
        inner.setdefault(place, {})[name] = data
    for place, found in sorted(inner.items()):
        write_files(Folder(folder.workspace, folder.named(place) if place else folder.path), found)


def _make(folder: Folder) -> tuple[Path, bool]:
    place = folder.workspace
    made = False
    for part in Path(folder.path).parts:
        place /= part
        made = not place.is_symlink() and not place.exists()
        if made:
            place.mkdir()
            _give(place, folder.workspace)
        elif not stat.S_ISDIR(place.lstat().st_mode):
            raise InputError(
                "the path exists and is not a folder",
                hint="Set `output_dir` to a path that the repository does not use.",
                file=str(place.relative_to(folder.workspace)),
            )
    return place, made


def _give(path: Path, workspace: Path) -> None:
    """Give a file to the workspace's owner, so that the runner can remove it."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        owner = workspace.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
