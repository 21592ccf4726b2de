"""The whole way from two revisions to a Report: read, compare, judge, report."""

import os
from collections.abc import Callable

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.lineage.lineage import Lineage, Problem
from lineage_diff.lineage.policy import Fetched
from lineage_diff.report.findings import Finding
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Report

Step = Callable[[str], None]


class Request(Struct, frozen=True):
    """What to compare. No `base` means the default branch; no `head` the commit checked out.

    Unless `direct`, what is compared with `head` is its merge base with `base`. What is trusted is
    `base` itself, or the revision `tip` where the base branch has moved on: its configuration, its
    remotes, its templates. `config` is the path of the configuration there, `None` for the usual
    place. `fetch` is what is read from
    DVC's storage, `None` for what the configuration says; `checkout` the folder whose cache and
    `.dvc/config.local` are used then, `None` for the repository's own work tree.
    """

    repo: str | os.PathLike[str] = "."
    base: str | None = None
    head: str | None = None
    direct: bool = False
    config: str | None = None
    fetch: tuple[Fetched, ...] | None = None
    checkout: str | os.PathLike[str] | None = None
    tip: str | None = None


class Comparison(Struct, frozen=True):
    """A report, and the head's problems that the policy holds for errors: bad input."""

    report: Report
    unreadable: tuple[Problem, ...]
    same_commit: bool


def compare_revisions(request: Request, step: Step = lambda _: None) -> Comparison:
    """Compare two revisions of a repository by their Git objects.

    `step` is told the name of each step as it begins. Raises `InputError` for what ends a run:
    no repository, an unknown revision, no merge base, no DVC, a bad configuration.
    """
    from lineage_diff.app.base_tip import BaseTip, judge_at_tip, policy_files
    from lineage_diff.app.mlflow_runs import has_mlflow, runs_of_change
    from lineage_diff.app.rule_facts import with_facts
    from lineage_diff.config.loader import read_policy
    from lineage_diff.diff.line_numbers import values_told, with_param_lines
    from lineage_diff.diff.lineages import compare
    from lineage_diff.diff.unknowns import with_unread_plots
    from lineage_diff.dvc.lineage_reader import LineageReader, has_project
    from lineage_diff.dvc.value_lines import value_lines
    from lineage_diff.errors import InputError, no_default_branch, no_dvc
    from lineage_diff.freshness.lock_commits import stale_by_lock, with_lock_commits
    from lineage_diff.git.repository import open_repository
    from lineage_diff.history.since_locked import lock_commits, with_history
    from lineage_diff.history.splices import with_splices
    from lineage_diff.report.report import Revision, build_report
    from lineage_diff.rules.rule import Context
    from lineage_diff.rules.rule_names import rule_names

    step("open")
    repository = open_repository(request.repo)
    head_rev = "HEAD" if request.head is None else request.head
    head_commit = repository.resolve(head_rev)
    base_rev = repository.default_branch() if request.base is None else request.base
    if base_rev is None:
        raise no_default_branch()
    base_commit = repository.resolve(base_rev)
    # Whoever writes the change chooses where it starts: nothing of that commit is believed.
    tip_commit = base_commit if request.tip is None else repository.resolve(request.tip)
    if not request.direct:
        base_commit = repository.merge_base(base_commit, head_commit)

    # Before anything is listed: it may raise the bounds on that.
    trusted = policy_files(repository, tip_commit, request.config)
    policy = read_policy(trusted, request.config, rule_names)
    base_files, head_files = repository.snapshot(base_commit), repository.snapshot(head_commit)
    if not has_project(base_files) and not has_project(head_files):
        raise no_dvc(head_rev)
    reader = LineageReader(repository)
    step("base")
    base = reader.read(base_commit)
    step("head")
    head = reader.read(head_commit)
    fetch = policy.fetch if request.fetch is None else request.fetch
    if fetch:
        from lineage_diff.dvc.storage.open import open_fetcher

        step("fetch")
        tip_files = repository.snapshot(tip_commit)
        fetcher = open_fetcher(repository, tip_files, (base_files, head_files), request.checkout)
        base, head = fetcher.fill(base, head, fetch)
    base = with_history(repository, reader, base)
    head = with_splices(repository, with_history(repository, reader, head), base_commit)
    step("compare")
    try:
        touched = repository.touched(base_commit, head_commit)
    except InputError:
        touched = {}
    change = compare(base, head, policy, touched)
    change = with_lock_commits(change, lock_commits(repository, head, stale_by_lock(change)))
    head = replace(head, value_lines=value_lines(head_files, values_told(change)))
    change = with_param_lines(change, head.value_lines)
    drawings: tuple[Drawing, ...] = ()
    if change.plots:
        from lineage_diff.dvc.plots.plots import read_plots
        from lineage_diff.dvc.plots.source import PlotSide

        plots = (plot.id for plot in change.plots)
        sides = [PlotSide(base_files, base), PlotSide(head_files, head)]
        if "plots" in fetch:
            sides = [fetcher.for_plots(side) for side in sides]
        drawings = read_plots(sides[0], sides[1], plots, repository.snapshot(tip_commit))
        change = with_unread_plots(change, drawings)
    step("judge")
    base, head = with_facts(repository, base, head, request.config)

    def fill(tip: Lineage) -> Lineage:
        listings = tuple(what for what in fetch if what == "listings")
        return fetcher.fill(tip, head, listings)[0] if listings else tip

    tip = None
    if tip_commit != base_commit:
        tip = BaseTip(repository, reader, tip_commit, request.config, fill)
    change, findings, verdict = judge_at_tip(Context(change, base, head, policy), tip)
    commits = repository.commits_between(base_commit, head_commit) if has_mlflow() else ()
    report = build_report(
        change,
        findings,
        verdict,
        version=__version__,
        repository=repository.remote_name(),
        base=Revision(base_rev, base_commit),
        head=Revision(head_rev, head_commit),
        comparison="direct" if request.direct else "merge-base",
        drawings=drawings,
        linked=runs_of_change(commits, head, policy.mlflow_commit),
    )
    return Comparison(report, unreadable_parts(head, findings), base_commit == head_commit)


def unreadable_parts(lineage: Lineage, findings: tuple[Finding, ...]) -> tuple[Problem, ...]:
    """Return the problems of a commit's files that the policy holds for errors."""
    errors = {(item.rule, item.file, item.line) for item in findings if item.severity == "error"}
    return tuple(
        problem
        for problem in lineage.problems
        if (problem.rule, problem.file, problem.line or 1) in errors
    )
