"""When two versions are the same content, and how the report writes one.

DVC 2 hashed text with its line ends changed (`md5-dos2unix`), DVC 3 hashes bytes (`md5`). For
content without CRLF both give the same value: equal values under the two names are a `rehashed`
file. Values that differ are called modified, as `dvc diff` does: nothing in Git can tell
whether a text with CRLF or a new content is behind them.
"""

from lineage_diff.compare.side import Side
from lineage_diff.lineage.version import Hash, Version

_MD5 = frozenset({"md5", "md5-dos2unix"})


def same_hash(old: Hash | None, new: Hash | None) -> bool:
    """Whether two hashes name the same content."""
    if old is None or new is None or old.value != new.value:
        return old is new
    return old.algorithm == new.algorithm or {old.algorithm, new.algorithm} <= _MD5


def same_version(old: Version | None, new: Version | None) -> bool:
    """Whether two versions name the same content; no version equals a version without a hash."""
    if old is new:
        return True
    return same_hash(old.hash if old else None, new.hash if new else None)


def side(version: Version | None) -> Side:
    """Write a version for the report; no version is one without a hash."""
    if version is None:
        return Side(None)
    return Side(str(version.hash) if version.hash else None, version.size, version.nfiles)
