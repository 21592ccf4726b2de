"""How every evaluation begins and ends: open and read commits; then rules, verdict and report."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from msgspec import Struct
from msgspec.structs import replace

from lineage_diff import __version__
from lineage_diff.app.result import Comparison, Step
from lineage_diff.config.loader import PATHS, read_policy
from lineage_diff.dvc.lineage_reader import LineageReader, has_project
from lineage_diff.dvc.project import is_read_from_disk
from lineage_diff.errors import no_dvc
from lineage_diff.git.repository import GitRepository, open_repository
from lineage_diff.git.snapshot import Snapshot
from lineage_diff.history.reader import HistoryReader
from lineage_diff.history.splices import with_splices
from lineage_diff.limits import Limits
from lineage_diff.lineage.lineage import Lineage, Problem
from lineage_diff.lineage.policy import Fetched, Policy
from lineage_diff.report.change import Change
from lineage_diff.report.findings import Finding, Verdict
from lineage_diff.report.mlflow import NO_RUNS, LinkedRuns
from lineage_diff.report.plots import Drawing
from lineage_diff.report.report import Revision, build_report
from lineage_diff.rules.rule_names import rule_names

if TYPE_CHECKING:
    from lineage_diff.dvc.storage.fetcher import Fetcher
    from lineage_diff.freshness.stages import StageFreshness

# What a change's judge excuses with a warning is what `status` is asked for.
_STALENESS = ("stale-model", "stale-stage", "unlocked-stage")
Lines = Mapping[str, Mapping[str, int]]
_NO_COMMITS: Mapping[str, tuple[str, ...]] = {}


class Opened(Struct, frozen=True):
    """A repository, and the commit to evaluate. `rev` is its name in a person's words.

    `policy` is the one that counts, `config` the path of the configuration inside a commit, `None`
    for the usual place.
    """

    history: HistoryReader
    reader: LineageReader
    rev: str
    commit: str
    config: str | None
    policy: Policy

    @property
    def repository(self) -> GitRepository:
        """The repository that the history is read from."""
        return self.history.repository

    @property
    def files(self) -> Snapshot:
        """The files of the commit."""
        return self.repository.snapshot(self.commit)


class OpenedFiles(Struct, frozen=True):
    """The files on disk, or those staged: `name` says which they are."""

    repository: GitRepository
    name: str
    files: Snapshot

    def read(self, limits: Limits) -> Lineage:
        """Read their lineage within these limits."""
        return LineageReader(_OneSnapshot(self.files), limits).read(self.files.commit)


class Evaluated(Struct, frozen=True):
    """What there is to say of a change, and the head that it leads to."""

    change: Change
    head: Lineage
    findings: tuple[Finding, ...]
    verdict: Verdict
    drawings: tuple[Drawing, ...] = ()


class _OneSnapshot(Struct, frozen=True):
    """A repository of a single snapshot, for the reader."""

    files: Snapshot

    def snapshot(self, commit: str) -> Snapshot:
        """Return the snapshot, whatever is asked for."""
        return self.files


def open_commit(history: HistoryReader, rev: str | None, config: str | None) -> Opened:
    """Open a commit whose own configuration counts; no `rev` means the one checked out.

    Raises `InputError` for an unknown revision, a bad configuration, and where there is no DVC.
    """
    rev = "HEAD" if rev is None else rev
    commit = history.repository.resolve(rev)
    return open_pair(history, rev, (commit,), commit, config)


def open_pair(
    history: HistoryReader, rev: str, commits: Sequence[str], trusted: str, config: str | None
) -> Opened:
    """Open commits of which `rev` names the last one; the policy is that of a `trusted` commit.

    Raises `InputError` for a bad configuration, and where none of the commits has DVC in it.
    """
    repository = history.repository
    # Before anything is listed: it may raise the bounds on that.
    policy = read_policy(policy_files(repository, trusted, config), config, rule_names)
    history = history.with_limits(policy.limits)
    repository = history.repository
    if not any(has_project(repository.snapshot(commit)) for commit in commits):
        raise no_dvc(rev)
    reader = LineageReader(repository, policy.limits)
    return Opened(history, reader, rev, commits[-1], config, policy)


def policy_files(repository: GitRepository, commit: str, config: str | None) -> Snapshot:
    """Return the files of a commit that its configuration is read from: all where it is named."""
    return repository.snapshot(commit) if config is not None else repository.files_at(commit, PATHS)


def open_files(repo: str | os.PathLike[str], staged: bool = False) -> OpenedFiles:
    """Open the files on disk, or those staged.

    Raises `InputError` where there is no work tree, and where there is no DVC.
    """
    repository = open_repository(repo)
    files = repository.index() if staged else repository.files_on_disk(is_read_from_disk)
    name = "index" if staged else "work tree"
    if not has_project(files):
        raise no_dvc(name)
    return OpenedFiles(repository, name, files)


def read_lineages(
    opened: Opened,
    commits: Mapping[str, str],
    fetch: Sequence[Fetched],
    trusted: str,
    checkout: str | os.PathLike[str] | None = None,
    step: Step = lambda _: None,
) -> "tuple[tuple[Lineage, ...], Fetcher | None]":
    """Read one or two commits, each under the name of its step, with what the history decides.

    `fetch` is what is read from the storage that the `trusted` commit names, with the cache of the
    `checkout`; returned is what fetches more of it, `None` where nothing is to be fetched.
    """
    lineages: tuple[Lineage, ...] = ()
    for name, commit in commits.items():
        step(name)
        lineages += (opened.reader.read(commit),)
    fetcher = None
    if fetch:
        from lineage_diff.dvc.storage.open import open_fetcher

        step("fetch")
        repository = opened.repository
        read = tuple(repository.snapshot(commit) for commit in commits.values())
        fetcher = open_fetcher(repository, repository.snapshot(trusted), read, checkout)
        lineages = fetcher.fill(lineages[0], lineages[-1], fetch)[: len(lineages)]
    *others, last = (with_history(opened.history, opened.reader, each) for each in lineages)
    since = others[0].commit if others else None
    return (*others, with_splices(opened.history, last, since)), fetcher


def with_history(history: HistoryReader, reader: LineageReader, lineage: Lineage) -> Lineage:
    """Return the lineage with what the history tells of stages that the commit cannot decide."""
    # Not every question to the history asks how fresh something is.
    from lineage_diff.freshness.undecided import undecided_paths
    from lineage_diff.history.since_locked import changes_since_locked

    undecided = undecided_paths(lineage)
    if not undecided:
        return lineage
    locked_at = changes_since_locked(history, reader, lineage, undecided)
    return replace(lineage, locked_at=locked_at)


def find_change(
    history: HistoryReader,
    base: Lineage,
    head: Lineage,
    policy: Policy,
    touched: Mapping[str, tuple[str, ...]] = _NO_COMMITS,
    freshness: "Mapping[str, StageFreshness] | None" = None,
) -> tuple[Change, Lines]:
    """Compare two commits, with the commits that last locked stages, and with line numbers.

    `touched` and `freshness` are those of `diff.lineages.compare`. Returns, by file of the head,
    the lines of the values that the change names as well.
    """
    # To lint needs none of these.
    from lineage_diff.diff.line_numbers import values_told, with_param_lines
    from lineage_diff.diff.lineages import compare
    from lineage_diff.dvc.value_lines import value_lines
    from lineage_diff.freshness.lock_commits import stale_by_lock, with_lock_commits
    from lineage_diff.freshness.repro import repro_advice
    from lineage_diff.history.since_locked import lock_commits

    change = compare(base, head, policy, touched, judged=freshness)
    change = with_lock_commits(change, lock_commits(history, head, stale_by_lock(change)))
    lines = value_lines(history.snapshot(head.commit), values_told(change), policy.limits)
    change = replace(with_param_lines(change, lines), repro=repro_advice(head, change))
    return change, lines


def evaluate_commit(
    opened: Opened,
    lineage: Lineage,
    freshness: "Mapping[str, StageFreshness] | None" = None,
) -> Evaluated:
    """Evaluate one commit by itself: everything stale is an error, unless the policy says not so.

    `freshness` is that of its stages, where it is known.
    """
    from lineage_diff.app.rule_facts import facts_of_commit
    from lineage_diff.rules.engine import judge
    from lineage_diff.rules.facts import RuleFacts

    change, lines = find_change(
        opened.history, lineage, lineage, opened.policy, freshness=freshness
    )
    # Nothing is older than this commit here, so nothing "was stale before".
    change = replace(
        change,
        models=tuple(replace(model, stale_before=None) for model in change.models),
        stages=tuple(replace(stage, stale_before=None) for stage in change.stages),
    )
    facts = facts_of_commit(opened.repository, lineage, opened.config, lines)
    findings, verdict = judge(
        change,
        Lineage(lineage.commit),
        lineage,
        _strict(opened.policy),
        "status",
        base_facts=RuleFacts(silences=facts.silences),
        head_facts=facts,
    )
    return Evaluated(change, lineage, findings, verdict)


def _strict(policy: Policy) -> Policy:
    return replace(policy, rules={**dict.fromkeys(_STALENESS, "error"), **policy.rules})


def result_of(
    evaluated: Evaluated,
    repository: GitRepository,
    base: Revision,
    head: Revision,
    comparison: Literal["merge-base", "direct"] = "direct",
    linked: LinkedRuns = NO_RUNS,
) -> Comparison:
    """Return the report of an evaluation, with what is unreadable in the head."""
    report = build_report(
        evaluated.change,
        evaluated.findings,
        evaluated.verdict,
        version=__version__,
        repository=repository.remote_name(),
        base=base,
        head=head,
        comparison=comparison,
        drawings=evaluated.drawings,
        linked=linked,
    )
    unreadable = unreadable_parts(evaluated.head, evaluated.findings)
    return Comparison(report, unreadable, base.commit == head.commit)


def unreadable_parts(lineage: Lineage, findings: tuple[Finding, ...]) -> tuple[Problem, ...]:
    """Return the problems of a commit's files that the policy holds for errors."""
    errors = {(item.rule, item.file, item.line) for item in findings if item.severity == "error"}
    return tuple(
        problem
        for problem in lineage.problems
        if (problem.rule, problem.file, problem.line or 1) in errors
    )
