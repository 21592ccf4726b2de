"""Compare a path's content at a commit with the version recorded in `dvc.lock`."""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.version import Content, Version, hash_text

Outcome = Literal["same", "line-endings", "different", "unknown"]


class ContentMatch(Struct, frozen=True):
    """The result of a comparison.

    `actual` is the hash at the commit if it differs from the locked one, `None` if there is none;
    `detail` is the reason if the outcome is unknown.
    """

    outcome: Outcome
    actual: str | None = None
    detail: str | None = None


SAME = ContentMatch("same")
_OF_STORAGE = frozenset(("etag", "checksum", "version_id"))


def against_content(content: Content, locked: Version) -> ContentMatch:
    """Compare a Git content with a locked version, in the lock's hash scheme.

    Equal hashes of two schemes mean the same content: `md5-dos2unix` is the `md5` of the content
    without its CRs. Unequal hashes of two schemes prove nothing.
    """
    if _holds(content.versions, locked):
        return SAME
    here = _same_scheme(content.versions, locked)
    if _holds(content.eol_versions, locked):
        return ContentMatch("line-endings", hash_text(here))
    if content.unknown is not None:
        return ContentMatch("unknown", detail=content.unknown)
    if here is None and _is_of_storage(locked):
        return ContentMatch("different", hash_text(next(iter(content.versions), None)))
    if here is None:
        return ContentMatch("unknown", None, _other_scheme(locked))
    return ContentMatch("different", hash_text(here))


def against_version(here: Version, locked: Version, is_local: bool = False) -> ContentMatch:
    """Compare a version recorded by another stage or a `.dvc` file with a locked version.

    `is_local`: the path lies in the repository.
    """
    if _holds((here,), locked):
        return SAME
    if is_local and _is_of_storage(locked):
        return ContentMatch("different", hash_text(here))
    if _same_scheme((here,), locked) is None:
        return ContentMatch("unknown", hash_text(here), _other_scheme(locked))
    return ContentMatch("different", hash_text(here))


def _holds(versions: Iterable[Version], locked: Version) -> bool:
    """Whether one of the versions is the locked content."""
    wanted = locked.hash
    if wanted is None:
        return False
    return wanted.value in [item.hash.value for item in versions if item.hash is not None]


def _same_scheme(versions: Iterable[Version], locked: Version) -> Version | None:
    algorithm = locked.hash.algorithm if locked.hash else None
    for version in versions:
        if algorithm is not None and algorithm in _algorithms(version):
            return version
    return None


def _algorithms(version: Version) -> Iterator[str]:
    """Yield the schemes of a version: of a listing without `hash:` DVC 2's, and its own is MD5."""
    for hash_ in (version.hash, *[hash_ for _, hash_ in (version.files or ())[:1]]):
        if hash_ is not None:
            yield hash_.algorithm


def _is_of_storage(locked: Version) -> bool:
    """Whether a storage made the hash: DVC records none for a local path, and calls it changed."""
    return locked.hash is not None and locked.hash.algorithm in _OF_STORAGE


def _other_scheme(locked: Version) -> str:
    scheme = locked.hash.algorithm if locked.hash else "no hash"
    return f"the lock records its {scheme}, and this commit has no such hash for it"
