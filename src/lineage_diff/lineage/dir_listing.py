"""What lies in a directory that DVC keeps: the listing that its `.dir` hash names."""

from collections.abc import Mapping

from msgspec import Struct, field

from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.version import Hash


class Listing(Struct, frozen=True):
    """The files of a directory out, their hashes by path relative to it, sorted.

    `folders` are the hashes that DVC gives folders inside it, for those that deps name. Without
    files, `unknown` says why the listing is not at hand.
    """

    files: Mapping[str, Hash] = field(default_factory=dict)
    unknown: str | None = None
    folders: Mapping[str, Hash] = field(default_factory=dict)

    def hash_of(self, path: str) -> Hash | None:
        """Return the hash of a file or folder by its path relative to the directory."""
        return self.files.get(path) or self.folders.get(path)


def enclosing_dir(path: str, listings: Mapping[str, Listing]) -> str | None:
    """Return the directory with a listing that a path lies inside of, the nearest one."""
    return next((folder for folder in ancestors(path) if folder in listings), None)
