"""Parts of an answer from the rows of an engine."""

from datetime import datetime

from lineage_diff.organization.answers.engine import Found
from lineage_diff.organization.answers.subject import in_utc
from lineage_diff.report.organization.answers import RecordedIn


def recorded_in(row: Found) -> RecordedIn:
    """Return the commit of a row with `commit`, `date`, and perhaps author and pull request."""
    return RecordedIn(
        str(row["commit"]), iso_time(row.get("date")), row.get("author"), row.get("pull_request")
    )


def iso_time(date: datetime | None) -> str | None:
    """Return a time in ISO 8601, in UTC, to the second."""
    return in_utc(date).isoformat(timespec="seconds") if date is not None else None
