"""Read several revisions, compare each with the first, and put all into one table."""

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from lineage_diff.app import Step
from lineage_diff.app.evaluate import ReadCommit, join_evidence, open_fetcher, read_state
from lineage_diff.app.opened import Opened
from lineage_diff.config.ignore_comments import read_ignore_comments
from lineage_diff.diff.lineages import compare
from lineage_diff.diff.metrics import losses_in_doubt, with_noise
from lineage_diff.errors import InputError
from lineage_diff.experiments.revision import Measured, MetricKey, measure
from lineage_diff.experiments.table import build_table, noisy_keys
from lineage_diff.freshness.changed_keys import with_changed_keys
from lineage_diff.history.metric_noise import metric_noise
from lineage_diff.lineage.code_usage import IgnoreComment
from lineage_diff.lineage.evidence import CommitState
from lineage_diff.lineage.lineage import Lineage
from lineage_diff.lineage.policy import Fetched
from lineage_diff.report.change import Change, MetricNoise, Unknown
from lineage_diff.report.experiments import ExperimentTable
from lineage_diff.report.report import Revision
from lineage_diff.rules.engine import find_some, select_findings
from lineage_diff.rules.facts import RuleFacts
from lineage_diff.rules.rule import Context

if TYPE_CHECKING:
    from lineage_diff.dvc.storage.fetcher import Fetcher

RULES = frozenset(("metric-limit", "metric-missing", "metric-regressed", "stale-model"))
"""The rules on what the table shows. The others are those of a comparison."""


class TableRequest(Struct, frozen=True):
    """The revisions of a table, the baseline first, and how to read them.

    `fetch` lists what to read from the storage that the `trusted` commit names, with the cache of
    the `checkout`. `omitted` counts experiments that were left out. If `lenient`, a revision that
    cannot be read is listed as unknown, unless it is the baseline. The first `leading` are no
    experiments.
    """

    revisions: tuple[Revision, ...]
    trusted: str
    fetch: tuple[Fetched, ...] = ()
    checkout: str | os.PathLike[str] | None = None
    omitted: int = 0
    lenient: bool = False
    leading: int = 1


def read_table(opened: Opened, request: TableRequest, step: Step) -> ExperimentTable:
    """Return the table. The policy is that of `opened`, whose repository has all the commits.

    Raises `InputError` for a commit that cannot be read, unless the request is lenient.
    """
    noise = _Noise(opened, request.revisions[0].commit)
    unknowns: list[Unknown] = []
    measured = list(_measure_all(opened, request, noise, unknowns, step))
    return build_table(
        measured,
        opened.policy,
        noise.of(noisy_keys(measured, opened.policy)),
        request.omitted,
        tuple(unknowns),
        request.leading,
    )


class _Noise:
    """Looks up the noise of each metric once, in the history of the baseline."""

    def __init__(self, opened: Opened, commit: str) -> None:
        self._history, self._commit = opened.history, commit
        self._found: dict[MetricKey, MetricNoise | None] = {}

    def of(self, asked: Sequence[MetricKey]) -> Mapping[MetricKey, MetricNoise]:
        """Return the noise of metrics by file and key, without those that have no history."""
        new = [key for key in asked if key not in self._found]
        self._found.update(dict.fromkeys(new))
        if new:
            self._found.update(metric_noise(self._history, self._commit, new))
        known = {key: self._found[key] for key in asked}
        return {key: noise for key, noise in known.items() if noise is not None}


class _Baseline(Struct, frozen=True):
    """The first revision, read once. `state` is without what is fetched for each of the others."""

    read: ReadCommit
    state: CommitState
    comments: tuple[IgnoreComment, ...]


def _read_baseline(opened: Opened, commit: str) -> _Baseline:
    read = opened.reader.read_with_contents(commit)
    state = read_state(opened.history, opened.reader, *read)
    return _Baseline(read, state, _comments(opened, read[0]))


def _measure_all(
    opened: Opened, request: TableRequest, noise: _Noise, unknowns: list[Unknown], step: Step
) -> Iterator[Measured]:
    step("base")
    baseline = _read_baseline(opened, request.revisions[0].commit)
    ids = [revision.commit for revision in request.revisions]
    fetcher = None
    if request.fetch:
        fetcher = open_fetcher(opened.repository, ids, request.trusted, request.checkout)
    for number, revision in enumerate(request.revisions):
        step("head")
        # Each revision is dropped before the next is read: a large one takes much memory.
        try:
            yield _measure_one(opened, request, revision, noise, baseline, fetcher)
        except InputError as error:
            if not (request.lenient and number):
                raise
            unknowns.append(Unknown(revision.rev, str(error)))


def _measure_one(
    opened: Opened,
    request: TableRequest,
    revision: Revision,
    noise: _Noise,
    baseline: _Baseline,
    fetcher: "Fetcher | None",
) -> Measured:
    lineage = baseline.read[0]
    pair = baseline.read, baseline.read
    if revision.commit != lineage.commit:
        read = opened.reader.read_with_contents(revision.commit, lineage.stages)
        pair = baseline.read, read
    base, head = join_evidence(opened, pair, request.fetch, fetcher, baseline.state)
    change = with_changed_keys(compare(base, head, opened.policy))
    change = with_noise(change, noise.of(losses_in_doubt(change, opened.policy)))
    shown = head.lineage
    if fetcher is not None and "metrics" in request.fetch:
        # A comparison of two does not read a file that both have in one version.
        shown = fetcher.fetch_values(Lineage(revision.commit), shown)[1]
    return _measure(revision, opened, (base, head), change, baseline.comments, shown)


def _measure(
    revision: Revision,
    opened: Opened,
    states: tuple[CommitState, CommitState],
    change: Change,
    comments: tuple[IgnoreComment, ...],
    shown: Lineage,
) -> Measured:
    base, head = states
    context = Context(
        change,
        base.lineage,
        head.lineage,
        opened.policy,
        RuleFacts(evidence=base.evidence, ignore_comments=comments),
        RuleFacts(evidence=head.evidence, ignore_comments=_comments(opened, head.lineage)),
    )
    findings, verdict = select_findings(context, find_some(context, RULES))
    return measure(revision, shown, change, findings, verdict)


def _comments(opened: Opened, lineage: Lineage) -> tuple[IgnoreComment, ...]:
    try:
        return read_ignore_comments(opened.repository.snapshot(lineage.commit), lineage)
    except InputError:
        return ()
