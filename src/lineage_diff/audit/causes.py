"""Causes of the difference between two successive versions, from their recorded runs."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from lineage_diff.audit.ledger import Ledger, LedgerEntry
from lineage_diff.audit.upstream import prepend_stage, producers_of
from lineage_diff.diff.causes import git_kind
from lineage_diff.freshness.changed_keys import Visits, keys_or_whole
from lineage_diff.lineage.graph import ancestors
from lineage_diff.lineage.history import Record
from lineage_diff.lineage.version import Hash, Version, hash_text, same_version
from lineage_diff.report.reasons import Cause, CauseKind

_Made = tuple[str, Version, Version]


def step_causes(ledger: Ledger, before: LedgerEntry, after: LedgerEntry) -> tuple[Cause, ...]:
    """Return the root causes of the change from one version to the next."""
    found: dict[tuple[str, ...], Cause] = {}
    for cause in _causes(ledger, before, after):
        found.setdefault((cause.kind, cause.subject, repr(cause.old), repr(cause.new)), cause)
    return tuple(found[key] for key in sorted(found))


def _causes(ledger: Ledger, before: LedgerEntry, after: LedgerEntry) -> Iterator[Cause]:
    """Compare two runs, and the changed upstream runs of both, each pair once."""
    pending: list[tuple[LedgerEntry, LedgerEntry, tuple[str, ...]]] = [(before, after, ())]
    seen = {(id(before), id(after))}
    for old, new, below in pending:
        if old.record is None or new.record is None:
            continue
        via = prepend_stage(new.record.stage, below)
        params = _made_params(ledger, old, new)
        yield from _own(old.record, new.record, via, params)
        for path, was, now in (
            *_changed_deps(old.record, new.record),
            *dict.fromkeys(params.values()),
        ):
            was_made = _producer(ledger, path, was.hash, old.point)
            now_made = _producer(ledger, path, now.hash, new.point)
            if was_made is not None and now_made is not None and _differ(was_made, now_made):
                pair = id(was_made), id(now_made)
                if pair not in seen:
                    seen.add(pair)
                    pending.append((was_made, now_made, via))
                    continue
                if now_made.record is None or now_made.record.stage not in via:
                    continue
            tracked = was_made is not None or now_made is not None
            yield _of_dep(path, was, now, "data" if tracked else git_kind(path), via)


def _producer(ledger: Ledger, path: str, wanted: Hash | None, point: int) -> LedgerEntry | None:
    """Return the entry that made a dep, or the folder around it, also behind links."""
    for at in (path, *ledger.links.get(path, ())):
        found = ledger.producer(at, wanted, point)
        around = (ledger.at(folder, point) for folder in ancestors(at))
        found = found or next((entry for entry in around if entry is not None), None)
        if found is not None:
            return found
    return None


def _differ(old: LedgerEntry, new: LedgerEntry) -> bool:
    """Whether two runs record a difference that explains their different versions."""
    if old.record is None or new.record is None:
        return False
    own = next(_own(old.record, new.record, ()), None)
    return own is not None or next(_changed_deps(old.record, new.record), None) is not None


def _made_params(ledger: Ledger, old: LedgerEntry, new: LedgerEntry) -> Mapping[str, _Made]:
    """Return the producing out of each changed params file, with its two versions, by file.

    Files that no run made, and those with the same version in both runs, are left out.
    """
    if old.record is None or new.record is None:
        return {}
    was, now = old.record.run.param_files, new.record.run.param_files
    found: dict[str, _Made] = {}
    for file in sorted(was.keys() & now.keys()):
        if was[file] == now[file]:
            continue
        before = next(iter(producers_of(ledger, file, None, old.point)), None)
        after = next(iter(producers_of(ledger, file, None, new.point)), None)
        if before is None or after is None or before.path != after.path:
            continue
        versions = before.version or Version(None), after.version or Version(None)
        if not same_version(*versions):
            found[file] = after.path, *versions
    return found


def _own(
    old: Record, new: Record, via: tuple[str, ...], made: Collection[str] = ()
) -> Iterator[Cause]:
    """Yield the differences of two runs, except those of dep versions.

    `made` are the params files that other runs wrote: the causes of their values are upstream.
    """
    if _imports(old, new):
        yield _import(old, new)
        return
    if old.stage != new.stage:
        yield Cause("structure", new.stage, "renamed", old.stage, new.stage, via)
    was, now, visits = old.run, new.run, Visits()
    if was.cmd != now.cmd:
        yield Cause("command", new.stage, "modified", _plain(was.cmd), _plain(now.cmd), via)
    if was.params != now.params:
        for key in sorted(was.params.keys() | now.params.keys()):
            if key not in was.params or key not in now.params:
                yield Cause("structure", key, "added" if key in now.params else "removed", via=via)
            elif was.params[key] != now.params[key] and not any(
                key.startswith(f"{file}:") for file in made
            ):
                for item in keys_or_whole(was.params[key], now.params[key], visits, key):
                    yield Cause("param", item.subject, item.change, item.old, item.new, via)
    for path in sorted(was.deps.keys() ^ now.deps.keys()):
        yield Cause("structure", path, "added" if path in now.deps else "removed", via=via)


def _changed_deps(old: Record, new: Record) -> Iterator[tuple[str, Version, Version]]:
    if _imports(old, new):
        return
    was, now = old.run.deps, new.run.deps
    for path in sorted(was.keys() & now.keys()):
        if not same_version(was[path], now[path]):
            yield path, was[path], now[path]


def _of_dep(path: str, was: Version, now: Version, kind: CauseKind, via: tuple[str, ...]) -> Cause:
    return Cause(
        kind,
        path,
        "modified",
        hash_text(was),
        hash_text(now),
        via,
        size_old=was.size,
        size_new=now.size,
    )


def _imports(old: Record, new: Record) -> bool:
    """Whether both are imports and differ; then the import is the only cause."""
    was, now = old.run.imported, new.run.imported
    return bool(now and was and was != now)


def _import(old: Record, new: Record) -> Cause:
    was, now = old.imported, new.imported
    subject = next(iter(sorted(new.outs)), new.stage)
    for name in ("rev_lock", "rev", "source", "path", "locked"):
        before, after = _as_list(getattr(was, name)), _as_list(getattr(now, name))
        if before != after:
            return Cause("import", subject, "modified", before, after)
    return Cause("import", subject, "modified")


def _as_list(value: Any) -> Any:
    return str(value.hash) if isinstance(value, Version) else value


def _plain(cmd: Any) -> Any:
    return list(cmd) if isinstance(cmd, tuple) else cmd
