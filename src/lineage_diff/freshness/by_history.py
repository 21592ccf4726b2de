"""Decide deps and outs that one commit cannot, from what changed since they were locked."""

from lineage_diff.freshness.content_match import SAME, ContentMatch
from lineage_diff.lineage.evidence import Evidence
from lineage_diff.lineage.history import LockedAt
from lineage_diff.text import join_some

GIT_IGNORES = "Git ignores it, and DVC does not keep it"
NEVER_TRACKED = "neither Git nor DVC tracks it, nor did when the stage was locked"
FILES_WENT = "DVC counted more files in it than Git holds: Git ignores some, or they were deleted"


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
    changed = f"{join_some([f'`{path}`' for path in since], 1)} changed since it was locked"
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
