"""What a commit alone cannot tell of a dep or out, settled by what changed since it was locked."""

from lineage_diff.compare.here import Comparison, text
from lineage_diff.lineage.locked_at import LockedAt
from lineage_diff.lineage.version import Version

FILES_WENT = "DVC counted more files in it than Git holds: Git ignores some, or they were deleted"


def settle(found: Comparison, path: str, locked: Version, at: LockedAt | None) -> Comparison:
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
        return Comparison("unknown", found.here, f"{why}; {at.unknown}")
    if not since:
        return Comparison("same", text(locked))
    changed = f"{_listed(since)} changed since it was locked"
    if path in at.certain:
        return Comparison("different", found.here, changed)
    return Comparison("unknown", found.here, f"{why}; {changed}")


def _listed(paths: tuple[str, ...]) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"`{paths[0]}`{more}"
