"""Where one version of a model came from."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain

from lineage_diff.audit.answers import Input, InputKind, ParamUsed, RunStep
from lineage_diff.audit.ledger import Entry, Ledger
from lineage_diff.audit.upstream import Used, used_by
from lineage_diff.compare.causes import git_kind
from lineage_diff.compare.versions import same_version, side
from lineage_diff.lineage.timeline import CommitInfo, Record


def runs_behind(ledger: Ledger, path: str, entry: Entry) -> tuple[RunStep, ...]:
    """Return the runs behind a version, its own first."""
    found: dict[str, RunStep] = {}
    makers = chain([(path, entry)], ((used.path, used.made) for used in used_by(ledger, entry)))
    for made_path, made in makers:
        record = made.record if made is not None else None
        if made is None or record is None or not record.is_run or record.stage in found:
            continue
        out = made_path if made_path in ledger.entries else min(record.outs)
        found[record.stage] = RunStep(
            record.stage,
            list(record.cmd) if isinstance(record.cmd, tuple) else record.cmd,
            tuple(sorted(record.deps)),
            tuple(sorted(record.outs)),
            ledger.commit(ledger.since(out, made)),
        )
    return tuple(found.values())


def inputs_behind(ledger: Ledger, entry: Entry) -> tuple[Input, ...]:
    """Return the sources of a version: what no run made. By kind and path."""
    found = {
        (used.path, str(used.version.hash)): _input(ledger, entry, used)
        for used in used_by(ledger, entry)
        if used.made is None or used.made.record is None or not used.made.record.is_run
    }
    return tuple(sorted(found.values(), key=lambda item: (item.kind, item.path)))


def params_behind(ledger: Ledger, entry: Entry) -> tuple[ParamUsed, ...]:
    """Return the params that the runs behind a version took, by key."""
    found: dict[tuple[str, str], ParamUsed] = {}
    for record, at in _records(ledger, entry):
        for key, value in record.params.items():
            since = _row(ledger, record, at, partial(_has_param, key, value))
            found.setdefault((key, record.stage), ParamUsed(key, value, record.stage, since))
    return tuple(found[key] for key in sorted(found))


def _records(ledger: Ledger, entry: Entry) -> Iterator[tuple[Record, Entry]]:
    seen: set[str] = set()
    makers = chain([entry], (used.made for used in used_by(ledger, entry)))
    for made in makers:
        record = made.record if made is not None else None
        if made is None or record is None or not record.is_run or record.stage in seen:
            continue
        seen.add(record.stage)
        yield record, made


def _has_param(key: str, value: object, record: Record) -> bool:
    return key in record.params and bool(record.params[key] == value)


def _input(ledger: Ledger, entry: Entry, used: Used) -> Input:
    record = used.made.record if used.made is not None else None
    if used.made is None or record is None:
        return Input(
            _kind(used.path),
            used.path,
            side(used.version),
            _used_since(ledger, entry, used),
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


def _used_since(ledger: Ledger, entry: Entry, used: Used) -> CommitInfo | None:
    """Return since when the stage that uses it has recorded this version."""
    for record, at in _records(ledger, entry):
        if record.stage == used.via[0]:
            return _row(
                ledger,
                record,
                at,
                lambda other: (
                    used.path in other.deps and same_version(other.deps[used.path], used.version)
                ),
            )
    return None


def _row(
    ledger: Ledger, record: Record, at: Entry, holds: Callable[[Record], bool]
) -> CommitInfo | None:
    """Return the first commit of the unbroken row of the stage's records for which it holds."""
    out = min(record.outs, default=None)
    if out is None:
        return None
    first = at
    entries: Iterable[Entry] = reversed(ledger.entries.get(out, ()))
    for other in entries:
        if other.point > at.point:
            continue
        if other.record is None or not holds(other.record):
            break
        first = other
    return ledger.commit(first)
