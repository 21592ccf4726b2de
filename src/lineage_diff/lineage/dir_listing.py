"""The files of a directory in DVC's cache: the listing under its `.dir` hash."""

from collections.abc import Mapping

from msgspec import Struct, field

from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.version import Hash


class Listing(Struct, frozen=True):
    """The files of a directory out, their hashes by path relative to it, sorted.

    `folders` holds DVC's hashes of those folders inside it that are deps. If the listing is not
    available, `files` is empty and `unknown` is the reason.
    """

    files: Mapping[str, Hash] = field(default_factory=dict)
    unknown: str | None = None
    folders: Mapping[str, Hash] = field(default_factory=dict)

    def hash_of(self, path: str) -> Hash | None:
        """Return the hash of a file or folder by its path relative to the directory."""
        return self.files.get(path) or self.folders.get(path)


def enclosing_dir(path: str, listings: Mapping[str, Listing]) -> str | None:
    """Return the nearest directory with a listing above a path; `None` if there is none."""
    return next((folder for folder in ancestors(path) if folder in listings), None)
