"""Why a version differs from the one before it, by what the two runs recorded."""

from collections.abc import Iterator
from typing import Any

from lineage_diff.audit.ledger import Entry, Ledger
from lineage_diff.compare.causes import git_kind
from lineage_diff.compare.change import Cause, CauseKind
from lineage_diff.compare.versions import same_version
from lineage_diff.lineage.timeline import Record
from lineage_diff.lineage.version import Version


def step_causes(ledger: Ledger, before: Entry, after: Entry) -> tuple[Cause, ...]:
    """Return the nearest changes that nothing upstream explains, from one version to the next."""
    found: dict[tuple[str, ...], Cause] = {}
    for cause in _causes(ledger, before, after, (), frozenset()):
        found.setdefault((cause.kind, cause.subject, repr(cause.old), repr(cause.new)), cause)
    return tuple(found[key] for key in sorted(found))


def _causes(
    ledger: Ledger, before: Entry, after: Entry, via: tuple[str, ...], above: frozenset[str]
) -> Iterator[Cause]:
    old, new = before.record, after.record
    if old is None or new is None or new.stage in above:
        return
    above |= {new.stage}
    via = (new.stage, *via)
    if new.imported and old.imported and old.imported != new.imported:
        yield _import(old, new)
        return
    if old.stage != new.stage:
        yield Cause("structure", new.stage, "renamed", old.stage, new.stage, via)
    if old.cmd != new.cmd:
        yield Cause("command", new.stage, "modified", _plain(old.cmd), _plain(new.cmd), via)
    for key in sorted(old.params.keys() | new.params.keys()):
        if key not in old.params or key not in new.params:
            yield Cause("structure", key, "added" if key in new.params else "removed", via=via)
        elif old.params[key] != new.params[key]:
            yield Cause("param", key, "modified", old.params[key], new.params[key], via)
    for path in sorted(old.deps.keys() | new.deps.keys()):
        was, now = old.deps.get(path), new.deps.get(path)
        if was is None or now is None:
            yield Cause("structure", path, "added" if was is None else "removed", via=via)
        elif not same_version(was, now):
            yield from _dep(ledger, path, (was, before.point), (now, after.point), via, above)


def _dep(
    ledger: Ledger,
    path: str,
    was: tuple[Version, int],
    now: tuple[Version, int],
    via: tuple[str, ...],
    above: frozenset[str],
) -> Iterator[Cause]:
    old = ledger.maker(path, was[0].hash, was[1])
    new = ledger.maker(path, now[0].hash, now[1])
    farther = (
        list(_causes(ledger, old, new, via, above)) if old is not None and new is not None else []
    )
    if farther:
        yield from farther
        return
    kind: CauseKind = "data" if new is not None or old is not None else git_kind(path)
    yield Cause(
        kind,
        path,
        "modified",
        str(was[0].hash) if was[0].hash else None,
        str(now[0].hash) if now[0].hash else None,
        via,
        size_old=was[0].size,
        size_new=now[0].size,
    )


def _import(old: Record, new: Record) -> Cause:
    was, now = old.imported, new.imported
    subject = next(iter(sorted(new.outs)), new.stage)
    for name in ("rev_lock", "rev", "source", "path", "locked"):
        before, after = _named(getattr(was, name)), _named(getattr(now, name))
        if before != after:
            return Cause("import", subject, "modified", before, after)
    return Cause("import", subject, "modified")


def _named(value: Any) -> Any:
    return str(value.hash) if isinstance(value, Version) else value


def _plain(cmd: Any) -> Any:
    return list(cmd) if isinstance(cmd, tuple) else cmd
