"""Compare a path's content at a commit with the version recorded in `dvc.lock`.

What one commit cannot decide, what changed since the lock entry was written may decide.
"""

from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from lineage_diff.lineage.evidence import Evidence
from lineage_diff.lineage.history import LockedAt
from lineage_diff.lineage.version import Content, Version, hash_text

Outcome = Literal["same", "line-endings", "different", "unknown"]
GIT_IGNORES = "Git ignores it, and DVC does not keep it"
NEVER_TRACKED = "neither Git nor DVC tracks it, nor did when the stage was locked"
UNTRACKED = frozenset((GIT_IGNORES, NEVER_TRACKED))
FILES_WENT = "DVC counted more files in it than Git holds: Git ignores some, or they were deleted"


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
    if is_local and (_is_of_storage(locked) or _is_of_storage(here)):
        return ContentMatch("different", hash_text(here))
    if _same_scheme((here,), locked) is None:
        # Schemes differ in the bytes that they hash, not in those that they count.
        if None not in (here.size, locked.size) and here.size != locked.size:
            return ContentMatch("different", hash_text(here))
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


def _is_of_storage(version: Version) -> bool:
    """Whether a storage made the hash: DVC records none for a local path, and calls it changed."""
    return version.hash is not None and version.hash.algorithm in _OF_STORAGE


def _other_scheme(locked: Version) -> str:
    scheme = locked.hash.algorithm if locked.hash else "no hash"
    return f"the lock records its {scheme}, and this commit has no such hash for it"


def decide_by_history(found: ContentMatch, path: str, at: LockedAt | None) -> ContentMatch:
    """Return the comparison as the history decides it; if still unknown, with the reason.

    A path that did not change since the lock entry was written is the same. A changed path is
    different only if its change surely matters (`LockedAt.certain`).
    """
    if at is None or found.outcome not in ("unknown", "different"):
        return found
    why = found.detail if found.outcome == "unknown" else FILES_WENT
    since = at.since.get(path)
    if since is None:
        if at.unknown is None:
            return found
        return ContentMatch("unknown", found.actual, f"{why}; {at.unknown}")
    if not since:
        return SAME
    # Thousands may have changed, and the first is named.
    more = f" and {len(since) - 1} more" if len(since) > 1 else ""
    changed = f"`{since[0]}`{more} changed since it was locked"
    if path in at.certain:
        return ContentMatch("different", found.actual, changed)
    return ContentMatch("unknown", found.actual, f"{why}; {changed}")


def match_untracked(path: str, evidence: Evidence, at: LockedAt | None) -> ContentMatch | None:
    """Return why the state of an untracked dep is unknown, `None` if it is missing.

    A path that Git ignores, or that was never committed, may still exist where the pipeline runs.
    A path that was tracked when the entry was written, and is not now, is missing; so is, as for
    DVC in a clone, one that the history does not cover.
    """
    if at is not None and path in at.certain:
        return None
    if path in evidence.git_ignored:
        return ContentMatch("unknown", detail=GIT_IGNORES)
    if at is not None and at.unknown is None and path not in at.since:
        return ContentMatch("unknown", detail=NEVER_TRACKED)
    return None
