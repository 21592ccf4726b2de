"""From commits that were found to a report, in the words of the event that named them."""

from dataclasses import replace
from pathlib import Path

from lineage_diff.action.activity import Compare, Judge
from lineage_diff.action.checkout import Commits
from lineage_diff.comparison import Comparison
from lineage_diff.report.provenance import Repository, Revision
from lineage_diff.report.report import Report


def judged(
    activity: Compare | Judge, commits: Commits, name: str, config: str | None, checkout: Path
) -> Comparison:
    """Compare or judge the commits of the repository `name`, which is `owner/name`.

    The cache and the local configuration of the `checkout` count where the base branch
    asks to fetch. For a fork nothing is fetched: whoever made it could ask for what others keep.

    Where no commit holds anything of DVC, the report is empty and its verdict neutral: a required
    check passes. Raises `InputError` for other bad input.
    """
    from lineage_diff.read.errors import NoDvcError

    try:
        done = _judged(activity, commits, config, checkout)
    except NoDvcError:
        done = Comparison(_nothing_of_dvc(activity, commits), (), same_commit=False)
    head = Revision(activity.head.name, done.report.head.commit)
    base = head
    if isinstance(activity, Compare):
        base = Revision(activity.base.name, done.report.base.commit)
    report = replace(done.report, repository=Repository(name), base=base, head=head)
    return replace(done, report=report)


def _judged(
    activity: Compare | Judge, commits: Commits, config: str | None, checkout: Path
) -> Comparison:
    if isinstance(activity, Judge):
        from lineage_diff.status import StatusRequest, status_of

        return status_of(StatusRequest(commits.repository, commits.ids[0], config))
    from lineage_diff.comparison import Request, compare_revisions

    base, head = commits.ids
    of_fork = activity.pull_request is not None and activity.pull_request.fork
    return compare_revisions(
        Request(
            commits.repository,
            base,
            head,
            activity.direct,
            config,
            fetch=() if of_fork else None,
            checkout=checkout,
            tip=commits.tip,
        )
    )


def _nothing_of_dvc(activity: Compare | Judge, commits: Commits) -> Report:
    from lineage_diff import __version__
    from lineage_diff.judge.finding import Verdict
    from lineage_diff.report.provenance import Tool

    base, head = commits.ids[0], commits.ids[-1]
    direct = isinstance(activity, Judge) or activity.direct
    if not direct:
        from lineage_diff.read.git import open_repository

        base = open_repository(commits.repository).merge_base(base, head)
    return Report(
        tool=Tool("lineage-diff", __version__),
        repository=Repository(None),
        base=Revision(base, base),
        head=Revision(head, head),
        comparison="direct" if direct else "merge-base",
        verdict=Verdict("neutral", 0, 0),
    )
