"""Trace the provenance of a model version: runs, inputs and params."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain

from msgspec import Struct

from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.audit.upstream import Used, used_by
from lineage_diff.diff.causes import git_kind
from lineage_diff.freshness.changed_keys import Visits, expand_reasons
from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.lineage.history import CommitInfo, Record
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.outputs import TrackedOutput
from lineage_diff.lineage.version import Version, same_version
from lineage_diff.report.answers import (
    Input,
    InputKind,
    MetricValue,
    ParamUsed,
    RecordedFile,
    RunStep,
    Trace,
)
from lineage_diff.report.change import Side, side


class ProvenanceRun(Struct, frozen=True):
    """An upstream run of a version; `path` is the out by which it was found, `entry` its entry."""

    path: str
    record: Record
    entry: LedgerEntry


class Provenance(Struct, frozen=True):
    """All upstream inputs of a version, nearest first, and its runs by stage."""

    used: tuple[Used, ...]
    runs: Mapping[str, ProvenanceRun]


def provenance(ledger: Ledger, path: str, entry: LedgerEntry) -> Provenance:
    """Return the provenance of a version of a path, its own run first."""
    used = tuple(used_by(ledger, entry))
    runs: dict[str, ProvenanceRun] = {}
    for made_path, made in chain([(path, entry)], ((one.path, one.made) for one in used)):
        record = made.record if made is not None else None
        if made is not None and record is not None and record.is_run:
            runs.setdefault(record.stage, ProvenanceRun(made_path, record, made))
    return Provenance(used, runs)


class RecordedFiles:
    """The deps and outs of the runs of a ledger; traces share those of one run, and its step."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[tuple[RecordedFile, ...], tuple[RecordedFile, ...]]] = {}
        self._steps: dict[tuple[int, str | None], RunStep] = {}

    def step(self, record: Record, made: CommitInfo | None) -> RunStep:
        """Return a run that made its outs in a commit: of all models below it, the same object."""
        key = id(record), made.id if made is not None else None
        if key not in self._steps:
            command = list(record.cmd) if isinstance(record.cmd, tuple) else record.cmd
            self._steps[key] = RunStep(record.stage, command, *self.of(record), made)
        return self._steps[key]

    def of(self, record: Record) -> tuple[tuple[RecordedFile, ...], tuple[RecordedFile, ...]]:
        """Return the deps and the outs of a run, each sorted by path."""
        if id(record) not in self._known:
            self._known[id(record)] = _recorded(record.deps), _recorded(record.outs)
        return self._known[id(record)]


def runs_behind(ledger: Ledger, found: Provenance, files: RecordedFiles) -> tuple[RunStep, ...]:
    """Return the runs of a version's provenance, its own first."""
    return tuple(_run_step(ledger, run, files) for run in found.runs.values())


def _run_step(ledger: Ledger, run: ProvenanceRun, files: RecordedFiles) -> RunStep:
    record = run.record
    out = run.path if run.path in ledger.entries else min(record.outs)
    return files.step(record, ledger.commit(ledger.run_since(out, run.entry, record)))


def _recorded(versions: Mapping[str, Version]) -> tuple[RecordedFile, ...]:
    return tuple(RecordedFile(path, side(versions[path])) for path in sorted(versions))


def inputs_behind(ledger: Ledger, found: Provenance) -> tuple[Input, ...]:
    """Return the sources of a version, which no run made, sorted by kind and path."""
    inputs = {
        (used.path, str(used.version.hash)): _input(ledger, found.runs, used)
        for used in found.used
        if used.made is None or used.made.record is None or not used.made.record.is_run
    }
    return tuple(sorted(inputs.values(), key=lambda item: (item.kind, item.path)))


def params_behind(ledger: Ledger, found: Provenance) -> tuple[ParamUsed, ...]:
    """Return the params that the runs of a version's provenance used, sorted by key."""
    params: dict[tuple[str, str], ParamUsed] = {}
    for stage, run in found.runs.items():
        for key, value in run.record.params.items():
            since = _first_commit_with(ledger, run, partial(_has_param, key, value))
            params[key, stage] = ParamUsed(key, value, stage, since)
    return tuple(params[key] for key in sorted(params))


