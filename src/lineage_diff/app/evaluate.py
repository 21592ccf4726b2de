"""The shared steps of all use cases: read commits, compare, run the rules, build the report."""

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app import Step, StepName
from lineage_diff.app.opened import Opened
from lineage_diff.app.result import Comparison
from lineage_diff.dvc.lineage_reader import LineageReader
from lineage_diff.git.repository import GitRepository
from lineage_diff.history.reader import HistoryReader
from lineage_diff.history.splices import find_splices
from lineage_diff.lineage.dir_listing import Listing
from lineage_diff.lineage.evidence import CommitState, Evidence, GitContents
from lineage_diff.lineage.history import Splice
from lineage_diff.lineage.lineage import Lineage, Problem, RegistryArtifact
from lineage_diff.lineage.policy import Fetched, Policy
from lineage_diff.report.change import Change, InUse
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.mlflow import NO_RUNS, LinkedRuns
from lineage_diff.report.plots import Drawing
from lineage_diff.report.pushed import PushedOut
from lineage_diff.report.report import Repository, Revision, build_report

if TYPE_CHECKING:
    from lineage_diff.dvc.registry_in_use import InUseReader
    from lineage_diff.dvc.storage.fetcher import Fetcher
    from lineage_diff.freshness.stages import StageFreshness

Lines = Mapping[str, Mapping[str, int]]
ReadCommit = tuple[Lineage, GitContents]
"""A commit without the evidence on its stages."""
_NO_COMMITS: Mapping[str, tuple[str, ...]] = {}
_NOTHING: Mapping[str, Any] = {}
_NO_LISTINGS: tuple[Mapping[str, Listing], Mapping[str, Listing]] = ({}, {})


class Evaluated(Struct, frozen=True):
    """A change, its findings and verdict, and the lineage of the head."""

    change: Change
    head: Lineage
    findings: tuple[Finding, ...]
    verdict: Verdict
    drawings: tuple[Drawing, ...] = ()


def read_states(
    opened: Opened,
    commits: Mapping[StepName, str],
    fetch: Sequence[Fetched],
    trusted: str,
    checkout: str | os.PathLike[str] | None = None,
    step: Step = lambda _: None,
) -> "tuple[tuple[CommitState, ...], Fetcher | None]":
    """Read one or two commits, by the name of their step, with the evidence on their stages.

    `fetch` lists what to read from the storage that the `trusted` commit names, with the cache of
    the `checkout`. Also returns the fetcher, `None` if nothing is fetched.
    """
    read: list[ReadCommit] = []
    for name, commit in commits.items():
        step(name)
        earlier = read[0][0].stages if read else ()
        read.append(opened.reader.read_with_contents(commit, earlier))
    fetcher = None
    if fetch:
        step("fetch")
        fetcher = open_fetcher(opened.repository, commits.values(), trusted, checkout)
    return join_evidence(opened, read, fetch, fetcher), fetcher


def join_evidence(
    opened: Opened,
    read: Sequence[ReadCommit],
    fetch: Sequence[Fetched],
    fetcher: "Fetcher | None",
    base_state: CommitState | None = None,
) -> tuple[CommitState, ...]:
    """Add the evidence to one or two commits; with a `fetcher`, what `fetch` lists.

    `base_state` is the first of two, if its evidence is known and nothing is fetched.
    """
    (base, base_held), (head, head_held) = read[0], read[-1]
    listings = _NO_LISTINGS
    if fetcher is not None:
        if "metrics" in fetch:
            base, head = fetcher.fetch_values(base, head)
        if "listings" in fetch:
            listings = fetcher.fetch_listings(base, head)
    history, reader = opened.history, opened.reader
    since = base.commit if len(read) > 1 else None
    splices = find_splices(history, head, since)
    earlier = None if since is None else base
    state = read_state(history, reader, head, head_held, listings[1], splices, earlier)
    if since is None:
        return (state,)
    if base_state is None or fetcher is not None:
        base_state = read_state(history, reader, base, base_held, listings[0])
    return base_state, state


def open_fetcher(
    repository: GitRepository,
    commits: Iterable[str],
    trusted: str,
    checkout: str | os.PathLike[str] | None,
) -> "Fetcher":
    """Open the storage that the `trusted` commit names, to read files of the commits."""
    # Imported here: most comparisons fetch nothing.
    from lineage_diff.dvc.storage.fetcher import Fetcher
    from lineage_diff.dvc.storage.open import open_storage

    read = tuple(map(repository.snapshot, commits))
    storage = open_storage(repository, repository.snapshot(trusted), read, checkout)
    return Fetcher(storage, storage.roots, repository.limits)


