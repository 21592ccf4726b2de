"""Open files in a folder that others may have written: no link is followed, nothing blocks.

Windows has no flags for this. There the file that was opened is compared with the one that was
looked at, and names with a meaning to the system are not opened.
"""

import errno
import ntpath
import os
import stat
from pathlib import PureWindowsPath

_WINDOWS = os.name == "nt"
# Without it, Windows changes line ends.
_BINARY = getattr(os, "O_BINARY", 0)


def open_to_read(path: str | os.PathLike[str]) -> int:
    """Return a descriptor of the file at `path`, which is no link. Raises `OSError`.

    It may be a pipe or a device: opening one does not block.
    """
    no_follow = getattr(os, "O_NOFOLLOW", None)
    flags = os.O_RDONLY | _BINARY | getattr(os, "O_NONBLOCK", 0)
    if no_follow is not None:
        return os.open(path, flags | no_follow)
    seen = os.lstat(path)
    if not stat.S_ISREG(seen.st_mode):
        raise OSError(errno.ELOOP, "it is a link or a device", os.fspath(path))
    handle = os.open(path, flags)
    # It may have been replaced by a link since.
    if not os.path.samestat(seen, os.fstat(handle)):
        os.close(handle)
        raise OSError(errno.ELOOP, "it was replaced", os.fspath(path))
    return handle


def open_to_create(path: str | os.PathLike[str], mode: int) -> int:
    """Return a descriptor of a new file; nothing may be at `path`, not even a link."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags, mode)


def is_usable(path: str, *, windows: bool = _WINDOWS) -> bool:
    r"""Return whether a path of Git, joined to a folder, stays a path in that folder.

    On Windows `..\x`, `C:x`, `file:stream` and `con.py` do not, and Git checks none of them out.
    """
    if not windows:
        return True
    return not ("\\" in path or ":" in path or _is_reserved(path))


def _is_reserved(path: str) -> bool:
    # `PureWindowsPath.is_reserved` ends with Python 3.15; `ntpath.isreserved` begins with 3.13.
    if hasattr(ntpath, "isreserved"):
        return bool(ntpath.isreserved(path))
    return any(PureWindowsPath(part).is_reserved() for part in path.split("/") if part)


def posix_target(target: str, *, windows: bool = _WINDOWS) -> str:
    """Return the target of a link with `/`, and an absolute one with a `/` first."""
    if not windows:
        return target
    path = PureWindowsPath(target)
    return f"/{path.as_posix().lstrip('/')}" if path.anchor else path.as_posix()
