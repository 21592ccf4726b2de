"""From a path as a DVC file writes it to one relative to the repository's root."""

import posixpath
from functools import lru_cache

# The same few folders and paths come again in each revision.
_REMEMBERED = 1 << 16


def folder_of(file: str) -> str:
    """Return the folder of a file, `""` for the root."""
    return posixpath.dirname(file)


@lru_cache(_REMEMBERED)
def join(folder: str, path: str) -> str:
    """Resolve `path`, written in `folder`, without looking at any tree; the root is `""`.

    URLs are kept as written, as are absolute paths; what leads above the root starts with `..`.
    """
    if "://" in path:
        return path
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined
