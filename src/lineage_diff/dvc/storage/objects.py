"""The interface of DVC's storage: small objects by their hash."""

import re
from typing import Protocol

from msgspec import Struct

from lineage_diff.dvc.hashes import ALGORITHMS, file_hash
from lineage_diff.lineage.version import Hash

_VALUE = re.compile(r"[0-9a-f]{32}(\.dir)?")


class Unfetched(Struct, frozen=True):
    """The reason for an unavailable object, without an address or credentials."""

    reason: str


class StoredDigest(Struct, frozen=True):
    """The SHA-256 of an object whose bytes match its hash, and their number."""

    sha256: str
    size: int


class Objects(Protocol):
    """The objects of one DVC project, from its cache first, then from its remote."""

    def read(self, hash_: Hash, remote: str | None = None) -> bytes | Unfetched:
        """Return an object's bytes, checked against the hash, or why they are not available.

        `remote` is the name from the out's own `remote` field. Raises nothing.
        """


def has_address(hash_: Hash) -> bool:
    """Return whether the hash is valid for a stored object; a commit may contain any text."""
    return hash_.algorithm in ALGORITHMS and _VALUE.fullmatch(hash_.value) is not None


def has_hash(content: bytes, hash_: Hash) -> bool:
    """Return whether the bytes match the hash."""
    return file_hash(content, hash_.algorithm) == hash_.value.removesuffix(".dir")
