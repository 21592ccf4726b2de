"""Compare or check the commits, write the report files, and publish the results."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app.compare import Request, compare_revisions
from lineage_diff.app.result import Comparison
from lineage_diff.app.status import StatusRequest, status_of
from lineage_diff.dvc.problems import as_error
from lineage_diff.errors import InputError, NoDvcError
from lineage_diff.forge.publication import Check, Issue, IssueTarget
from lineage_diff.git.repository import open_repository
from lineage_diff.github_action import messages as texts
from lineage_diff.github_action import publish as publishing
from lineage_diff.github_action.activity import CheckCommit, Compare, NamedRev, OnPullRequest
from lineage_diff.github_action.audit_commit import AuditResult, run_audit
from lineage_diff.github_action.checkout import Commits, Search, checkout_folder, find_commits
from lineage_diff.github_action.images import render_images
from lineage_diff.github_action.outcome import conclude, exit_code, outputs
from lineage_diff.github_action.pr_comment import comment_on
from lineage_diff.github_action.runner.artifacts import (
    COMMENT,
    REPORT,
    SUMMARY,
    output_folder,
    write_files,
    write_nested,
)
from lineage_diff.github_action.runner.git_fetch import Source, temporary_folder
from lineage_diff.github_action.runner.inputs import Inputs
from lineage_diff.github_action.step import Step
from lineage_diff.report.experiments import with_names
from lineage_diff.report.findings import Verdict
from lineage_diff.report.report import (
    Report,
    Repository,
    Revision,
    Tool,
    encode_report,
    storable_report,
)

if TYPE_CHECKING:
    from lineage_diff.dvc.experiments import FoundExperiments


def evaluate(
    activity: Compare | CheckCommit,
    commits: Commits,
    repository: Repository,
    inputs: Inputs,
    checkout: Path,
    experiments: "FoundExperiments | None" = None,
) -> Comparison:
    """Compare or check the commits of the `repository`, which the report names.

    `experiments` are those to choose from, if the configuration asks for them.

    The input `fetch`, or without it the configuration of the base branch, lists what to read from
    DVC's storage, with the cache and local configuration of the `checkout`. Nothing is fetched for
    a fork, whose author could request files of others.

    Without a DVC project in any commit, the report is empty and its verdict neutral, so that a
    required check passes. Raises `InputError` for other bad input.
    """
    try:
        done = _compare_or_check(activity, commits, inputs, checkout, experiments)
    except NoDvcError:
        done = Comparison(_empty_report(activity, commits), (), same_commit=False)
    head = Revision(activity.head.name, done.report.head.commit)
    base = head
    if isinstance(activity, Compare):
        base = Revision(activity.base.name, done.report.base.commit)
    table = with_names(done.report.experiments, base.rev, head.rev)
    report = replace(done.report, repository=repository, base=base, head=head, experiments=table)
    return replace(done, report=report)


def _compare_or_check(
    activity: Compare | CheckCommit,
    commits: Commits,
    inputs: Inputs,
    checkout: Path,
    experiments: "FoundExperiments | None",
) -> Comparison:
    if isinstance(activity, CheckCommit):
        fetch = inputs.fetch or ()
        return status_of(StatusRequest(commits.repository, commits.ids[0], inputs.config, fetch))
    base, head = commits.ids
    of_fork = activity.pull_request is not None and activity.pull_request.fork
    return compare_revisions(
        Request(
            commits.repository,
            base,
            head,
            activity.direct,
            inputs.config,
            fetch=inputs.fetch,
            checkout=checkout,
            tip=commits.tip,
            of_fork=of_fork,
            experiments=experiments,
        )
    )


def _empty_report(activity: Compare | CheckCommit, commits: Commits) -> Report:
    base, head = commits.ids[0], commits.ids[-1]
    direct = isinstance(activity, CheckCommit) or activity.direct
    if not direct:
        base = open_repository(commits.repository).merge_base(base, head)
    return Report(
        tool=Tool("lineage-diff", __version__),
        repository=Repository(None),
        base=Revision(base, base),
        head=Revision(head, head),
        comparison="direct" if direct else "merge-base",
        verdict=Verdict("neutral", 0, 0),
    )


def check_commits(activity: Compare | CheckCommit, step: Step) -> int:
    """Compare or check the commits, publish the results, and return the exit code.

    Files and summary are written before anything is published, so that they exist even if GitHub
    fails or is slow. Raises `InputError` for bad input.
    """
    inputs, console = step.inputs, step.console
    folder = output_folder(step.environment.workspace, inputs.output_dir)
    console.quote(texts.begin(activity))
    try:
        done, audit, exports, issue = _evaluate_and_audit(activity, step)
    except InputError:
        if not isinstance(activity, Compare) or activity.instead is None:
            raise
        return check_commits(activity.instead, step)
    report = storable_report(done.report)
    pictures = render_images(report, inputs.graph)
    summary = texts.summary_text(report, inputs.graph)
    # Without the link to this run: the same commits give the same files.
    comment = texts.comment_text(report, inputs.graph)(None)
    files = {REPORT: encode_report(report), SUMMARY: summary.encode(), COMMENT: comment.encode()}
    write_files(folder, {**files, **pictures, **audit.files})
    write_nested(folder, exports)
    console.group("Report", texts.log_text(report))
    step.summarise(texts.with_notes(summary, texts.remarks(report)))
    step.summarise(audit.summary)
    step.warn(texts.warnings(report))

    on = activity.pull_request if isinstance(activity, Compare) else None
    check = _check(done, on, step) if activity.check and inputs.check else None
    published = publishing.publish(
        step.credentials,
        comment_on(on, report, pictures, step, step.environment.run_url)
        if on is not None and not on.closed
        else None,
        check,
        issue,
    )
    if check is None or any(note.what == "check" for note in published.notes):
        console.commands(texts.workflow_commands(report))
    for problem in done.unreadable:
        console.command("error", str(as_error(problem)))
    notes = texts.note_lines(published.notes, on is not None and on.fork, folder.named(REPORT))
    step.warn(notes)
    step.summarise(texts.with_notes("", notes))
    step.set_outputs(
        outputs(
            done,
            inputs.fail_on,
            comment_url=published.comment_url,
            report_path=folder.named(REPORT),
            summary_path=folder.named(SUMMARY),
            issue_url=published.issue_url,
            stale_targets=None if on is not None and on.fork else report.repro.targets,
        ),
    )
    pages = (published.comment_url, published.issue_url, step.environment.run_url)
    places = [*filter(None, pages), folder.named(REPORT)]
    conclusion = conclude(done, inputs.fail_on)
    console.quote(texts.verdict_text(report, conclusion, inputs.fail_on, places))
    return exit_code(done, inputs.fail_on)


def _evaluate_and_audit(
    activity: Compare | CheckCommit, step: Step
) -> tuple[Comparison, AuditResult, Mapping[str, bytes], tuple[IssueTarget, Issue] | None]:
    environment = step.environment
    source = Source(f"{environment.server_url}/{environment.repository}", step.inputs.github_token)
    on = None
    sides: tuple[NamedRev, ...] = (activity.head,)
    if isinstance(activity, Compare):
        on, sides = activity.pull_request, (activity.base, activity.head)
    search = Search(
        sides,
        merge_base=isinstance(activity, Compare) and not activity.direct,
        pull_request=on.number if on is not None else None,
        base_branch=_base_branch(activity),
    )
    folder = checkout_folder(environment.workspace, step.inputs.working_directory)
    with temporary_folder() as store:
        for_commits = store / "commits"
        for_commits.mkdir()
        commits = find_commits(folder, search, source, for_commits)
        config = step.inputs.config
        # Imported late, as what reads the configuration.
        from lineage_diff.github_action.policy.shared_file import offer_shared_policies

        offer_shared_policies(step, commits.repository, _trusted(activity, commits))
        experiments = None
        if on is not None and not on.fork and not on.closed:
            # Imported late: it reads the configuration, which the step does not need to start.
            from lineage_diff.github_action.runner.experiments import fetch_experiments

            tip = commits.ids[0] if commits.tip is None else commits.tip
            experiments = fetch_experiments(
                commits.repository, commits.ids, tip, config, source, store / "experiments"
            )
        repository = Repository(environment.repository, environment.server_url)
        done = evaluate(activity, commits, repository, step.inputs, folder, experiments)
        audit = run_audit(activity, commits, environment.repository, config)
        exports = _exports(activity, commits, source.url, config)
        issue = None
        if activity.issue is not None:
            # Imported late: most activities keep no issue.
            from lineage_diff.github_action.after_merge.issue import issue_on

            issue = issue_on(activity.issue, done.report, commits.repository, step, folder)
        return done, audit, exports, issue


def _trusted(activity: Compare | CheckCommit, commits: Commits) -> list[str]:
    """Return the commits whose configuration counts: never the head of a change."""
    tip = commits.ids[0] if commits.tip is None else commits.tip
    is_default = activity.issue is not None or bool(activity.export)
    return [tip, commits.ids[-1]] if is_default else [tip]


def _exports(
    activity: Compare | CheckCommit, commits: Commits, address: str, config: str | None
) -> Mapping[str, bytes]:
    if not activity.export:
        return {}
    # Imported late: most activities export nothing.
    from lineage_diff.app.audit.request import AuditRequest
    from lineage_diff.app.export.format_files import export_files
    from lineage_diff.history.reader import open_history

    request = AuditRequest(open_history(commits.repository), commits.ids[-1], config)
    files = export_files(request, activity.export, address)
    return {f"exports/{path}": data for path, data in files.items()}


def _base_branch(activity: Compare | CheckCommit) -> str | None:
    """Return the base branch of the pull request; `None` if the input `base` is set."""
    if not isinstance(activity, Compare) or activity.pull_request is None:
        return None
    base = activity.base
    return base.name if base.name != base.rev else None


def _check(done: Comparison, on: OnPullRequest | None, step: Step) -> Check:
    report, environment = done.report, step.environment
    return Check(
        environment.repository,
        on.head_commit if on is not None else report.head.commit,
        texts.check_name(step.inputs.id),
        step.run,
        conclude(done, step.inputs.fail_on),
        texts.check_title(report),
        texts.check_summary(report, environment.run_url),
        annotations=texts.annotations(report),
        details_url=environment.run_url,
    )