def read_state(
    history: HistoryReader,
    reader: LineageReader,
    lineage: Lineage,
    held: GitContents,
    listings: Mapping[str, Listing] = _NOTHING,
    splices: Mapping[str, Splice] = _NOTHING,
    earlier: Lineage | None = None,
) -> CommitState:
    """Join the evidence on a commit; the history is read only where the rest cannot decide.

    `earlier` is the commit that it is compared with, whose lock entries the change did not write.
    """
    # Imported late: not every command needs freshness.
    from lineage_diff.freshness.undecided import undecided_paths
    from lineage_diff.history.since_locked import changes_since_locked

    # What the commit lists itself is not fetched again, and is the same.
    listings = {**held.listings, **listings}
    undecided = undecided_paths(lineage, held, listings)
    derived = _derived(history, lineage, undecided, listings, earlier) if undecided else {}
    if derived:
        listings = {**listings, **derived}
        undecided = undecided_paths(lineage, held, listings)
    locked_at = changes_since_locked(history, reader, lineage, held, undecided, earlier)
    evidence = Evidence(
        held.contents, held.git_ignored, listings, held.dropped_params, locked_at, splices
    )
    return CommitState(lineage, evidence)


def _derived(
    history: HistoryReader,
    lineage: Lineage,
    undecided: Mapping[str, Sequence[str]],
    listings: Mapping[str, Listing],
    earlier: Lineage | None,
) -> Mapping[str, Listing]:
    """Return the listings around undecided deps that the files of the two commits prove."""
    # Imported late: few commits have such a dep.
    from lineage_diff.dvc.lock.derived_listings import derived_listings

    paths = {path for of_stage in undecided.values() for path in of_stage}
    if earlier is None:
        return derived_listings(lineage.stages, paths, listings)
    before = history.repository.snapshot(earlier.commit)
    return derived_listings(lineage.stages, paths, listings, earlier.stages, before)


def has_written(opened: Opened, state: CommitState, earlier: Lineage) -> bool:
    """Whether the history decides a stage by a lock entry that was written after `earlier`."""
    if not state.evidence.locked_at:
        return False
    # Imported late: few commits have such a stage.
    from lineage_diff.history.since_locked import written_after

    return bool(written_after(opened.history, state, earlier))


def with_earlier_runs(opened: Opened, state: CommitState, earlier: Lineage) -> CommitState:
    """Return a commit that counts lock entries which `earlier` has, too, as written there."""
    # Imported late: not every command needs freshness.
    from lineage_diff.freshness.undecided import undecided_paths
    from lineage_diff.history.since_locked import changes_since_locked, written_after

    names = written_after(opened.history, state, earlier)
    if not names:
        return state
    lineage, evidence = state.lineage, state.evidence
    undecided = undecided_paths(lineage, evidence, evidence.listings)
    asked = {name: undecided[name] for name in names if name in undecided}
    found = changes_since_locked(opened.history, opened.reader, lineage, evidence, asked, earlier)
    return CommitState(lineage, replace(evidence, locked_at={**evidence.locked_at, **found}))


def find_change(
    history: HistoryReader,
    base: CommitState,
    head: CommitState,
    policy: Policy,
    touched: Mapping[str, tuple[str, ...]] = _NO_COMMITS,
    freshness: "Mapping[str, StageFreshness] | None" = None,
) -> tuple[Change, Lines]:
    """Compare two commits; add the commits that last locked stages, and line numbers.

    `touched` and `freshness` are parameters of `diff.lineages.compare`. Also returns the line
    numbers of the values that the change names, by file of the head.
    """
    # To lint needs none of these.
    from lineage_diff.diff.line_numbers import reported_values, with_param_lines
    from lineage_diff.diff.lineages import compare
    from lineage_diff.diff.metrics import losses_in_doubt, with_noise
    from lineage_diff.dvc.value_lines import value_lines
    from lineage_diff.freshness.changed_keys import with_changed_keys
    from lineage_diff.freshness.lock_check import stale_by_lock, with_lock_commits
    from lineage_diff.freshness.repro import repro_advice
    from lineage_diff.history.since_locked import lock_commits

    artifacts, reader = _start_use(history, (base.lineage, head.lineage))
    change = with_changed_keys(compare(base, head, policy, touched, base_freshness=freshness))
    if reader is not None:
        reader.read_on()
    doubts = losses_in_doubt(change, policy)
    if doubts:
        # Imported here: most changes make no metric worse.
        from lineage_diff.history.metric_noise import metric_noise

        change = with_noise(change, metric_noise(history, base.commit, doubts))
    change = with_lock_commits(change, lock_commits(history, head, stale_by_lock(change)))
    lines = value_lines(history.snapshot(head.commit), reported_values(change), policy.limits)
    if reader is not None:
        change = _with_use(change, artifacts, reader)
    change = replace(with_param_lines(change, lines), repro=repro_advice(head.lineage, change))
    return change, lines


def _start_use(
    history: HistoryReader, lineages: Sequence[Lineage]
) -> "tuple[tuple[RegistryArtifact, ...], InUseReader | None]":
    """Start to read which registered versions are in use, if the pipelines name artifacts."""
    artifacts = tuple(artifact for lineage in lineages for artifact in lineage.artifacts)
    if not artifacts:
        return (), None
    # Imported here: without artifacts there are no tags to read.
    from lineage_diff.dvc.registry_in_use import InUseReader
    from lineage_diff.lineage.registry import registered_name

    return artifacts, InUseReader(history.repository, set(map(registered_name, artifacts)))


def _with_use(
    change: Change, artifacts: "Sequence[RegistryArtifact]", reader: "InUseReader"
) -> Change:
    """Add the registered versions that are in use."""
    from lineage_diff.lineage.registry import versions_in_use

    used = versions_in_use(reader.versions(), artifacts)
    models = tuple(
        replace(
            model,
            in_use=tuple(
                InUse(item.version, item.stages, item.tag)
                for item in used.get(model.path) or used.get(model.renamed_from or "") or ()
            ),
        )
        for model in change.models
    )
    return replace(change, models=models)


def evaluate_commit(
    opened: Opened,
    state: CommitState,
    freshness: "Mapping[str, StageFreshness] | None" = None,
    pushed: tuple[PushedOut, ...] = (),
    ask_mlflow: bool = False,
) -> Evaluated:
    """Evaluate one commit by itself: every stale stage is an error, unless the policy differs.

    `freshness` is the freshness of its stages, if known; `pushed` are the versions that were looked
    for in the remote. With `ask_mlflow`, an MLflow server is asked for versions in use.
    """
    from lineage_diff.app.rule_facts import facts_of_commit
    from lineage_diff.rules.engine import check_rules
    from lineage_diff.rules.facts import RuleFacts

    change, lines = find_change(opened.history, state, state, opened.policy, freshness=freshness)
    if ask_mlflow:
        from lineage_diff.app.mlflow_runs import with_mlflow_use

        names = opened.policy.mlflow_commit
        change = with_mlflow_use(change, opened.repository, state.lineage.artifacts, names)
    # There is no earlier commit here, so nothing "was stale before".
    change = replace(
        change,
        models=tuple(replace(model, stale_before=None) for model in change.models),
        stages=tuple(replace(stage, stale_before=None) for stage in change.stages),
        pushed=pushed,
    )
    facts = facts_of_commit(opened.repository, state, opened.config, lines)
    findings, verdict = check_rules(
        change,
        Lineage(state.commit),
        state.lineage,
        _strict(opened.policy),
        "status",
        base_facts=RuleFacts(ignore_comments=facts.ignore_comments),
        head_facts=facts,
    )
    return Evaluated(change, state.lineage, findings, verdict)


def _strict(policy: Policy) -> Policy:
    """Return the policy with the severities of `status`, which has no earlier commit to excuse."""
    from lineage_diff.rules.engine import all_rules

    strict = {rule.name: rule.in_status for rule in all_rules() if rule.in_status is not None}
    return replace(policy, rules={**strict, **policy.rules})


def result_of(
    evaluated: Evaluated,
    repository: Repository,
    base: Revision,
    head: Revision,
    comparison: Literal["merge-base", "direct"] = "direct",
    linked: LinkedRuns = NO_RUNS,
) -> Comparison:
    """Build the report of an evaluation, and list the unreadable files of the head."""
    report = build_report(
        evaluated.change,
        evaluated.findings,
        evaluated.verdict,
        version=__version__,
        repository=repository.name,
        server=repository.server,
        base=base,
        head=head,
        comparison=comparison,
        drawings=evaluated.drawings,
        linked=linked,
    )
    unreadable = unreadable_parts(evaluated.head, evaluated.findings)
    return Comparison(report, unreadable, base.commit == head.commit)


def unreadable_parts(lineage: Lineage, findings: tuple[Finding, ...]) -> tuple[Problem, ...]:
    """Return the problems of a commit's files that are errors by the policy."""
    errors = {(item.rule, item.file, item.line) for item in findings if item.severity == "error"}
    return tuple(
        problem
        for problem in lineage.problems
        if (problem.rule, problem.file, problem.line or 1) in errors
    )
