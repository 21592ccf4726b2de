"""Where one version of a model came from.

Where one model of a commit came from, with all that the commit itself tells of it.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import chain

from msgspec import Struct

from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.audit.upstream import Used, used_by
from lineage_diff.diff.causes import git_kind
from lineage_diff.freshness.stages import StageFreshness
from lineage_diff.lineage.history import CommitInfo, Record
from lineage_diff.lineage.models import Model
from lineage_diff.lineage.outputs import Made
from lineage_diff.lineage.version import same_version
from lineage_diff.report.answers import Input, InputKind, MetricValue, ParamUsed, RunStep, Trace
from lineage_diff.report.change import Side, side


class ProvenanceRun(Struct, frozen=True):
    """A run behind a version; `path` is the out by which it was found, `entry` where it is."""

    path: str
    record: Record
    entry: LedgerEntry


class Behind(Struct, frozen=True):
    """All that a version came from: what was used, the nearest first, and the runs by stage."""

    used: tuple[Used, ...]
    runs: Mapping[str, ProvenanceRun]


def behind(ledger: Ledger, path: str, entry: LedgerEntry) -> Behind:
    """Return all that a version of a path came from, its own run first."""
    used = tuple(used_by(ledger, entry))
    runs: dict[str, ProvenanceRun] = {}
    for made_path, made in chain([(path, entry)], ((one.path, one.made) for one in used)):
        record = made.record if made is not None else None
        if made is not None and record is not None and record.is_run:
            runs.setdefault(record.stage, ProvenanceRun(made_path, record, made))
    return Behind(used, runs)


def runs_behind(ledger: Ledger, found: Behind) -> tuple[RunStep, ...]:
    """Return the runs behind a version, its own first."""
    return tuple(_run_step(ledger, run) for run in found.runs.values())


def _run_step(ledger: Ledger, run: ProvenanceRun) -> RunStep:
    record = run.record
    out = run.path if run.path in ledger.entries else min(record.outs)
    return RunStep(
        record.stage,
        list(record.cmd) if isinstance(record.cmd, tuple) else record.cmd,
        tuple(sorted(record.deps)),
        tuple(sorted(record.outs)),
        ledger.commit(ledger.since(out, run.entry)),
    )


def inputs_behind(ledger: Ledger, found: Behind) -> tuple[Input, ...]:
    """Return the sources of a version: what no run made. By kind and path."""
    inputs = {
        (used.path, str(used.version.hash)): _input(ledger, found.runs, used)
        for used in found.used
        if used.made is None or used.made.record is None or not used.made.record.is_run
    }
    return tuple(sorted(inputs.values(), key=lambda item: (item.kind, item.path)))


def params_behind(ledger: Ledger, found: Behind) -> tuple[ParamUsed, ...]:
    """Return the params that the runs behind a version took, by key."""
    params: dict[tuple[str, str], ParamUsed] = {}
    for stage, run in found.runs.items():
        for key, value in run.record.params.items():
            since = _row(ledger, run, partial(_has_param, key, value))
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
    """Return since when the stage that uses it has recorded this version."""
    if run is None:
        return None

    def holds(other: Record) -> bool:
        return used.path in other.deps and same_version(other.deps[used.path], used.version)

    return _row(ledger, run, holds)


def _row(ledger: Ledger, run: ProvenanceRun, holds: Callable[[Record], bool]) -> CommitInfo | None:
    """Return the first commit of the unbroken row of the stage's records for which it holds."""
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
_NOTHING = Behind((), {})


def newest(ledger: Ledger, path: str) -> LedgerEntry | None:
    """Return what the last commit of a ledger says of a path."""
    return ledger.at(path, len(ledger.points) - 1)


def model_trace(
    ledger: Ledger,
    commit: str,
    path: str,
    model: Model | None,
    made: Made | None,
    freshness: StageFreshness | None,
    metrics: tuple[MetricValue, ...],
) -> Trace:
    """Trace a path at the last commit of the ledger, `made` by a stage or a `.dvc` file.

    A model inside of a folder that is an out came from where the folder did. One that Git itself
    tracks has no run behind it.
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
    judged = freshness or _UNKNOWN
    found = behind(ledger, out, entry) if entry is not None else _NOTHING
    return Trace(
        path=path,
        name=model.name if model is not None else None,
        commit=commit,
        stage=record.stage if record is not None else stage,
        identified_by=model.identified_by if model is not None else None,
        version=version,
        made=ledger.commit(ledger.since(out, entry)) if entry is not None else None,
        freshness=judged.freshness,
        reasons=judged.reasons,
        runs=runs_behind(ledger, found),
        inputs=inputs_behind(ledger, found),
        params=params_behind(ledger, found),
        metrics=metrics,
    )
