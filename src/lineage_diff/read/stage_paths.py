"""From a path as a DVC file writes it to one relative to the repository's root."""

import posixpath


def folder_of(file: str) -> str:
    """Return the folder of a file, `""` for the root."""
    return posixpath.dirname(file)


def join(folder: str, path: str) -> str:
    """Resolve `path`, written in `folder`, without looking at any tree; the root is `""`.

    URLs are kept as written, as are absolute paths; what leads above the root starts with `..`.
    """
    if "://" in path:
        return path
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined
