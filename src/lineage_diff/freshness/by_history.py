"""What a commit alone cannot tell of a dep or out, settled by what changed since it was locked."""

from lineage_diff.freshness.content_match import SAME, ContentMatch
from lineage_diff.lineage.history import LockedAt
from lineage_diff.lineage.lineage import Lineage

GIT_IGNORES = "Git ignores it, and DVC does not keep it"
NEVER_TRACKED = "neither Git nor DVC tracks it, nor did when the stage was locked"
FILES_WENT = "DVC counted more files in it than Git holds: Git ignores some, or they were deleted"


def decide_by_history(found: ContentMatch, path: str, at: LockedAt | None) -> ContentMatch:
    """Return what the history makes of a comparison, in words where it is still unknown.

    What is as it was when the lock entry was written is the same; what is not is different only
    where that is certain to matter.
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
    changed = f"{_listed(since)} changed since it was locked"
    if path in at.certain:
        return ContentMatch("different", found.actual, changed)
    return ContentMatch("unknown", found.actual, f"{why}; {changed}")


def untracked(path: str, lineage: Lineage, at: LockedAt | None) -> ContentMatch | None:
    """Return why a commit cannot tell of a dep that nothing in it tracks; `None`: it is gone.

    What Git ignores, or no commit held, may still lie where the pipeline runs. What was tracked
    when the entry was written, and is not now, is gone; so is, as for DVC in a clone, what the
    history does not tell of.
    """
    if at is not None and path in at.certain:
        return None
    if path in lineage.git_ignored:
        return ContentMatch("unknown", detail=GIT_IGNORES)
    if at is not None and at.unknown is None and path not in at.since:
        return ContentMatch("unknown", detail=NEVER_TRACKED)
    return None


def _listed(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"`{paths[0]}`{more}"
