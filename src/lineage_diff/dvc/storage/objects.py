"""Small objects that DVC keeps outside Git, asked for by their hash."""

import re
from typing import Protocol

from msgspec import Struct

from lineage_diff.dvc.hashes import ALGORITHMS, file_hash
from lineage_diff.lineage.version import Hash

_VALUE = re.compile(r"[0-9a-f]{32}(\.dir)?")


class Unfetched(Struct, frozen=True):
    """Why an object is not at hand: in words that hold no address and no credentials."""

    reason: str


class Objects(Protocol):
    """The objects of one DVC project: those of its cache first, then those of its remote."""

    def read(self, hash_: Hash, remote: str | None = None) -> bytes | Unfetched:
        """Return an object's bytes, which have that very hash, or why they are not at hand.

        `remote` is the one that an out names for itself. Raises nothing.
        """


def has_address(hash_: Hash) -> bool:
    """Whether objects are stored under such a hash; a commit may hold anything in its place."""
    return hash_.algorithm in ALGORITHMS and _VALUE.fullmatch(hash_.value) is not None


def has_hash(content: bytes, hash_: Hash) -> bool:
    """Whether the bytes are those that the hash names."""
    return file_hash(content, hash_.algorithm) == hash_.value.removesuffix(".dir")
