"""What a run by hand or by the clock tells of a commit's history: files and a summary."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.errors import NoDvcError
from lineage_diff.github_action.activity import Compare, Judge
from lineage_diff.github_action.checkout import Commits
from lineage_diff.render.options import ShowOptions
from lineage_diff.report.json_codec import storable_audit
from lineage_diff.report.report import Repository

# Beside what the summary says of the commit itself GitHub takes 1 MiB in all.
SUMMARY_BYTES = 300_000
FILES = ("audit.json", "audit.md", "audit.html", "versions.csv")


class Audited(Struct, frozen=True):
    """Files by their names, and the Markdown of the summary; nothing of either without an audit."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    summary: str = ""


def audited(activity: Compare | Judge, commits: Commits, name: str, config: str | None) -> Audited:
    """Ask the history of the repository `name` what the activity wants to know.

    Raises `InputError` for a model or data that it does not hold.
    """
    asked = activity.audit if isinstance(activity, Judge) else None
    if asked is None:
        return Audited()
    # Saves what only an audit needs, for every pull request.
    from lineage_diff.app.audit.questions import Subjects, audit
    from lineage_diff.history.reader import open_history
    from lineage_diff.render.audit_text import audit_markdown
    from lineage_diff.render.formats import formats_by_suffix
    from lineage_diff.render.rendering import render_audit

    rev = commits.ids[0] if asked.pinned else None
    subjects = Subjects(asked.models, asked.data, asked.since)
    try:
        report = audit(AuditRequest(open_history(commits.repository), rev, config), subjects)
    except NoDvcError:
        return Audited()
    report = storable_audit(replace(report, repository=Repository(name)))
    formats, options = formats_by_suffix("audit"), ShowOptions()
    return Audited(
        {file: render_audit(formats[Path(file).suffix], report, options) for file in FILES},
        audit_markdown(report, SUMMARY_BYTES),
    )
