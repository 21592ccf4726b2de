"""The audit of a manual or scheduled run: its files and its summary."""

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from lineage_diff.app.audit.request import AuditRequest
from lineage_diff.errors import NoDvcError
from lineage_diff.github_action.activity import CheckCommit, Compare
from lineage_diff.github_action.checkout import Commits
from lineage_diff.render.options import ShowOptions
from lineage_diff.report.audit_report import storable_audit
from lineage_diff.report.report import Repository

# The summary has other parts as well, and GitHub's limit for all of it is 1 MiB.
SUMMARY_BYTES = 300_000
FILES = ("audit.json", "audit.md", "audit.html", "versions.csv")


class AuditResult(Struct, frozen=True):
    """The files by name, and the Markdown of the summary; both empty without an audit."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    summary: str = ""


def run_audit(
    activity: Compare | CheckCommit, commits: Commits, name: str, config: str | None
) -> AuditResult:
    """Run the audit of the activity, if any, on the repository `name`.

    Raises `InputError` for an unknown model or unknown data.
    """
    asked = activity.audit if isinstance(activity, CheckCommit) else None
    if asked is None:
        return AuditResult()
    # Imported late: pull requests need no audit.
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
        return AuditResult()
    report = storable_audit(replace(report, repository=Repository(name)))
    formats, options = formats_by_suffix("audit"), ShowOptions()
    return AuditResult(
        {file: render_audit(formats[Path(file).suffix], report, options) for file in FILES},
        audit_markdown(report, SUMMARY_BYTES),
    )
