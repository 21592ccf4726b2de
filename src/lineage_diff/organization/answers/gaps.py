"""What no answer can see: repositories that are not indexed, not as a whole, or not readable."""

from collections.abc import Collection, Iterator

from lineage_diff.organization.answers.engine import Engine
from lineage_diff.report.organization.answers import OrganizationUnknown

GAPS = 100
"""Gaps named in one answer; the others are counted."""

_HEADS = "LEFT JOIN repositories r ON u.repository = r.repository AND u.commit = r.head"


def gaps(
    engine: Engine, *, with_history: bool = True, of: Collection[str] | None = None
) -> Iterator[OrganizationUnknown]:
    """Yield what the tables lack, for all repositories: also files that cannot be read.

    `with_history`: those of earlier commits, too. `of`: of these repositories' files alone.
    """
    unread = [*_unreadable_now(engine), *(_unreadable_then(engine) if with_history else ())]
    found = [
        *_not_indexed(engine),
        *_shallow(engine),
        *(item for item in unread if of is None or item.repository in of),
    ]
    yield from found[:GAPS]
    if len(found) > GAPS:
        reason = f"{len(found) - GAPS:,} more gaps like these are not named"
        yield OrganizationUnknown(None, "repositories", reason)


def _not_indexed(engine: Engine) -> Iterator[OrganizationUnknown]:
    stored = {
        str(row["repository"]) for row in engine.rows("SELECT DISTINCT repository FROM generations")
    }
    for row in engine.rows(
        "SELECT s.source_repository AS name, COUNT(DISTINCT s.repository) AS n FROM sources s "
        "LEFT JOIN repositories r ON s.source_repository = r.repository "
        "WHERE s.source_repository IS NOT NULL AND r.repository IS NULL "
        "GROUP BY s.source_repository ORDER BY s.source_repository"
    ):
        count = int(row["n"])
        who = "1 repository imports" if count == 1 else f"{count:,} repositories import"
        what = "its last indexed commit has no DVC project"
        if row["name"] not in stored:
            what = "it is not indexed"
        yield OrganizationUnknown(row["name"], "repository", f"{what}, and {who} from it")
    rows = engine.rows(
        "SELECT repository, COUNT(*) AS n FROM sources WHERE kind = 'repo' "
        "AND source_repository IS NULL GROUP BY repository ORDER BY repository"
    )
    for row in rows:
        reason = "its imports from a path on a disk cannot be joined with a repository"
        yield OrganizationUnknown(row["repository"], "imports", reason)


def _shallow(engine: Engine) -> Iterator[OrganizationUnknown]:
    for row in engine.rows(
        "SELECT repository FROM repositories WHERE NOT complete ORDER BY repository"
    ):
        reason = "its clone was shallow: runs before its oldest commit are not known"
        yield OrganizationUnknown(row["repository"], "history", reason)


def _unreadable_now(engine: Engine) -> Iterator[OrganizationUnknown]:
    """Yield the first file of each indexed commit that cannot be read; the others are counted."""
    rows = engine.rows(
        "SELECT u.repository, MIN(u.subject) AS subject, MIN(u.reason) AS reason, "
        f"COUNT(DISTINCT u.subject) AS n FROM unknowns u {_HEADS} "
        "WHERE r.repository IS NOT NULL GROUP BY u.repository ORDER BY u.repository"
    )
    for row in rows:
        others = int(row["n"]) - 1
        more = f", nor can {others:,} more" if others else f": {row['reason']}"
        reason = f"it cannot be read at the indexed commit{more}"
        yield OrganizationUnknown(row["repository"], row["subject"], reason)


def _unreadable_then(engine: Engine) -> Iterator[OrganizationUnknown]:
    """Yield, for each repository, the number of files that earlier commits made unreadable."""
    rows = engine.rows(
        "SELECT repository, COUNT(*) AS n FROM ("
        f"SELECT DISTINCT u.repository, u.commit, u.subject FROM unknowns u {_HEADS} "
        "WHERE u.commit IS NOT NULL AND r.repository IS NULL"
        ") found GROUP BY repository ORDER BY repository"
    )
    for row in rows:
        count = int(row["n"])
        files = "a DVC file of an earlier commit"
        if count > 1:
            files = f"{count:,} DVC files of earlier commits"
        reason = f"{files} cannot be read: what was recorded there is not known"
        yield OrganizationUnknown(row["repository"], "history", reason)
