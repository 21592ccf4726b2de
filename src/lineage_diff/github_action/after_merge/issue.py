"""Build the issue on what the default branch leaves stale."""

from pathlib import Path

from lineage_diff.app.after_merge.stale_branch import stale_branch
from lineage_diff.errors import NoDvcError
from lineage_diff.forge.github.limits import COMMENT_LIMIT
from lineage_diff.forge.publication import Issue, IssueTarget
from lineage_diff.github_action.step import Step
from lineage_diff.render.after_merge.issue import issue_text, issue_title
from lineage_diff.report.after_merge.stale_branch import StaleBranch
from lineage_diff.report.report import Report, Repository

# Characters for the hidden marker.
_RESERVED = 500


def issue_on(
    branch: str, report: Report, repository: Path, step: Step, checkout: Path
) -> tuple[IssueTarget, Issue]:
    """Check the head of a report by itself, and return the issue on it with its target."""
    environment, inputs = step.environment, step.inputs
    found = _find_stale(report, repository, step, checkout)
    commit = found.report.head.commit
    target = IssueTarget(environment.repository, branch, commit, inputs.id, step.run)
    text = issue_text(found, branch, environment.run_url, COMMENT_LIMIT - _RESERVED)
    return target, Issue(found.state, issue_title(found, inputs.id), text)


def _find_stale(report: Report, repository: Path, step: Step, checkout: Path) -> StaleBranch:
    """Return what is stale at the head; without a DVC project, nothing."""
    inputs, environment = step.inputs, step.environment
    commit = report.head.commit
    try:
        found = stale_branch(repository, commit, inputs.config, inputs.fetch, checkout)
    except NoDvcError:
        return StaleBranch(report)
    return found.of_repository(Repository(environment.repository, environment.server_url))
