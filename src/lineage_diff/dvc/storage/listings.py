"""Read the listings of directories: the JSON objects with a `.dir` hash."""

import json
from collections.abc import Mapping
from typing import Any

from lineage_diff import limits
from lineage_diff.dvc.storage.objects import Objects, Unfetched, has_address
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.paths import is_inner_path
from lineage_diff.lineage.version import Hash

NO_LISTING = "the object stored under its hash is not a DVC listing"
TOO_MANY = f"the listings of one run have more than {limits.LISTED_FILES:,} files"


class ListingReader:
    """Reads listings; a listing that two commits share is read once."""

    def __init__(self) -> None:
        self._known: dict[Hash, Listing] = {}
        self._files = 0

    def read(self, objects: Objects, hash_: Hash, remote: str | None = None) -> Listing:
        """Return the listing of a directory's hash, or a listing with the reason for none."""
        if hash_ not in self._known:
            self._known[hash_] = self._listing(objects.read(hash_, remote), hash_)
        return self._known[hash_]

    def _listing(self, content: bytes | Unfetched, hash_: Hash) -> Listing:
        if isinstance(content, Unfetched):
            return Listing(unknown=content.reason)
        files = parse_listing(content, hash_.algorithm)
        if files is None:
            return Listing(unknown=NO_LISTING)
        if self._files + len(files) > limits.LISTED_FILES:
            return Listing(unknown=TOO_MANY)
        self._files += len(files)
        return Listing(files)


def parse_listing(content: bytes, algorithm: str) -> dict[str, Hash] | None:
    """Return the hash of each file by path, sorted; `None` for an invalid listing.

    The format is that of `dvc_data.hashfile.tree.Tree.as_list`: a list of mappings with `md5` and
    `relpath`; other keys are ignored. No path may lead outside the directory.
    """
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(entries, list):
        return None
    files: dict[str, Hash] = {}
    for entry in entries:
        found = _file(entry, algorithm)
        if found is None or found[0] in files:
            return None
        files[found[0]] = found[1]
    return dict(sorted(files.items()))


def _file(entry: Any, algorithm: str) -> tuple[str, Hash] | None:
    if not isinstance(entry, Mapping):
        return None
    path, value = entry.get("relpath"), entry.get("md5")
    if not isinstance(path, str) or not isinstance(value, str):
        return None
    hash_ = Hash(algorithm, value)
    if not is_inner_path(path):
        return None
    return (path, hash_) if has_address(hash_) and not hash_.is_dir else None
