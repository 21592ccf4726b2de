"""Ids of runs, and addresses without credentials."""

import re
from functools import lru_cache
from hashlib import sha1
from typing import Final
from uuid import UUID

from lineage_diff.git.remote_address import remote_address

NAMESPACE: Final = UUID("2994d33a-bd78-51ab-aa73-09a1adcdb729")
"""The namespace of all our UUIDs. Another one would give every run a second id."""
_HASHED: Final = sha1(NAMESPACE.bytes, usedforsecurity=False)
# Two bits of the variant, and two of the hash.
_VARIANTS: Final = {f"{digit:x}": "89ab"[digit & 3] for digit in range(16)}
# The same paths and runs recur in each commit.
_REMEMBERED: Final = 1 << 13
# Up to the last `@`: a password may contain one.
_USER: Final = re.compile(r"^([a-z][a-z0-9+.-]*://)[^/?#]*@", re.IGNORECASE)
_SCP_PASSWORD: Final = re.compile(r"^([^/@:]+):[^/@]*@")
_QUERY: Final = re.compile(r"[?#].*$", re.DOTALL)
_URL: Final = re.compile(r"^[a-z][a-z0-9+.-]*://", re.IGNORECASE)


@lru_cache(_REMEMBERED)
def uuid_of(*parts: str) -> str:
    """Return the UUIDv5 (RFC 9562) of some texts, in the namespace of this project."""
    found = _HASHED.copy()
    found.update("\n".join(parts).encode("utf-8", "surrogatepass"))
    text = found.hexdigest()
    # With the version, 5; `uuid.UUID` takes six times as long.
    variant = _VARIANTS[text[16]]
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def run_id(repository: str, commit: str, stage: str) -> str:
    """Return the id of the run that a commit records for a stage; the same on every machine."""
    return uuid_of(repository, commit, stage)


def repository_key(url: str) -> str | None:
    """Return the key of a repository by its Git URL, `None` for one on no server."""
    address = remote_address(url)
    return address.id if address is not None else None


def without_credentials(address: str) -> str:
    """Return a URL without user, password, query and fragment, which may hold a token."""
    if _URL.match(address):
        return _QUERY.sub("", _USER.sub(r"\1", address))
    return _SCP_PASSWORD.sub(r"\1@", address)


def shown_path(path: str) -> str:
    """Return a path, or an address without credentials."""
    return outside_address(path) or path


@lru_cache(_REMEMBERED)
def outside_address(path: str) -> str | None:
    """Return the address of a path outside of the repository, `None` for one inside."""
    if _URL.match(path):
        return without_credentials(path)
    return path if path.startswith(("/", "../")) or path[1:3] in (":/", ":\\") else None
