"""The files that a run leaves in the workspace, for actions/upload-artifact to take.

The workspace holds what a pull request wrote: no file is written through a link of its making.
"""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from lineage_diff.errors import InputError

REPORT = "report.json"
SUMMARY = "summary.md"
COMMENT = "comment.md"
# Git is to take no notice of the folder: the checkout stays clean for the steps that follow.
IGNORE = "*\n"


class Folder(Struct, frozen=True):
    """A folder below the workspace; `path` is relative to that."""

    workspace: Path
    path: str

    def named(self, name: str) -> str:
        """Return the path of a file in it, relative to the workspace, with `/`."""
        return f"{self.path}/{name}" if self.path != "." else name


def output_folder(workspace: Path, path: str) -> Folder:
    """Return the folder of that path, not made yet. Raises `InputError` for one outside."""
    normal = os.path.normpath(path)
    outside = normal == os.pardir or normal.startswith(os.pardir + os.sep)
    if Path(path).is_absolute() or outside or not normal.isprintable():
        raise InputError(
            f"input `output_dir` is {path[:80]!r}",
            hint="Name a folder below the workspace, such as `reports/lineage`.",
        )
    return Folder(workspace, normal.replace(os.sep, "/"))


def write_files(folder: Folder, files: Mapping[str, bytes]) -> None:
    """Write files by their names, over what is there. Raises `InputError` where that fails."""
    try:
        place, made = _make(folder)
        if made:
            files = {".gitignore": IGNORE.encode(), **files}
        for name, data in files.items():
            path = place / name
            path.unlink(missing_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, 0o644), "wb") as file:
                file.write(data)
            _give(path, folder.workspace)
    except OSError as error:
        raise InputError(
            f"cannot write there: {error.strerror}",
            hint="Set `output_dir` to a folder that can be made and written to.",
            file=folder.path,
        ) from error


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
                "something else than a folder is in the way",
                hint="Set `output_dir` to a path that the repository does not use.",
                file=str(place.relative_to(folder.workspace)),
            )
    return place, made


def _give(path: Path, workspace: Path) -> None:
    """Leave a file to the workspace's owner, so that the runner can remove it again."""
    if os.geteuid() == 0:
        owner = workspace.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)
