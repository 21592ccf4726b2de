"""The shared configuration that a repository's own one extends: known by its SHA-256.

Nothing is fetched here. The command line or the Action offers its bytes, or they lie in the cache.
Wherever they come from, they count only if their hash is the one in the configuration.
"""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from lineage_diff import limits
from lineage_diff.config.schema import PolicyExtends
from lineage_diff.errors import InputError
from lineage_diff.parsing.yaml_loader import load_yaml

EXTENDS = "extends"

# By their SHA-256: another content can have no other meaning.
_offered: dict[str, bytes] = {}


def offer(data: bytes) -> str:
    """Keep the bytes of a shared configuration for this process and in the cache.

    Returns their SHA-256. Without a cache that can be written, they are kept for this process.
    """
    found = sha256(data).hexdigest()
    if len(data) <= limits.POLICY_BYTES and found not in _offered:
        _offered[found] = data
        _store(found, data)
    return found


def is_at_hand(digest: str) -> bool:
    """Return whether the bytes with this SHA-256 were offered, or are in the cache."""
    return _find(digest) is not None


def extends_of(content: bytes, file: str) -> PolicyExtends | None:
    """Return what a configuration extends; `None` if nothing, or if it is no valid entry."""
    data = load_yaml(content, file)
    entry = data.get(EXTENDS) if isinstance(data, Mapping) else None
    try:
        return None if entry is None else msgspec.convert(entry, PolicyExtends)
    except msgspec.ValidationError:
        return None


def read_shared(extends: PolicyExtends, file: str, line: int | None) -> bytes:
    """Return the shared configuration. Raises `InputError` if it is not at hand.

    `file` and `line` are those of the configuration that extends it.
    """
    found = _find(extends.sha256)
    if found is None:
        raise InputError(
            f"the shared configuration {describe(extends)} is not at hand",
            hint=_hint(extends),
            file=file,
            line=line,
        )
    return found


def describe(extends: PolicyExtends) -> str:
    """Return where a shared configuration is: `owner/name@0123456:path`."""
    return f"{extends.repository}@{extends.commit[:7]}:{extends.path}"


def _hint(extends: PolicyExtends) -> str:
    others = ", ".join(found[:12] for found in sorted(_offered))
    offered = f"SHA-256 {extends.sha256[:12]}… is wanted, {others}… was given. " if others else ""
    return f"{offered}Name a copy of it: `--extends-from FILE`. It is kept for the next time."


def merge(own: Mapping[str, Any], shared: Mapping[str, Any]) -> dict[str, Any]:
    """Return a configuration on top of a shared one.

    Lists follow each other, the own one first. Of mappings and single values the own ones count,
    entry by entry.
    """
    merged = dict(own)
    for key, value in shared.items():
        mine = own.get(key)
        if isinstance(mine, list) and isinstance(value, list):
            merged[key] = [*mine, *value]
        elif isinstance(mine, Mapping) and isinstance(value, Mapping):
            merged[key] = {**mine, **{name: value[name] for name in value if name not in mine}}
        elif key not in own:
            merged[key] = value
    return merged


def offer_file(path: str, whose: str) -> None:
    """Offer the content of a file. `whose` names the option or input, for the error.

    Raises `InputError` if it cannot be read or is too long.
    """
    try:
        with Path(path).open("rb") as file:
            data = file.read(limits.POLICY_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"{whose} cannot be read: {error.strerror}",
            hint="Name a copy of the shared configuration.",
            file=path,
        ) from error
    if len(data) > limits.POLICY_BYTES:
        raise InputError(
            f"{whose} is over the limit of {limits.POLICY_BYTES} bytes",
            hint="Name a copy of the shared configuration.",
            file=path,
        )
    offer(data)


def _find(digest: str) -> bytes | None:
    if digest not in _offered:
        data = _read(_folder() / digest)
        if data is None or sha256(data).hexdigest() != digest:
            return None
        _offered[digest] = data
    return _offered[digest]


def _folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "lineage-diff" / "extends"


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            data = file.read(limits.POLICY_BYTES + 1)
    except (OSError, RuntimeError):
        return None
    return data if len(data) <= limits.POLICY_BYTES else None


def _store(digest: str, data: bytes) -> None:
    try:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        # Renamed, so that no other process reads half of it.
        written = folder / f".{digest}.{os.getpid()}"
        written.write_bytes(data)
        written.replace(folder / digest)
    except (OSError, RuntimeError):
        pass
