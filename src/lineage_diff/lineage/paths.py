"""Resolve paths of DVC files against the repository's root, and match configuration globs.

In a glob, `*` also matches `/`.
"""

import posixpath
import re
from collections.abc import Callable, Iterable
from fnmatch import translate
from functools import lru_cache

# The same folders and paths recur in each revision.
_REMEMBERED = 1 << 16


@lru_cache(_REMEMBERED)
def folder_of(file: str) -> str:
    """Return the folder of a file, `""` for the root."""
    return posixpath.dirname(file)


@lru_cache(_REMEMBERED)
def join(folder: str, path: str) -> str:
    """Resolve `path` relative to `folder`, without reading any tree; the root is `""`.

    URLs and absolute paths are kept as written; a path above the root starts with `..`.
    """
    if "://" in path:
        return path
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


def lock_beside(pipeline: str) -> str:
    """Return the path of the `dvc.lock` of a `dvc.yaml`."""
    return join(folder_of(pipeline), "dvc.lock")


def is_inner_path(path: str) -> bool:
    """Whether a relative path is written plainly and leads to something inside of its folder."""
    is_plain = path == posixpath.normpath(path) and path not in (".", "..")
    return is_plain and not path.startswith(("/", "../"))


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a function to test whether a path or a folder above it matches any pattern."""
    parts = [translate(pattern.rstrip("/")) for pattern in patterns]
    if not parts:
        return lambda _: False
    parts += [translate(pattern.rstrip("/") + "/*") for pattern in patterns]
    found = re.compile("|".join(parts)).match
    return lambda path: found(path) is not None
