"""From a path as a DVC file writes it to one relative to the repository's root.

The globs of the configuration, on repository paths: `*` also crosses `/`.
"""

import posixpath
import re
from collections.abc import Callable, Iterable
from fnmatch import translate
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


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a test whether a path matches any pattern, or lies in a folder that one names."""
    parts = [translate(pattern.rstrip("/")) for pattern in patterns]
    if not parts:
        return lambda _: False
    parts += [translate(pattern.rstrip("/") + "/*") for pattern in patterns]
    found = re.compile("|".join(parts)).match
    return lambda path: found(path) is not None
