"""Compare two revisions: read their lineages, compare them, run the rules, build the report."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff.app import Step, StepName
from lineage_diff.app.result import Comparison
from lineage_diff.lineage.policy import Checked, Fetched

if TYPE_CHECKING:
    from lineage_diff.app.experiments.review import Reviewed
    from lineage_diff.app.opened import Opened
    from lineage_diff.dvc.experiments import FoundExperiments
    from lineage_diff.dvc.storage.fetcher import Fetcher
    from lineage_diff.lineage.evidence import CommitState
    from lineage_diff.lineage.lineage import Lineage
    from lineage_diff.report.change import Change
    from lineage_diff.report.plots import Drawing


class Request(Struct, frozen=True):
    """A comparison. Without `base`: the default branch; without `head`: the checked-out commit.

    Unless `direct`, `head` is compared with its merge base with `base`. Configuration, remotes and
    templates come from `base` itself, or from the revision `tip` if the base branch has moved on.
    `config` is the path of the configuration there, `None` for the default path. `fetch` lists what
    to read from DVC's storage and `check` what to ask it for, `None` for the value in the
    configuration. `checkout` is the folder whose cache and `.dvc/config.local` are used for it,
    `None` for the repository's work tree. For the change `of_fork`, the storage is not opened and
    experiments are not looked for. `experiments` are those to choose from if the configuration has
    `experiments`, `None` for those in the refs of the repository.
    """

    repo: str | os.PathLike[str] = "."
    base: str | None = None
    head: str | None = None
    direct: bool = False
    config: str | None = None
    fetch: tuple[Fetched, ...] | None = None
    check: tuple[Checked, ...] | None = None
    checkout: str | os.PathLike[str] | None = None
    tip: str | None = None
    of_fork: bool = False
    experiments: "FoundExperiments | None" = None


class _Pair(Struct, frozen=True):
    """The commits to compare; the head is opened with the policy of the `tip`."""

    opened: "Opened"
    base_rev: str
    base: str
    tip: str


def compare_revisions(request: Request, step: Step = lambda _: None) -> Comparison:
    """Compare two revisions of a repository by their Git objects.

    `step` is called with the name of each step as it starts. Raises `InputError` without a
    repository, merge base or DVC project, for an unknown revision, and for a bad configuration.
    """
    # The Action loads `Request` long before it compares.
    from lineage_diff.app.base_tip import BaseTip, evaluate_change
    from lineage_diff.app.evaluate import find_change, read_states, result_of
    from lineage_diff.app.mlflow_runs import has_mlflow, runs_of_change, with_mlflow_use
    from lineage_diff.app.owners.cards import with_cards
    from lineage_diff.app.repository_name import describe_repository
    from lineage_diff.mlflow.errors import OUT_OF_REACH
    from lineage_diff.report.report import Revision

    step("open")
    pair = _open(request)
    opened, repository = pair.opened, pair.opened.repository
    fetch = opened.policy.fetch if request.fetch is None else request.fetch
    fetch = () if request.of_fork else fetch
    commits: dict[StepName, str] = {"base": pair.base, "head": opened.commit}
    (base, head), fetcher = read_states(opened, commits, fetch, pair.tip, request.checkout, step)
    step("compare")
    touched = _touched(pair)
    change, lines = find_change(opened.history, base, head, opened.policy, touched)
    if has_mlflow():
        step("mlflow")
    between = repository.commits_between(pair.base, opened.commit) if has_mlflow() else ()
    linked = runs_of_change(between, head.lineage, opened.policy.mlflow_commit)
    # A server that is out of reach is asked once.
    if not any(item.reason in OUT_OF_REACH for item in linked.unknowns):
        artifacts = (*base.lineage.artifacts, *head.lineage.artifacts)
        change = with_mlflow_use(change, repository, artifacts, opened.policy.mlflow_commit)
    change = with_cards(
        change, base.lineage, head.lineage, repository.snapshot(pair.tip), opened.policy
    )
    change, drawings = _with_plots(change, pair, base, head, fetcher if "plots" in fetch else None)
    if "pushed" in (opened.policy.check if request.check is None else request.check):
        step("pushed")
        change = _with_pushed(change, pair, base.lineage, head, touched, request)
    step("rules")
    tip = None
    if pair.tip != pair.base:
        tip = BaseTip(opened, pair.tip, fetcher if "listings" in fetch else None)
    evaluated = evaluate_change(opened, change, base, head, lines, tip)
    evaluated = replace(evaluated, drawings=drawings)
    result = result_of(
        evaluated,
        describe_repository(repository, opened.policy),
        Revision(pair.base_rev, pair.base),
        Revision(opened.rev, opened.commit),
        "direct" if request.direct else "merge-base",
        linked,
    )
    if opened.policy.experiments != "none" and not request.of_fork:
        reviewed = _review(pair, request, fetch, step)
        unknowns = (*result.report.unknowns, *reviewed.unknowns)
        report = replace(result.report, experiments=reviewed.table, unknowns=unknowns)
        result = replace(result, report=report)
    if opened.policy.organization is not None and not request.of_fork:
        step("questions")
        result = _with_elsewhere(result, pair, opened.policy.organization)
    return replace(result, trusted=pair.tip)


def _with_elsewhere(result: Comparison, pair: _Pair, url: str) -> Comparison:
    # Imported late: few configurations name an organization.
    from lineage_diff.app.organization.elsewhere import ask_elsewhere
    from lineage_diff.app.repository_name import address_of

    address = address_of(pair.opened.repository, pair.opened.policy)
    answer = ask_elsewhere(url, address.id if address is not None else None, result.report)
    unknowns = (*result.report.unknowns, *answer.unknowns)
    return replace(result, report=replace(result.report, elsewhere=answer.found, unknowns=unknowns))


def _review(pair: _Pair, request: Request, fetch: tuple[Fetched, ...], step: Step) -> "Reviewed":
    # Imported late: few configurations ask for experiments.
    from lineage_diff.app.experiments.review import ReviewRequest, review_experiments
    from lineage_diff.report.report import Revision

    base = Revision(pair.base_rev, pair.base)
    asked = ReviewRequest(base, pair.tip, request.experiments, fetch, request.checkout)
    return review_experiments(pair.opened, asked, step)


def _open(request: Request) -> _Pair:
    from lineage_diff.app.opened import find_commit, open_pair
    from lineage_diff.errors import no_default_branch
    from lineage_diff.history.reader import open_history

    history = open_history(request.repo)
    repository = history.repository
    head_rev = "HEAD" if request.head is None else request.head
    head = find_commit(repository, head_rev, request.config)
    base_rev = repository.default_branch() if request.base is None else request.base
    if base_rev is None:
        raise no_default_branch()
    base = find_commit(repository, base_rev, request.config)
    # The author of a change chooses its merge base, so nothing in that commit is trusted.
    tip = base if request.tip is None else repository.resolve(request.tip)
    if not request.direct:
        base = repository.merge_base(base, head)
    opened = open_pair(history, head_rev, (base, head), tip, request.config, is_change=True)
    return _Pair(opened, base_rev, base, tip)


def _touched(pair: _Pair) -> "dict[str, tuple[str, ...]]":
    from lineage_diff.errors import InputError

    try:
        return dict(pair.opened.repository.touched(pair.base, pair.opened.commit))
    except InputError:
        return {}


def _with_pushed(
    change: "Change",
    pair: _Pair,
    base: "Lineage",
    head: "CommitState",
    touched: Mapping[str, tuple[str, ...]],
    request: Request,
) -> "Change":
    """Look for the versions that the head introduces; not in the remote for a fork's change."""
    from lineage_diff.app.pushed import find_pushed, not_asked

    if request.of_fork:
        return replace(change, pushed=not_asked(pair.opened, base, head.lineage, pair.tip))
    found = find_pushed(pair.opened, base, head, pair.tip, touched, request.checkout)
    return replace(change, pushed=found)


def _with_plots(
    change: "Change",
    pair: _Pair,
    base: "CommitState",
    head: "CommitState",
    fetcher: "Fetcher | None",
) -> "tuple[Change, tuple[Drawing, ...]]":
    """Read the changed plots, with templates of the tip; `fetcher` reads DVC-tracked plots."""
    if not change.plots:
        return change, ()
    from lineage_diff.diff.unknowns import with_unread_plots
    from lineage_diff.dvc.plots.plots import read_plots
    from lineage_diff.dvc.plots.source import PlotSide

    repository = pair.opened.repository
    sides = [PlotSide(repository.snapshot(each.commit), each.lineage) for each in (base, head)]
    if fetcher is not None:
        sides = [fetcher.for_plots(side) for side in sides]
    plots = (plot.id for plot in change.plots)
    tip, limits = repository.snapshot(pair.tip), pair.opened.policy.limits
    drawings = read_plots(sides[0], sides[1], plots, tip, limits)
    return with_unread_plots(change, drawings), drawings
