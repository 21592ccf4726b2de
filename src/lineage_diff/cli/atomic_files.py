"""Write files that appear whole or not at all: a failure keeps what was there before.

Except a file that cannot be replaced: a crash or a full disk during its copy leaves a part of it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex
from stat import S_IMODE
from tempfile import gettempdir
from typing import BinaryIO

from lineage_diff.plain_files import open_to_create

# An export writes some kilobytes at a time, and may have many.
_BUFFER = 1 << 18


@contextmanager
def replaced_file(path: Path) -> Iterator[BinaryIO]:
    """Open a file that takes the place of `path` when the block ends without an exception.

    A link stays, and its target is replaced. What is no plain file, such as `/dev/null`, is written
    to directly. A file that cannot be replaced, such as one that is mounted by itself, is
    overwritten with a copy of the complete content. Raises `OSError`.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with target.open("wb") as file:
            yield file
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    # Only the folder refuses: the file itself may still be written.
    is_beside = not target.exists() or os.access(target.parent, os.W_OK)
    temporary = _beside(target if is_beside else Path(gettempdir(), "x"))
    # It has the mode of the file that it replaces: no one else may read it.
    mode = S_IMODE(target.stat().st_mode) if target.exists() else 0o666
    try:
        with os.fdopen(open_to_create(temporary, mode), "wb", buffering=_BUFFER) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _replace(target, temporary)
    finally:
        temporary.unlink(missing_ok=True)


def _replace(target: Path, temporary: Path) -> None:
    if not target.exists():
        temporary.replace(target)
        return
    shutil.copymode(target, temporary)
    try:
        temporary.replace(target)
    except OSError:
        shutil.copyfile(temporary, target)


@contextmanager
def filled_folder(folder: Path, last: str | None = None) -> Iterator[Path]:
    """Yield an empty folder whose files are moved to `folder` when the block ends.

    A new folder appears with all of them. In one that exists, each file takes the place of that of
    the same name, the file `last` after the others. Raises `OSError`.
    """
    is_new = not folder.exists()
    if is_new:
        folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = _beside(folder) if is_new else _beside(folder / "x")
    try:
        temporary.mkdir()
        yield temporary
        if is_new:
            temporary.rename(folder)
            return
        for file in sorted(_files_in(temporary), key=lambda file: (file.name == last, file)):
            moved = folder / file.relative_to(temporary)
            moved.parent.mkdir(parents=True, exist_ok=True)
            file.replace(moved)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".lineage-diff-{token_hex(8)}")


def _files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