def _has_param(key: str, value: object, record: Record) -> bool:
    return key in record.params and bool(record.params[key] == value)


def _input(ledger: Ledger, runs: Mapping[str, ProvenanceRun], used: Used) -> Input:
    record = used.made.record if used.made is not None else None
    if used.made is None or record is None:
        return Input(
            _kind(used.path),
            used.path,
            side(used.version),
            _used_since(ledger, runs.get(used.via[0]), used),
            via=used.via,
        )
    kind: InputKind = "data"
    source = rev = None
    if record.imported is not None:
        kind, source = "import", record.imported.source
        rev = record.imported.rev_lock or record.imported.rev
    out = used.path if used.path in record.outs else min(record.outs, default=used.path)
    version = record.outs.get(out, used.version)
    since = ledger.commit(ledger.since(out, used.made)) if out in ledger.entries else None
    return Input(kind, out, side(version), since, source, rev, used.via)


def _kind(path: str) -> InputKind:
    kind = git_kind(path)
    return kind if kind in ("data", "environment") else "code"


def _used_since(ledger: Ledger, run: ProvenanceRun | None, used: Used) -> CommitInfo | None:
    """Return the commit from which on the stage that uses it has recorded this version."""
    if run is None:
        return None

    def holds(other: Record) -> bool:
        return used.path in other.deps and same_version(other.deps[used.path], used.version)

    return _first_commit_with(ledger, run, holds)


def _first_commit_with(
    ledger: Ledger, run: ProvenanceRun, holds: Callable[[Record], bool]
) -> CommitInfo | None:
    """Return the first commit of the latest uninterrupted run of records that satisfy `holds`.

    `None` if the history is truncated before it, or the stage has no out.
    """
    out = min(run.record.outs, default=None)
    if out is None:
        return None
    first = run.entry
    entries: Iterable[LedgerEntry] = reversed(ledger.entries.get(out, ()))
    for other in entries:
        if other.point > run.entry.point:
            continue
        if other.record is None or not holds(other.record):
            break
        first = other
    return ledger.commit(first)


_UNKNOWN = StageFreshness("unknown")
_NOTHING = Provenance((), {})


def newest(ledger: Ledger, path: str) -> LedgerEntry | None:
    """Return the entry of a path at the last commit of a ledger."""
    return ledger.at(path, len(ledger.points) - 1)


def model_trace(
    ledger: Ledger,
    commit: str,
    path: str,
    model: Model | None,
    made: TrackedOutput | None,
    freshness: StageFreshness | None,
    metrics: tuple[MetricValue, ...],
    files: RecordedFiles,
) -> Trace:
    """Trace a path at the last commit of the ledger, `made` by a stage or a `.dvc` file.

    A model inside a folder out has the provenance of the folder. One that Git tracks has no run.
    """
    out = made.out.path if made is not None else path
    entry = newest(ledger, out)
    version = Side(None)
    if entry is not None and out == path:
        version = side(entry.version)
    elif made is not None and out == path:
        version = side(made.version)
    record = entry.record if entry is not None else None
    stage = made.stage.id if made is not None and not made.stage.is_dvcfile else None
    state = freshness or _UNKNOWN
    found = provenance(ledger, out, entry) if entry is not None else _NOTHING
    return Trace(
        path=path,
        name=model.name if model is not None else None,
        commit=commit,
        stage=record.stage if record is not None else stage,
        identified_by=model.identified_by if model is not None else None,
        version=version,
        made=ledger.commit(ledger.since(out, entry)) if entry is not None else None,
        freshness=state.freshness,
        reasons=expand_reasons(state.reasons, Visits()),
        runs=runs_behind(ledger, found, files),
        inputs=inputs_behind(ledger, found),
        params=params_behind(ledger, found),
        metrics=metrics,
    )
