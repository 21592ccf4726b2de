"""Choose the runs of an export, and yield their facts in the order of the history."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from operator import attrgetter

from msgspec import Struct

from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.audit.metrics import metric_values
from lineage_diff.audit.trace import newest
from lineage_diff.audit.upstream import producers_of
from lineage_diff.catalog.commit_facts import (
    ExportedCommit,
    Selection,
    commit_fact,
    metric_facts,
    models_of_metrics,
)
from lineage_diff.catalog.facts import (
    CommitFact,
    Fact,
    ImportFact,
    InputFact,
    MetricFact,
    OutputFact,
    ParamFact,
    RunFact,
    UnknownFact,
)
from lineage_diff.catalog.identity import run_id
from lineage_diff.catalog.recent_ledger import RecentLedger
from lineage_diff.catalog.run_facts import (
    FindProducers,
    MadeOut,
    RecordedRun,
    kind_of,
    run_facts,
)
from lineage_diff.lineage.graph import reachable
from lineage_diff.lineage.history import CommitInfo, Point, Record
from lineage_diff.lineage.values import ValuesFile
from lineage_diff.lineage.version import Hash, Version

IsModel = Callable[[str], bool]
_Key = tuple[int, str]
_OF_RUN = RunFact | ParamFact | ImportFact | InputFact | OutputFact | MetricFact


class _Found(Struct, frozen=True):
    """A run by its point; `current` if the exported commit has it."""

    point: int
    record: Record
    current: bool


def current_runs(
    head: ExportedCommit,
    ledger: Ledger,
    replaced: Mapping[str, Record],
    is_model: IsModel,
    selected: Selection | None = None,
) -> Iterator[Fact]:
    """Yield the runs in force at the exported commit, the older ones behind them, and metrics.

    `replaced` are the runs, by out, that a merge combined with others. Of selected models, yield
    the runs that made them.
    """
    found = _with_older(ledger, _in_force(ledger, replaced, selected))
    current = {
        path: run_id(head.repository, ledger.points[run.point].id, run.record.stage)
        for run in found.values()
        if run.current and run.record.is_run
        for path in run.record.paths
    }
    metrics: dict[str, list[MetricFact]] = {}
    for fact in metric_facts(head, current, selected):
        if fact.run is None:
            yield fact
        else:
            metrics.setdefault(fact.run, []).append(fact)
    shown = head.commit
    for key in sorted(found):
        run = found[key]
        info = ledger.points[run.point]
        if info.id not in (shown, head.commit):
            shown = info.id
            yield commit_fact(head.repository, info)
        certain = ledger.complete or run.point > 0
        recorded = RecordedRun(head.repository, info.id, certain, run.current, run.record)
        yield from run_facts(recorded, _producers_at(ledger, run.point), is_model)
        yield from metrics.get(recorded.id, ())


def _in_force(
    ledger: Ledger, replaced: Mapping[str, Record], selected: Selection | None
) -> dict[_Key, _Found]:
    if selected is not None:
        entries = (newest(ledger, path) for path in sorted(selected.models))
        return {
            (entry.point, entry.record.stage): _Found(entry.point, entry.record, current=True)
            for entry in entries
            if entry is not None and entry.record is not None
        }
    records = {record.stage: record for _, record in sorted(replaced.items())}
    return {
        (point, stage): _Found(point, records.get(stage, record), current=True)
        for stage, (point, record) in ledger.last.items()
    }


def _with_older(ledger: Ledger, found: dict[_Key, _Found]) -> dict[_Key, _Found]:
    """Add the runs that made what these used, back to the sources."""
    pending = list(found.values())
    while pending:
        run = pending.pop()
        for entry in _producers_of_run(ledger, run):
            if entry.record is None:
                continue
            key = entry.point, entry.record.stage
            if key not in found:
                last = ledger.last.get(entry.record.stage)
                current = last is not None and last[0] == entry.point
                found[key] = _Found(entry.point, entry.record, current)
                pending.append(found[key])
    return found


def _producers_of_run(ledger: Ledger, run: _Found) -> Iterator[LedgerEntry]:
    if run.record.imported is not None:
        return
    for path, version in run.record.deps.items():
        yield from producers_of(ledger, path, version.hash, run.point)
    for file in run.record.run.param_files:
        yield from producers_of(ledger, file, None, run.point)


def _producers_at(ledger: Ledger, point: int) -> FindProducers:
    def producers(path: str, wanted: Hash | None) -> list[MadeOut]:
        return [
            MadeOut(
                ledger.points[entry.point].id,
                record.stage,
                kind_of(record),
                entry.path,
                entry.version or Version(None),
            )
            for entry in producers_of(ledger, path, wanted, point)
            if (record := entry.record) is not None
        ]

    return producers


ReadValues = Callable[[list[tuple[str, str]]], Mapping[tuple[str, str], ValuesFile]]


class Past(Struct, frozen=True):
    """What the runs of a history need of the rest.

    `commits` are those whose runs are exported, `None` for all. `links` are those of the exported
    commit. `read_values` returns values files by commit and path.
    """

    complete: bool
    commits: frozenset[str] | None
    links: Mapping[str, tuple[str, ...]]
    read_values: ReadValues
    is_model: IsModel


def metrics_in_git(head: ExportedCommit) -> frozenset[str]:
    """Return the metrics files whose values the history of a commit has."""
    return frozenset(path for path, file in head.lineage.metrics.items() if not file.cached)


def runs_over_time(
    head: ExportedCommit,
    batches: Iterable[list[Point]],
    past: Past,
    ledger: RecentLedger | None = None,
) -> Iterator[Fact]:
    """Yield the runs that each commit recorded, the oldest commit first.

    The points come in `batches`: their metrics are read together. No point is kept. `ledger` has
    the outs before the first point, if it is not the first of the history.
    """
    ledger = RecentLedger(past.links) if ledger is None else ledger
    measured, files = models_of_metrics(head), metrics_in_git(head)
    certain = past.complete
    for batch in batches:
        values = past.read_values(
            [
                (point.commit.id, path)
                for point in batch
                if _is_wanted(past, point.commit)
                for record in point.new
                for path in record.paths
                if path in files
            ]
        )
        for point in batch:
            ledger.apply(point)
            if _is_wanted(past, point.commit):
                yield from _runs_of(head, point, certain, ledger, past, values, measured)
            certain = True


def facts_of_models(runs: Callable[[], Iterable[Fact]], outs: Container[str]) -> Iterator[Fact]:
    """Yield those of the facts of a history that are about models.

    These are all runs that made a version of one of the outs, the runs behind these, and what is
    unknown. `runs` yields the facts of `runs_over_time`; it is called twice.
    """
    wanted = _runs_of_outs(runs(), outs)
    commit: CommitFact | None = None
    for fact in runs():
        if isinstance(fact, CommitFact):
            commit = fact
        elif isinstance(fact, UnknownFact) or (isinstance(fact, _OF_RUN) and fact.run in wanted):
            if (
                commit is not None
                and isinstance(fact, RunFact | UnknownFact)
                and fact.commit == commit.commit
            ):
                yield commit
                commit = None
            yield fact


def _runs_of_outs(facts: Iterable[Fact], outs: Container[str]) -> frozenset[str]:
    producers: dict[str, list[str]] = {}
    wanted: list[str] = []
    for fact in facts:
        if isinstance(fact, InputFact) and fact.made_by is not None:
            producers.setdefault(fact.run, []).append(fact.made_by)
        elif isinstance(fact, OutputFact) and fact.path in outs:
            wanted.append(fact.run)
    return frozenset(reachable(wanted, lambda run: producers.get(run, ())))


_stage_of = attrgetter("stage")


def _is_wanted(past: Past, info: CommitInfo) -> bool:
    return past.commits is None or info.id in past.commits


def _runs_of(
    head: ExportedCommit,
    point: Point,
    certain: bool,
    ledger: RecentLedger,
    past: Past,
    values: Mapping[tuple[str, str], ValuesFile],
    measured: Mapping[str, tuple[str, ...]],
) -> Iterator[Fact]:
    repository, commit = head.repository, point.commit.id
    if commit != head.commit and (point.new or point.unreadable):
        yield commit_fact(repository, point.commit)
    for file in point.unreadable:
        yield UnknownFact(
            repository=repository, commit=commit, subject=file.file, reason=file.message
        )

    for record in sorted(point.new, key=_stage_of):
        run = RecordedRun(repository, commit, certain, None, record)
        yield from run_facts(run, ledger.producers, past.is_model)
        if values and record.is_run:
            yield from _metrics_of(run, values, measured)


def _metrics_of(
    run: RecordedRun,
    values: Mapping[tuple[str, str], ValuesFile],
    measured: Mapping[str, tuple[str, ...]],
) -> Iterator[MetricFact]:
    for file in sorted(run.record.paths):
        if (run.commit, file) not in values:
            continue
        for found in metric_values([values[run.commit, file]]):
            yield MetricFact(
                repository=run.repository,
                commit=run.commit,
                run=run.id,
                file=file,
                key=found.key,
                value=found.value,
                models=measured.get(file, ()),
            )
