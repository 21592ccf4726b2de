"""What a commit holds at a path that a stage's lock recorded, held against that record."""

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.version import Content, Version

Outcome = Literal["same", "line-endings", "different", "unknown"]


class ContentMatch(Struct, frozen=True):
    """`actual` is the hash that the commit gives the path, where that is another and it gives one;
    `detail` says why the outcome is unknown."""

    outcome: Outcome
    actual: str | None = None
    detail: str | None = None


SAME = ContentMatch("same")


def against_content(content: Content, locked: Version) -> ContentMatch:
    """Compare what Git holds with what a lock recorded, in the scheme that the lock uses.

    Equal hashes of two schemes name the same content: `md5-dos2unix` is the `md5` of the content
    without its CRs. Unequal ones of two schemes tell nothing.
    """
    if _holds(content.versions, locked):
        return SAME
    here = _alike(content.versions, locked)
    if _holds(content.eol_versions, locked):
        return ContentMatch("line-endings", text(here))
    if content.unknown is not None:
        return ContentMatch("unknown", text(here), content.unknown)
    if here is None:
        return ContentMatch("unknown", None, _other_scheme(locked))
    return ContentMatch("different", text(here))


def against_version(here: Version, locked: Version) -> ContentMatch:
    """Compare what another stage or a `.dvc` file recorded of a path with what a lock recorded."""
    if _holds((here,), locked):
        return SAME
    if _alike((here,), locked) is None:
        return ContentMatch("unknown", text(here), _other_scheme(locked))
    return ContentMatch("different", text(here))


def text(version: Version | None) -> str | None:
    """Return a version's hash as `algorithm:value`."""
    return str(version.hash) if version is not None and version.hash is not None else None


def _holds(versions: Iterable[Version], locked: Version) -> bool:
    """Whether one of the versions is the content that a lock recorded."""
    wanted = locked.hash
    if wanted is None:
        return False
    for version in versions:
        if version.hash is not None and version.hash.value == wanted.value:
            return True
    return False


def _alike(versions: Iterable[Version], locked: Version) -> Version | None:
    algorithm = locked.hash.algorithm if locked.hash else None
    for version in versions:
        if version.hash is not None and version.hash.algorithm == algorithm:
            return version
    return None


def _other_scheme(locked: Version) -> str:
    scheme = locked.hash.algorithm if locked.hash else "no hash"
    return f"the lock names it by {scheme}, which this commit does not give for it"
